"""Pages that compose several apps, the live feed and job progress."""

from django.urls import path

from gonghe.web import feed, order_page, orders_page, search, today, views

app_name = "web"
urlpatterns = [
    path("", views.start, name="start"),
    path("o/<slug:slug>/", today.today, name="today"),
    path("o/<slug:slug>/orders/", orders_page.index, name="orders"),
    path("o/<slug:slug>/orders/<uuid:order_id>/", order_page.order, name="order"),
    path("o/<slug:slug>/search/", search.search, name="search"),
    path("o/<slug:slug>/feed/", feed.stream, name="feed"),
    path("o/<slug:slug>/jobs/<uuid:job_id>/", views.job, name="job"),
    path("o/<slug:slug>/jobs/<uuid:job_id>/cancel/", views.cancel_job, name="cancel_job"),
    path("o/<slug:slug>/jobs/<uuid:job_id>/stop/", views.stop_job, name="stop_job"),
]
