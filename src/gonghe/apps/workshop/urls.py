"""Pages of workshop."""

from django.urls import path

from gonghe.apps.workshop import views, views_handing, views_times

app_name = "workshop"
urlpatterns = [
    path("", views.index, name="index"),
    path("times/", views_times.times, name="times"),
    path("wall/", views.wall, name="wall"),
    path("operator/", views.operator, name="operator"),
    path("operator/<uuid:equipment_id>/", views.operator, name="machine"),
    path("operator/<uuid:equipment_id>/repaired/", views.repaired, name="repaired"),
    path("jobs/<uuid:job_id>/", views.job, name="job"),
    path("jobs/<uuid:job_id>/start/", views.start, name="start"),
    path("jobs/<uuid:job_id>/pause/", views.pause, name="pause"),
    path("jobs/<uuid:job_id>/report/", views.report, name="report"),
    path("jobs/<uuid:job_id>/finish/", views.finish, name="finish"),
    path("jobs/<uuid:job_id>/more/", views.make_more, name="more"),
    path("jobs/<uuid:job_id>/breakdown/", views.breakdown, name="breakdown"),
    path("jobs/<uuid:job_id>/help/", views.call_for_help, name="help"),
    path("send/<uuid:operation_id>/", views_handing.send, name="send"),
    path("handovers/", views_handing.handovers, name="handovers"),
    path("handovers/<uuid:handover_id>/", views_handing.handover, name="handover"),
    path("handovers/<uuid:handover_id>/receive/", views_handing.receive, name="receive"),
    path("orders/<uuid:order_id>/settlement/", views_handing.settlement, name="settlement"),
    path("orders/<uuid:order_id>/agree/", views_handing.agree, name="agree"),
]
