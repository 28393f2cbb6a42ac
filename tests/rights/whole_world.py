"""A person and an organisation of whom something lies in every table that can hold anything of anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings

from datacoop.accounts import proofs
from datacoop.accounts.actions import create_link, give_mandate, open_account
from datacoop.accounts.codes import make_code
from datacoop.accounts.rules import DECIDE, EDIT, SELF
from datacoop.consent.actions import Wish, add_agreement, decide_many, note_delivered, set_indexing
from datacoop.consent.conditions import Conditions
from datacoop.consent.models import Dispute, Minority, Withholding
from datacoop.consent.rules import DecisionContext
from datacoop.directory.actions import Letter, keep_message
from datacoop.disclosure.acknowledging import RETAINED, acknowledge
from datacoop.disclosure.describe import described
from datacoop.disclosure.models import Tombstone
from datacoop.disclosure.readers import reader_of_agreement
from datacoop.disclosure.reading import reading
from datacoop.disclosure.search.getting import get
from datacoop.linking.models import Judgement, LookAlike
from datacoop.records.actions.merging import merge
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, release, state
from datacoop.records.models import Record, Suppression
from datacoop.records.rules import Origin
from datacoop.rights.actions.answering import Answerer
from datacoop.rights.actions.noticing import make_notices
from datacoop.rights.actions.requesting import ask
from datacoop.rights.actions.settling import extend, refuse
from datacoop.rights.links import MAIL, Wanted, make_links
from datacoop.rights.models.agreements import ContributionAgreement
from datacoop.rights.models.claims import Claim, Removal
from datacoop.rights.models.confirmations import Confirmation
from datacoop.rights.models.confirming import PendingAnswer
from datacoop.rights.models.notices import Notice
from datacoop.rights.models.objections import Objection, Passed
from datacoop.rights.models.reports import Report
from datacoop.rights.models.requests import Request
from datacoop.rights.rules.claims import METHODS
from datacoop.rights.rules.requests import RECTIFY, RESTRICT
from datacoop.sources.models import Holder, SourceList
from tests.pipelines.pouring import HOLDER, club, clubs, take, uid_of, write

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
NAME, EMAIL, PHONE = "Zéphyrine Canariprivé", "zephyrine.canari@canari.example.org", "079 555 66 77"
OLD_EMAIL, CLUB, LETTER = "ancienne.canari@canari.example.org", "Canarivoix", "lettrecanari"
#: As tables and files would show them.
CANARIES = ["Canariprivé", "canariprive", "zephyrine.canari", "ancienne.canari", "canari.example.org", LETTER,
            "canarivoix", "canariremarque", "canarireponse", "canarimotif"]  # fmt: skip


@dataclass(frozen=True)
class World:
    """Who the canaries are about."""

    person: Record
    club: Record
    ids: frozenset[int]
    uids: frozenset[UUID]
    accounts: frozenset[int]


def fill(folder: Path) -> World:
    """Bring it all in, by the ways things come in wherever there is one."""
    rows = [
        *clubs(3),
        club(4, Présidente=NAME, Remarque="canariremarque", **{"Mail présidente": OLD_EMAIL}),
        club(5, **{"E-mail": EMAIL, "Description": f"Chœur mixte. Inscriptions: {EMAIL}"}),
        club(6, Nom="", Contact=NAME),
        club(8, Nom=f"Chœur {CLUB}", Remarque="canariremarque", **{"E-mail": EMAIL}),
        club(9, Nom=f"Chœur {CLUB} bis", NPA="1006"),
    ]
    take(write(folder, rows), with_persons=True)
    rows[3]["Mail présidente"] = EMAIL
    take(write(folder, rows), with_persons=True)
    person = Record.objects.get(kind="person", id__in=_speaking())
    whole, bis = (Record.objects.get(uid=uid_of(key)) for key in ("K8", "K9"))
    mine = Record.objects.filter(subject_id=person.id) | Record.objects.filter(id=person.id)
    ids = frozenset({*mine.values_list("id", flat=True), whole.id, bis.id})
    with revision(actor="steward:7", now=NOW, why="same") as draft:
        merge(draft, loser_id=bis.id, survivor_id=whole.id, reason="canarimotif")
    _decided(person, whole, ids)
    accounts = _accounts(person, whole)
    _asked(person, whole)
    _sent(ids)
    _lying(person, whole)
    _under_way(person, whole, min(accounts))
    uids = frozenset(Record.objects.filter(id__in=ids).values_list("uid", flat=True))
    return World(person, whole, ids, uids, accounts)


def _speaking() -> list[int]:
    from datacoop.records.models import Statement  # noqa: PLC0415

    return list(Statement.objects.filter(record__kind="person").values_list("record_id", flat=True))


def _decided(person: Record, whole: Record, ids: frozenset[int]) -> None:
    lists = list(SourceList.objects.values_list("source_id", flat=True))
    with revision(actor="account:9", now=NOW, why="answer") as draft:
        for number in ids:
            release(draft, record_id=number)
            note_delivered(draft, record_id=number, source_id=lists[0], at=NOW)
        state(draft, record_id=person.id, said=[Said("phones", PHONE)], origin=Origin.SUBJECT)
        told = DecisionContext("letter_code", "subject", "fr", "notice 1", "a" * 64)
        wishes = [(number, Wish("public", True, None, NOW + timedelta(days=3000))) for number in sorted(ids)]
        wishes += [(person.id, Wish("public", True, "email"))]
        decide_many(draft, wishes=wishes, reason="canarimotif", context=told)
        set_indexing(draft, record_ids=sorted(ids), allowed=False)
    with revision(actor="account:9", now=NOW, why="corrected") as draft:
        state(draft, record_id=person.id, said=[Said("phones", "+41 21 555 12 99")], origin=Origin.SUBJECT)
    described(uid=person.uid, actor="steward:7", reason="canarimotif", now=NOW)
    described(uid=whole.uid, actor="steward:7", reason="canarimotif", now=NOW)


def _accounts(person: Record, whole: Record) -> frozenset[int]:
    account = open_account(email=EMAIL, name=NAME, now=NOW)
    for record, scope in ((person, SELF), (whole, DECIDE)):
        give_mandate(account_id=account.id, subject_uid=record.uid, scope=scope, valid_from=NOW, proof="canarimotif")
    create_link(email=EMAIL, now=NOW)
    make_code(purpose="step-up", about=f"account:{account.id}", now=NOW)
    Authenticator.objects.create(user_id=account.id, type="webauthn", data={"name": "canariremarque"})
    EmailAddress.objects.create(user_id=account.id, email=EMAIL, verified=True, primary=True)
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    visit = type("Visit", (), {"session": store})
    proofs.record(visit, person.uid, proofs.LETTER_CODE, NOW)
    proofs.record(visit, whole.uid, proofs.EMAIL_CODE, NOW)
    store["login"] = {"email": EMAIL}
    store.save()
    return frozenset({account.id})


def _asked(person: Record, whole: Record) -> None:
    for record in (person, whole):
        by = Answerer(record.uid, "account:9", proofs.LETTER_CODE, None, "subject", "fr")
        number = ask(by=by, kind=RECTIFY, now=NOW, words="canarimotif").request_id
        extend(request_id=number, because="complex", actor="steward:7", now=NOW)
        refuse(request_id=number, because="law", actor="steward:7", now=NOW, reply="canarireponse")
    assert Request.objects.count() == 2


def _sent(ids: frozenset[int]) -> None:
    """A client receives everything, then somebody restricts it: it must be erased there."""
    signed = Conditions(country="FR", purposes=("statistics",), retention_days=211)
    uid = add_agreement(
        name="Ville de Test", terms="public-bodies", actor="steward:7", now=NOW, uid="city", conditions=signed
    )
    with reading() as source:
        reader = reader_of_agreement(source, uid)
    assert reader is not None
    for record in Record.objects.filter(id__in=ids):
        with reading() as source:
            get(source, reader, record.kind, str(record.uid))
    for record in Record.objects.filter(id__in=ids, subject_id=None):
        ask(by=Answerer(record.uid, "account:9", proofs.LETTER_CODE, None, "subject", "fr"), kind=RESTRICT, now=NOW)
    Request.objects.filter(kind=RESTRICT).delete()
    owed = set(Tombstone.objects.values_list("uid", flat=True))
    acknowledge(reader=reader, tombstones=owed, state=RETAINED, legal_basis="Loi sur les archives", now=NOW)


def _lying(person: Record, whole: Record) -> None:
    """What else lies about: notices, links, letters, pairs, a list's contact, marks of an earlier erasure."""
    make_notices(now=NOW)
    Notice.objects.update(language="fr", text_version=3)
    make_links([Wanted(person.uid, MAIL), Wanted(whole.uid, MAIL)], now=NOW)
    keep_message(record_uid=whole.uid, letter=Letter(NAME, EMAIL, f"Bonjour {LETTER}", "fr"), now=NOW)
    keep_message(record_uid=person.uid, letter=Letter("Voisin", "v@example.org", LETTER, "fr"), now=NOW)
    keep_message(record_uid=None, letter=Letter("Ami", "a@example.org", f"Où est {NAME}? {LETTER}", "fr"), now=NOW)
    for record in (person, whole):
        other = Record.objects.get(uid=uid_of("K1")).id
        first, second = sorted((record.id, other))
        LookAlike.objects.create(
            first=first, second=second, reasons={"codes": ["same-name"], "veto": None}, weight=1.5, found_at=NOW
        )
        Judgement.objects.create(first=first, second=second, verdict="different", actor="steward:7", at=NOW)
        Suppression.objects.create(digest=record.uid.bytes, record_id=record.id, at=NOW)
    SourceList.objects.update(contact=f"{NAME}, {EMAIL}")


