"""Addresses of the portal's pages."""

from django.urls import URLPattern, path, re_path, register_converter
from django.urls.converters import IntConverter

from datacoop.portal.pages import missing
from datacoop.portal.views import (
    activities,
    agenda,
    applying,
    claiming,
    clients,
    home,
    letters,
    machines,
    notices,
    organisations,
    signing,
    switching,
    trying,
    webhooks,
)
from datacoop.portal.views import rights as public_rights
from datacoop.portal.views.account import claims as own_claims
from datacoop.portal.views.account import home as account
from datacoop.portal.views.account import judging, representing, security
from datacoop.portal.views.announcing import entering as announcing
from datacoop.portal.views.announcing import listing as announced
from datacoop.portal.views.correcting import outside, reporting, still
from datacoop.portal.views.correcting import own as correcting
from datacoop.portal.views.desk import agreeing, changing, covering, keying, logos, rejecting, told
from datacoop.portal.views.desk import home as desks
from datacoop.portal.views.desk import leaving as desk_leaving
from datacoop.portal.views.desk import notifying as desk_notifying
from datacoop.portal.views.desk import uploading as desk_uploading
from datacoop.portal.views.own import answering, detailing, history, proving, receiving, rights, showing
from datacoop.portal.views.own import entering as opening
from datacoop.portal.views.steward import (
    claiming as steward_claiming,
)
from datacoop.portal.views.steward import (
    clients as steward_clients,
)
from datacoop.portal.views.steward import (
    dashboard,
    delivering,
    entering,
    guardians,
    holders,
    lists,
    notifying,
    records,
    reports,
    requesting,
    reviewing,
    uploading,
    waiting,
)


class Number(IntConverter):
    """A number that a row can have: any longer one names nothing, and would be too large for the database."""

    regex = "[0-9]{1,18}"


register_converter(Number, "number")

