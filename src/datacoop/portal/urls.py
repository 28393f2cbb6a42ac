"""Addresses of the portal's pages."""

from django.urls import URLPattern, path, re_path

from datacoop.portal.pages import missing
from datacoop.portal.views import activities, agenda, home, letters, machines, organisations, signing, switching, trying
from datacoop.portal.views.account import home as account
from datacoop.portal.views.account import security
from datacoop.portal.views.desk import changing, covering, rejecting
from datacoop.portal.views.desk import home as desks
from datacoop.portal.views.desk import uploading as desk_uploading
from datacoop.portal.views.own import history
from datacoop.portal.views.steward import (
    dashboard,
    delivering,
    entering,
    holders,
    lists,
    records,
    reviewing,
    uploading,
    waiting,
)

urlpatterns: list[URLPattern] = [
    path("", home.home),
    path("about", home.about),
    path("data", home.data),
    path("organisations", organisations.organisations),
    path("o/<str:slug>", organisations.organisation),
    path("o/<str:slug>/write", letters.write),
    path("activities", activities.activities),
    re_path(r"^agenda\.(?P<extension>ics|atom)$", agenda.agenda),
    path("a/<str:slug>", activities.activity),
    path("write", letters.write_us),
    path("try", trying.try_list),
    path("try/<str:token>", trying.tried),
    path("try/<str:token>/workbook.xlsx", trying.tried_file, {"name": "workbook"}),
    path("try/<str:token>/table.csv", trying.tried_file, {"name": "table"}),
    path("language", switching.switch_language),
    # The names are those that allauth looks its own pages up by.
    path("sign-in", signing.SignIn.as_view(), name="account_login"),
    path("sign-in", signing.SignIn.as_view(), name="account_request_login_code"),
    path("sign-in/code", signing.TypeCode.as_view(), name="account_confirm_login_code"),
    path("sign-in/passkey", signing.ByPasskey.as_view(), name="mfa_login_webauthn"),
    path("sign-in/authenticator", signing.ByAuthenticator.as_view(), name="mfa_authenticate"),
    path("sign-in/<str:token>", signing.enter),
    path("sign-out", signing.sign_out),
    path("account/", account.home, name="mfa_index"),
    path("account/confirm", security.confirm, name="account_reauthenticate"),
    path("account/passkeys/add", security.add_passkey, name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/remove", security.remove_passkey, name="mfa_remove_webauthn"),
    path("account/authenticator", security.set_up_authenticator, name="mfa_activate_totp"),
    path("account/authenticator/off", security.give_up_authenticator, name="mfa_deactivate_totp"),
    path("account/spare-codes", security.spare_codes, name="mfa_view_recovery_codes"),
    path("steward/", dashboard.dashboard),
    path("steward/find", dashboard.find_record),
    path("steward/lists", lists.lists),
    path("steward/lists/<int:source_id>", lists.one_list),
    path("steward/lists/<int:source_id>/undo", delivering.undo),
    path("steward/lists/<int:source_id>/<int:number>", delivering.delivery),
    path("steward/upload", uploading.upload),
    path("steward/upload/<str:token>", uploading.preview),
    path("steward/waiting", uploading.waiting),
    path("steward/holders", holders.holders),
    path("steward/review", reviewing.review),
    path("steward/messages", waiting.messages),
    path("steward/records/<uuid:uid>", records.record),
    path("steward/records/<uuid:uid>/correct", entering.correct),
    path("steward/new/<str:plural>", entering.new),
    path("desk/", desks.desks),
    path("desk/<uuid:holder>/", desks.desk),
    path("desk/<uuid:holder>/upload", desk_uploading.upload),
    path("desk/<uuid:holder>/upload/<str:token>", desk_uploading.preview),
    path("desk/<uuid:holder>/lists/<str:key>/coverage", covering.coverage),
    path("desk/<uuid:holder>/lists/<str:key>/coverage.xlsx", covering.coverage_sheet),
    path("desk/<uuid:holder>/lists/<str:key>/missing", covering.missing),
    path("desk/<uuid:holder>/lists/<str:key>/changes", changing.changes),
    path("desk/<uuid:holder>/lists/<str:key>/changes.xlsx", changing.changes_sheet),
    path("desk/<uuid:holder>/lists/<str:key>/rejected", rejecting.rejected),
    path("desk/<uuid:holder>/lists/<str:key>/rejected.xlsx", rejecting.rejected_workbook),
    path("desk/<uuid:holder>/lists/<str:key>/own.xlsx", rejecting.own_workbook),
    path("my/<uuid:subject>/history", history.own_history),
    path("my/<uuid:subject>/receipts/<int:revision>", history.own_receipt),
    path("my/<uuid:subject>/proofs/<int:entry>", history.own_proof),
    path("robots.txt", machines.robots),
    path("sitemap.xml", machines.sitemap_index),
    path("sitemap-<str:part>.xml", machines.sitemap),
    path(".well-known/security.txt", machines.security),
    path("healthz", machines.healthz),
    path("readyz", machines.readyz),
    # The last word of the whole house: any other address gets the portal's own page, also while debugging.
    re_path(r"^.*$", missing),
]