def _under_way(person: Record, whole: Record, account: int) -> None:
    """What procedures keep while they last."""
    later = NOW + timedelta(days=30)
    other = open_account(email="autre@example.org", name="Autre", now=NOW).id
    holder = Holder.objects.get(name=HOLDER)
    source = SourceList.objects.values_list("source_id", flat=True)[0]
    Claim.objects.create(
        account_id=account, subject_uid=whole.uid, scope=DECIDE, method=METHODS[0], state="open", invited_by_id=other,
        made_at=NOW, expires_at=later, reason="canarimotif",
    )  # fmt: skip
    Removal.objects.create(
        account_id=account, proposed_by_id=other, subject_uid=whole.uid, scope=EDIT, made_at=NOW, due_at=later,
        reason="canarimotif",
    )  # fmt: skip
    for number, record in enumerate((person, whole), start=1):
        PendingAnswer.objects.create(
            subject_uid=record.uid, notice_id=1, choice="nothing", method="paper", language="fr", link_id=number,
            seen=0, entered_by="steward:7", entered_at=NOW,
        )  # fmt: skip
        Dispute.objects.create(
            record_id=record.id, property="name", reason="canarimotif", actor="account:9", at=NOW, begin_revision=1
        )
        Minority.objects.create(record_id=record.id, until=later, at=NOW)
        Withholding.objects.create(record_id=record.id, source_id=source, at=NOW, begin_revision=1)
        Confirmation.objects.create(record_id=record.id, asked_at=NOW, confirmed_at=NOW)
        Objection.objects.create(
            record_id=record.id, holder=holder, made_at=NOW, answer="kept", note="canarimotif", answered_at=NOW,
            answered_by="account:3",
        )  # fmt: skip
        Passed.objects.create(record_id=record.id, holder=holder, property="name", at=NOW)
        Report.objects.create(
            kind="error", record_uid=record.uid, text=f"Faux. {LETTER}", email=EMAIL, language="fr", created_at=NOW,
            cells={"name": ["canarimotif"]},
        )  # fmt: skip
    ContributionAgreement.objects.create(
        holder=holder, version=1, language="fr", sha256="b" * 64, signatory=f"{NAME}, présidente",
        signed_by="account:3", signed_at=NOW, leaves="keep",
    )  # fmt: skip
