"""Pages of technology."""

from django.urls import path

from gonghe.apps.technology import views

app_name = "technology"
urlpatterns = [
    path("", views.index, name="index"),
    path("capabilities/add/", views.choose, name="choose"),
    path("capabilities/add/<slug:process>/", views.add, name="add"),
    path("capabilities/<uuid:capability_id>/", views.edit, name="edit"),
    path("capabilities/<uuid:capability_id>/remove/", views.remove, name="remove"),
]
