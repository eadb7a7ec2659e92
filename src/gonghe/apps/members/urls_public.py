"""Pages for those who are not in yet."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from gonghe.apps.members import views_public as views

app_name = "members"
urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign_in"),
    path("sign-in/<str:token>/", views.sign_in_by_link, name="sign_in_link"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
    path("join/<str:token>/", views.join, name="join"),
]
