"""Pages of members, inside one organisation."""

from django.urls import URLPattern

app_name = "organization"
urlpatterns: list[URLPattern] = []
