"""Pages of members, inside one organisation."""

from django.urls import path

from gonghe.apps.members import views, views_account

app_name = "organization"
urlpatterns = [
    path("", views.index, name="index"),
    path("own/", views.own, name="own"),
    path("own/profile/", views.profile, name="profile"),
    path("own/sites/add/", views.add_site, name="add_site"),
    path("own/sites/<uuid:site_id>/", views.edit_site, name="edit_site"),
    path("own/people/invite/", views.invite, name="invite"),
    path("own/invitations/<uuid:invitation_id>/cancel/", views.cancel_invitation, name="cancel_invitation"),
    path("own/people/<uuid:membership_id>/take/", views.take_role, name="take_role"),
    path("own/disclosure/", views.disclose, name="disclose"),
    path("own/partners/", views.name_partner, name="name_partner"),
    path("own/partners/<slug:partner>/drop/", views.drop_partner, name="drop_partner"),
    path("firms/<slug:firm>/verify/", views.verify, name="verify"),
    path("account/", views_account.account, name="account"),
    path("account/save/", views_account.save_account, name="save_account"),
    path("account/password/", views_account.set_password, name="set_password"),
    path("account/tokens/", views_account.issue_token, name="issue_token"),
    path("account/tokens/<uuid:token_id>/revoke/", views_account.revoke_token, name="revoke_token"),
]
