"""Pages of market."""

from django.urls import path

from gonghe.apps.market import views

app_name = "market"
urlpatterns = [
    path("", views.index, name="index"),
    path("key/", views.key_holder, name="key_holder"),
    path("new/<uuid:order_id>/", views.new_call, name="new_call"),
    path("<uuid:call_id>/", views.call, name="call"),
    path("<uuid:call_id>/bid/", views.bid, name="bid"),
    path("<uuid:call_id>/receipt/", views.receipt, name="receipt"),
    path("<uuid:call_id>/receipt.json", views.receipt_file, name="receipt_file"),
    path("<uuid:call_id>/withdraw/", views.withdraw, name="withdraw"),
    path("<uuid:call_id>/decline/", views.decline, name="decline"),
    path("<uuid:call_id>/extend/", views.extend, name="extend"),
    path("<uuid:call_id>/cancel/", views.cancel, name="cancel"),
    path("<uuid:call_id>/open/", views.open_, name="open"),
    path("<uuid:call_id>/documents/<uuid:document_id>/", views.document, name="document"),
]
