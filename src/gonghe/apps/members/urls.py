"""Pages of members, inside one organisation."""

from django.urls import path

from gonghe.apps.members import views, views_account, views_identity

app_name = "organization"
urlpatterns = [
    path("", views.index, name="index"),
    path("own/", views.own, name="own"),
    path("own/profile/", views_identity.profile, name="profile"),
    path("own/certificates/add/", views_identity.add_certificate, name="add_certificate"),
    path("own/certificates/<uuid:certificate_id>/", views_identity.edit_certificate, name="edit_certificate"),
    path(
        "own/certificates/<uuid:certificate_id>/remove/",
        views_identity.remove_certificate,
        name="remove_certificate",
    ),
    path("own/sites/add/", views.add_site, name="add_site"),
    path("own/sites/<uuid:site_id>/", views.edit_site, name="edit_site"),
    path("own/people/invite/", views.invite, name="invite"),
    path("own/invitations/<uuid:invitation_id>/cancel/", views.cancel_invitation, name="cancel_invitation"),
    path("own/people/<uuid:membership_id>/take/", views.take_role, name="take_role"),
    path("own/disclosure/", views.disclose, name="disclose"),
    path("own/partners/", views.name_partner, name="name_partner"),
    path("own/partners/<slug:partner>/drop/", views.drop_partner, name="drop_partner"),
    path("firms/<slug:firm>/verify/", views_identity.verify, name="verify"),
    path("account/", views_account.account, name="account"),
    path("account/save/", views_account.save_account, name="save_account"),
    path("account/password/", views_account.set_password, name="set_password"),
    path("account/tokens/", views_account.issue_token, name="issue_token"),
    path("account/tokens/<uuid:token_id>/revoke/", views_account.revoke_token, name="revoke_token"),
]
