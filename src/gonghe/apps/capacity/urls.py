"""Pages of capacity."""

from django.urls import path

from gonghe.apps.capacity import (
    views,
    views_find,
    views_firm,
    views_import,
    views_list,
    views_offers,
    views_progress,
)

app_name = "capacity"
urlpatterns = [
    path("", views.index, name="index"),
    path("equipment/add/", views.add_equipment, name="add_equipment"),
    path("equipment/<uuid:equipment_id>/", views.equipment, name="equipment"),
    path("equipment/<uuid:equipment_id>/edit/", views.edit_equipment, name="edit_equipment"),
    path("equipment/<uuid:equipment_id>/retire/", views.retire, name="retire"),
    path("equipment/<uuid:equipment_id>/down/", views.mark_down, name="mark_down"),
    path("equipment/<uuid:equipment_id>/up/", views.mark_up, name="mark_up"),
    path("equipment/<uuid:equipment_id>/keep/", views.keep_hours, name="keep_hours"),
    path("reservations/<uuid:reservation_id>/give-back/", views.give_back, name="give_back"),
    path("calendars/add/", views.add_calendar, name="add_calendar"),
    path("calendars/<uuid:calendar_id>/", views.edit_calendar, name="edit_calendar"),
    path("offers/", views_offers.offers, name="offers"),
    path("offers/add/", views_offers.add_offer, name="add_offer"),
    path("offers/<uuid:offer_id>/", views_offers.offer, name="offer"),
    path("offers/<uuid:offer_id>/close/", views_offers.close_offer, name="close_offer"),
    path("offers/<uuid:offer_id>/hold/", views_offers.hold, name="hold"),
    path("offers/hours/<uuid:reservation_id>/", views_offers.held, name="held"),
    path("offers/hours/<uuid:reservation_id>/confirm/", views_offers.confirm, name="confirm"),
    path("offers/hours/<uuid:reservation_id>/cancel/", views_offers.cancel, name="cancel"),
    path("offers/hours/<uuid:reservation_id>/use/", views_offers.use, name="use"),
    path("progress/", views_progress.progress, name="progress"),
    path("find/", views_find.find, name="find"),
    path("import/", views_import.upload, name="upload"),
    path("import/template-<slug:language>.xlsx", views_import.template, name="template"),
    path("import/machines/", views_list.upload_list, name="upload_list"),
    path("import/machines/<uuid:list_id>/", views_list.machine_list, name="machine_list"),
    path("export.xlsx", views_import.export, name="export"),
    path("firms/<slug:firm>/", views_firm.firm, name="firm"),
    path("own/as/<slug:viewer>/", views_firm.seen_as, name="seen_as"),
]
