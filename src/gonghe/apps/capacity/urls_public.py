"""Pages of firms for everyone."""

from django.urls import path

from gonghe.apps.capacity import views_public as views

app_name = "public"
urlpatterns = [
    path("firms/", views.firms, name="firms"),
    path("firms/<slug:firm>/", views.firm, name="firm"),
    path("robots.txt", views.robots, name="robots"),
]
