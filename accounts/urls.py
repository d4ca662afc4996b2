"""A company's own pages."""

from django.urls import path

from accounts.views import membership, organisation

app_name = "organisation"
urlpatterns = [
    path("", organisation.detail, name="detail"),
    path("register/", organisation.register, name="register"),
    path("register-for-others/", organisation.register_for_others, name="register_for_others"),
    path("join/", organisation.join, name="join"),
    path("join-requests/<int:pk>/", membership.answer_join, name="answer_join"),
    path("invitation/<str:token>/", membership.accept_invitation, name="accept_invitation"),
    path("<int:pk>/", organisation.detail, name="detail"),
    path("<int:pk>/edit/", organisation.edit, name="edit"),
    path("<int:pk>/members/", membership.members, name="members"),
    path("<int:pk>/members/invite/", membership.invite, name="invite"),
    path("<int:pk>/members/<int:membership_pk>/role/", membership.change_role, name="change_role"),
    path("<int:pk>/members/<int:membership_pk>/remove/", membership.remove, name="remove"),
    path("<int:pk>/invitations/<int:invitation_pk>/revoke/", membership.revoke, name="revoke_invitation"),
]
