"""Pages of orders."""

from django.urls import path

from gonghe.apps.orders import views, views_applying, views_assuming

app_name = "orders"
urlpatterns = [
    path("new/", views.new, name="new"),
    path("drop/", views.drop, name="drop"),
    path("<uuid:order_id>/edit/", views.edit, name="edit"),
    path("<uuid:order_id>/cancel/", views.cancel, name="cancel"),
    path("<uuid:order_id>/match/", views.match, name="match"),
    path("<uuid:order_id>/drop/", views.drop_lines, name="drop_lines"),
    path("<uuid:order_id>/lines/add/", views.add_line, name="add_line"),
    path("lines/<uuid:line_id>/", views.line, name="line"),
    path("lines/<uuid:line_id>/assumptions/", views_assuming.assumptions, name="assumptions"),
    path("lines/<uuid:line_id>/remove/", views.remove_line, name="remove_line"),
    path("lines/<uuid:line_id>/read/", views.read_again, name="read_again"),
    path("lines/<uuid:line_id>/operations/add/", views.add_operation, name="add_operation"),
    path("lines/<uuid:line_id>/licences/", views_applying.apply_choose, name="apply_choose"),
    path("lines/<uuid:line_id>/licences/<uuid:licence_id>/", views_applying.apply, name="apply"),
    path("operations/<uuid:operation_id>/", views.operation, name="operation"),
    path("operations/<uuid:operation_id>/remove/", views.remove_operation, name="remove_operation"),
    path("documents/<uuid:document_id>/", views.document, name="document"),
]