urlpatterns: list[URLPattern] = [
    path("", home.home),
    path("about", home.about),
    path("data", home.data),
    path("clients", clients.clients),
    path("clients/apply", applying.application),
    path("clients/<slug:agreement>", applying.client),
    path("clients/<slug:agreement>/secret", applying.secret),
    path("clients/<slug:agreement>/end", applying.end),
    path("clients/<slug:agreement>/webhook", webhooks.webhook),
    path("organisations", organisations.organisations),
    path("o/<str:slug>", organisations.organisation),
    path("o/<str:slug>/write", letters.write),
    path("claim/<str:slug>", claiming.claim),
    path("claims/<str:token>", claiming.objection),
    path("o/<str:slug>/report", reporting.report, {"kind": "organisation"}),
    path("a/<str:slug>/report", reporting.report, {"kind": "activity"}),
    path("add", reporting.add),
    path("embed/agenda", activities.activities_framed),
    path("embed/add", reporting.add_framed),
    path("embed/report", reporting.report_framed),
    path("still/<str:token>/<str:answer>", still.still),
    path("my/<uuid:subject>/correct", correcting.records),
    path("my/<uuid:subject>/correct/letter", outside.letter),
    path("my/<uuid:subject>/correct/<uuid:record>", correcting.one_record),
    path("my/<uuid:subject>/activities", announced.activities),
    path("my/<uuid:subject>/activities/new", announcing.new),
    path("my/<uuid:subject>/activities/<uuid:activity>", announced.activity),
    path("my/<uuid:subject>/activities/<uuid:activity>/change", announcing.change),
    path("activities", activities.activities),
    re_path(r"^agenda\.(?P<extension>ics|atom)$", agenda.agenda),
    path("a/<str:slug>", activities.activity),
    path("write", letters.write_us),
    path("n/<str:token>/no-more", notices.no_more),
    path("genuine", notices.genuine),
    path("documents/<slug:name>", notices.document),
    path("rights", public_rights.rights),
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
    path("account/claims/code", own_claims.typed),
    path("account/claims/<number:claim_id>", own_claims.claim),
    path("account/organisations/<uuid:uid>", representing.organisation),
    path("account/organisations/<uuid:uid>/others", judging.others),
    path("account/confirm", security.confirm, name="account_reauthenticate"),
    path("account/passkeys/add", security.add_passkey, name="mfa_add_webauthn"),
    path("account/passkeys/<number:pk>/remove", security.remove_passkey, name="mfa_remove_webauthn"),
    path("account/authenticator", security.set_up_authenticator, name="mfa_activate_totp"),
    path("account/authenticator/off", security.give_up_authenticator, name="mfa_deactivate_totp"),
    path("account/spare-codes", security.spare_codes, name="mfa_view_recovery_codes"),
    path("steward/", dashboard.dashboard),
    path("steward/find", dashboard.find_record),
    path("steward/clients", steward_clients.clients),
    path("steward/lists", lists.lists),
    path("steward/lists/<number:source_id>", lists.one_list),
    path("steward/lists/<number:source_id>/undo", delivering.undo),
    path("steward/lists/<number:source_id>/<number:number>", delivering.delivery),
    path("steward/upload", uploading.upload),
    path("steward/upload/<str:token>", uploading.preview),
    path("steward/waiting", uploading.waiting),
    path("steward/holders", holders.holders),
    path("steward/review", reviewing.review),
    path("steward/review/<uuid:first>/<uuid:second>", reviewing.compare),
    path("steward/judgements", reviewing.judgements),
    path("steward/guardians", guardians.guardians),
    path("steward/claims", steward_claiming.claims),
    path("steward/claims/<number:claim_id>", steward_claiming.claim),
    path("steward/claims/<number:claim_id>/letter", steward_claiming.letter),
    path("steward/messages", waiting.messages),
    path("steward/notices", notifying.notices),
    path("steward/answers", notifying.answers),
    path("steward/reports", reports.reports),
    path("steward/requests", requesting.requests),
    path("steward/processing", requesting.processing),
    path("steward/records/<uuid:uid>", records.record),
    path("steward/records/<uuid:uid>/correct", entering.correct),
    path("steward/records/<uuid:uid>/compare", reviewing.compare_with),
    path("steward/new/<str:plural>", entering.new),
    path("desk/", desks.desks),
    path("desk/<uuid:holder>/", desks.desk),
    path("desk/<uuid:holder>/agreement", agreeing.agreement),
    path("desk/<uuid:holder>/key", keying.key),
    path("desk/<uuid:holder>/leave", desk_leaving.leaving),
    path("desk/<uuid:holder>/leave.xlsx", desk_leaving.take_along),
    path("desk/<uuid:holder>/notices", desk_notifying.notices),
    path("desk/<uuid:holder>/notices/letter.png", desk_notifying.letter_picture),
    path("desk/<uuid:holder>/logo", logos.logo),
    path("desk/<uuid:holder>/logo.png", logos.logo_picture),
    path("desk/<uuid:holder>/upload", desk_uploading.upload),
    path("desk/<uuid:holder>/upload/<str:token>", desk_uploading.preview),
    path("desk/<uuid:holder>/lists/<str:key>/coverage", covering.coverage),
    path("desk/<uuid:holder>/lists/<str:key>/coverage.xlsx", covering.coverage_sheet),
    path("desk/<uuid:holder>/lists/<str:key>/missing", covering.missing),
    path("desk/<uuid:holder>/lists/<str:key>/changes", changing.changes),
    path("desk/<uuid:holder>/lists/<str:key>/changes.xlsx", changing.changes_sheet),
    path("desk/<uuid:holder>/lists/<str:key>/told", told.told),
    path("desk/<uuid:holder>/lists/<str:key>/told.xlsx", told.told_sheet),
    path("desk/<uuid:holder>/lists/<str:key>/told.csv", told.told_csv),
    path("desk/<uuid:holder>/lists/<str:key>/rejected", rejecting.rejected),
    path("desk/<uuid:holder>/lists/<str:key>/rejected.xlsx", rejecting.rejected_workbook),
    path("desk/<uuid:holder>/lists/<str:key>/own.xlsx", rejecting.own_workbook),
    path("my/<uuid:subject>/history", history.own_history),
    path("my/<uuid:subject>/receipts/<number:revision>", history.own_receipt),
    path("my/<uuid:subject>/proofs/<number:entry>", history.own_proof),
    path("n/<str:token>", opening.by_link),
    path("code", opening.by_code),
    path("my/<uuid:subject>/", showing.home),
    path("my/<uuid:subject>/leave", opening.leave),
    path("my/<uuid:subject>/answer", answering.answer),
    path("my/<uuid:subject>/done/<number:revision>", answering.done),
    path("my/<uuid:subject>/index", answering.index),
    path("my/<uuid:subject>/prove", proving.prove),
    path("my/<uuid:subject>/fields", detailing.fields),
    path("my/<uuid:subject>/names", detailing.names),
    path("my/<uuid:subject>/objections", detailing.objections),
    path("my/<uuid:subject>/received", receiving.receipts),
    path("my/<uuid:subject>/rights", rights.rights),
    path("my/<uuid:subject>/rights/erase", rights.erase),
    path("my/<uuid:subject>/rights/package", rights.package),
    path("robots.txt", machines.robots),
    path("sitemap.xml", machines.sitemap_index),
    path("sitemap-<str:part>.xml", machines.sitemap),
    path(".well-known/security.txt", machines.security),
    path("healthz", machines.healthz),
    path("readyz", machines.readyz),
    # The last word of the whole house: any other address gets the portal's own page, also while debugging.
    re_path(r"^.*$", missing),
]
