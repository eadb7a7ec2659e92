"""Pages of plans."""

from django.urls import path

from gonghe.apps.plans import views, views_scenarios

app_name = "plans"
urlpatterns = [
    path("", views.index, name="index"),
    path("calls/<uuid:call_id>/", views.propose, name="propose"),
    path("orders/<uuid:order_id>/what-if/", views.what_if, name="what_if"),
    path("orders/<uuid:order_id>/scenarios/", views_scenarios.scenarios, name="scenarios"),
    path("orders/<uuid:order_id>/scenarios/<uuid:job_id>/adopt/", views_scenarios.adopt, name="adopt"),
    path("work/<uuid:job_id>/", views.working, name="working"),
    path("work/<uuid:job_id>/done/", views.worked, name="worked"),
    path("<uuid:plan_id>/", views.plan, name="plan"),
    path("<uuid:plan_id>/accept/", views.accept, name="accept"),
    path("<uuid:plan_id>/answer/", views.answer, name="answer"),
    path("<uuid:plan_id>/again/", views.again, name="again"),
    path("<uuid:plan_id>/try/", views.try_move, name="try"),
    path("<uuid:plan_id>/move/", views.move, name="move"),
]
