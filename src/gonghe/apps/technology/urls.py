"""Pages of technology."""

from django.urls import path

from gonghe.apps.technology import views, views_extending, views_figures, views_files, views_sharing

app_name = "technology"
urlpatterns = [
    path("", views.index, name="index"),
    path("capabilities/add/", views.choose, name="choose"),
    path("capabilities/add/<slug:process>/", views.add, name="add"),
    path("capabilities/<uuid:capability_id>/", views.edit, name="edit"),
    path("capabilities/<uuid:capability_id>/remove/", views.remove, name="remove"),
    path("offers/", views_sharing.offers, name="offers"),
    path("offers/add/", views_sharing.add_offer, name="add_offer"),
    path("offers/<uuid:technology_id>/", views_sharing.offer, name="offer"),
    path("offers/<uuid:technology_id>/edit/", views_sharing.edit_offer, name="edit_offer"),
    path("offers/<uuid:technology_id>/ask/", views_sharing.ask, name="ask"),
    path("offers/<uuid:technology_id>/files/add/", views_files.add, name="add_file"),
    path("files/<uuid:file_id>/", views_files.download, name="file"),
    path("files/<uuid:file_id>/remove/", views_files.remove, name="remove_file"),
    path("licences/<uuid:licence_id>/", views_sharing.licence, name="licence"),
    path("licences/<uuid:licence_id>/answer/", views_sharing.answer, name="answer"),
    path("figures/", views_figures.index, name="figures"),
    path("figures/table.csv", views_figures.download, name="figures_csv"),
    path("figures/send/", views_figures.upload, name="send_figures"),
    path("figures/shipped/", views_figures.take_back, name="take_back_figures"),
    path("figures/<slug:group>/", views_figures.group, name="figures_group"),
    path("processes/", views_extending.processes, name="processes"),
    path("processes/<slug:process_code>/", views_extending.process, name="process"),
    path("properties/add/", views_extending.add_property, name="add_property"),
    path("dues.csv", views_sharing.dues, name="dues"),
]
