"""Where everything is found. Pages of members live under `/o/<slug>/`."""

from django.urls import include, path

from gonghe.api import api

STATIONS = ("members", "technology", "capacity", "orders", "market", "plans", "workshop")
handler400 = "gonghe.web.views.bad_request"
handler403 = "gonghe.web.views.forbidden"
handler404 = "gonghe.web.views.not_found"
handler500 = "gonghe.web.views.server_error"

urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/", api.urls),
    path("", include("gonghe.apps.members.urls_public")),
    path("", include("gonghe.apps.capacity.urls_public")),
    *(path(f"o/<slug:slug>/{station}/", include(f"gonghe.apps.{station}.urls")) for station in STATIONS),
    path("", include("gonghe.web.urls")),
]
