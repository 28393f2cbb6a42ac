"""What was ended after a backup was made is ended again when the backup is restored (law 8, decision 0037).

The rows are put back to what they were, as a restored backup does; then the log is replayed over them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_removed

from datacoop.accounts import actions as accounts
from datacoop.accounts.models import Account, ClientCredential, Mandate
from datacoop.accounts.queries import has_mandate
from datacoop.consent.actions import suspend_agreement
from datacoop.consent.models import Agreement
from datacoop.disclosure.readers import reader_of_agreement
from datacoop.disclosure.reading import reading
from datacoop.records import endings, withdrawals
from datacoop.records.endings import UnknownEnding, end_again, hold_all, is_holding, let_live
from datacoop.records.rules import id_of
from datacoop.records.withdrawals import Line
from datacoop.rights.actions import agreeing, claiming, granting, logos, representing
from datacoop.rights.actions.reminding import mark_reminded
from datacoop.rights.links import LETTER, Wanted, code_for, end_links, find_code, make_links, take_back
from datacoop.rights.models.agreements import ContributionAgreement
from datacoop.rights.models.claims import Claim, Removal
from datacoop.rights.models.links import Link
from datacoop.rights.models.logos import Logo
from datacoop.rights.models.notices import Notice
from datacoop.rights.queries.agreements import has_agreement
from datacoop.rights.queries.logos import find_logo
from datacoop.rights.queries.reminders import silent
from datacoop.sources.models import Holder
from tests.rights import claimants
from tests.rights.lists import signed
from tests.rights.people import NOW, Village, settle
from tests.rights.test_logos import drawing

pytestmark = pytest.mark.django_db(transaction=True)
TABLES = (
    Account,
    Authenticator,
    Mandate,
    ClientCredential,
    Agreement,
    ContributionAgreement,
    Logo,
    Claim,
    Removal,
    Link,
    Notice,
)
WEEK = timedelta(days=7)
#: Says whether something is alive; ends it.
Story = tuple[Callable[[], object], Callable[[], object]]


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    held = withdrawals.path().with_name(endings.HELD)
    for left in (withdrawals.path(), held):
        left.unlink(missing_ok=True)
    yield
    for left in (withdrawals.path(), held):
        left.unlink(missing_ok=True)


class Backup:
    """The rows of everything that can end, as they were."""

    def __init__(self) -> None:
        withdrawals.path().unlink(missing_ok=True)
        self._rows = [list(table.objects.all()) for table in TABLES]

    def restore(self) -> list[Line]:
        """Put them back and return the lines of the log since."""
        for table, rows in reversed(list(zip(TABLES, self._rows, strict=True))):
            table.objects.exclude(pk__in=[each.pk for each in rows]).delete()
        for rows in self._rows:
            for each in rows:
                each.save()
        return list(withdrawals.lines(withdrawals.path().read_bytes()))


def _mandate(village: Village) -> Story:
    who = claimants.represent(village, "ana")
    end = lambda: accounts.end_mandates(account_id=who, subject_uid=village.choir, now=NOW)  # noqa: E731
    return lambda: claimants.may(village, who), end


def _shortened(village: Village) -> Story:
    who = claimants.represent(village, "ana")

    def end() -> None:
        for scope in ("edit", "decide"):
            accounts.move_end(
                account_id=who, subject_uid=village.choir, scope=scope, until=NOW + timedelta(days=1), now=NOW
            )

    return lambda: claimants.may(village, who, at=NOW + timedelta(days=2)), end


def _account(_village: Village) -> Story:
    who = claimants.account("ana")
    alive = lambda: Account.objects.get(pk=who).is_active  # noqa: E731
    return alive, lambda: accounts.close_account(account_id=who, now=NOW)


def _secret(village: Village) -> Story:
    _, secret = accounts.add_client(agreement=village.client, now=NOW)

    def alive() -> bool:
        try:
            accounts.issue_token(client_id=village.client, client_secret=secret, now=NOW)
        except accounts.ClientRefused:
            return False
        return True

    return alive, lambda: accounts.suspend_client(client_id=village.client, now=NOW)


def _replaced_secret(village: Village) -> Story:
    alive, _ = _secret(village)
    return alive, lambda: accounts.replace_secret(client_id=village.client, now=NOW)


def _rotated_secret(village: Village) -> Story:
    """Alive a week later, when the old secret's days are over."""
    _, secret = accounts.add_client(agreement=village.client, now=NOW)

    def alive() -> bool:
        try:
            accounts.issue_token(client_id=village.client, client_secret=secret, now=NOW + WEEK)
        except accounts.ClientRefused:
            return False
        return True

    return alive, lambda: accounts.rotate_secret(client_id=village.client, now=NOW, overlap=timedelta(days=6))


def _client(village: Village) -> Story:
    def alive() -> bool:
        with reading() as connected:
            return reader_of_agreement(connected, village.client) is not None

    return alive, lambda: suspend_agreement(agreement=village.client, actor="steward:1", now=NOW)


def _contribution_agreement(_village: Village) -> Story:
    holder = signed("Ville d'Exemple", now=NOW)
    return lambda: has_agreement(holder), lambda: agreeing.leave(holder=holder, actor="account:7", now=NOW)


def _logo(_village: Village) -> Story:
    holder = signed("Ville d'Exemple", now=NOW)
    logos.keep_logo(holder=holder, content=drawing(), actor="account:7", now=NOW)
    return lambda: find_logo(holder), lambda: logos.give_up_logo(holder=holder, actor="account:7", now=NOW)


def _code(village: Village) -> Story:
    (link,) = make_links([Wanted(village.person, LETTER)], now=NOW)
    code = code_for(link)
    return lambda: find_code(code, now=NOW), lambda: end_links(subject_uid=village.person, now=NOW)


def _used_code(village: Village) -> Story:
    (link,) = make_links([Wanted(village.person, LETTER)], now=NOW)
    code = code_for(link)
    return lambda: find_code(code, now=NOW), lambda: take_back([link], now=NOW)


def _objected_claim(village: Village) -> Story:
    represents = claimants.represent(village, "old")
    who, number = claimants.proven(village)

    def alive() -> bool:
        granting.grant_due(now=NOW + WEEK)
        return claimants.may(village, who, at=NOW + WEEK)

    return alive, lambda: granting.object_to(claim_id=number, account_id=represents, now=NOW)


def _withdrawn_claim(village: Village) -> Story:
    who = claimants.account("ana")
    number = claimants.claim(village, who)
    alive = lambda: claimants.state_of(number) in ("open", "waiting")  # noqa: E731
    return alive, lambda: claiming.withdraw(claim_id=number, account_id=who, now=NOW)


def _objected_removal(village: Village) -> Story:
    by, who = claimants.represent(village, "by"), claimants.represent(village, "who")
    number = representing.propose_removal(by=by, account_id=who, subject_uid=village.choir, scope="edit", now=NOW)

    def carried_out() -> bool:
        representing.remove_due(now=NOW + WEEK)
        return not has_mandate(account_id=who, subject_uid=village.choir, scope="edit", now=NOW + WEEK)

    return carried_out, lambda: representing.object_to_removal(removal_id=number, account_id=who, now=NOW)


def _passkey(_village: Village) -> Story:
    who = claimants.account("ana")
    made = Authenticator.objects.create(user_id=who, type="webauthn", data={})

    def remove() -> None:
        made.delete()
        authenticator_removed.send(Authenticator, request=None, user=None, authenticator=made)

    return lambda: Authenticator.objects.filter(user_id=who).exists(), remove


def _reminder(village: Village) -> Story:
    signed("Ville d'Exemple", now=NOW)
    notice = Notice.objects.create(
        subject_id=id_of(village.person), holder=Holder.objects.get(name="Ville d'Exemple"), natural=True,
        state=Notice.DELIVERED, channel="mail", created_at=NOW, due_at=NOW, delivered_at=NOW,
    )  # fmt: skip
    later = NOW + timedelta(days=20)

    def to_come() -> bool:
        return silent("mail", now=later).filter(pk=notice.pk).exists()

    return to_come, lambda: mark_reminded([Notice.objects.get(pk=notice.pk)], now=later)


STORIES = {
    "a mandate": _mandate,
    "a mandate until a day": _shortened,
    "an account": _account,
    "a passkey": _passkey,
    "a client's secret": _secret,
    "a secret that was replaced": _replaced_secret,
    "a secret that another followed": _rotated_secret,
    "a client's agreement": _client,
    "a contribution agreement": _contribution_agreement,
    "a logo": _logo,
    "a letter code": _code,
    "a code that was used": _used_code,
    "a claim objected to": _objected_claim,
    "a claim withdrawn": _withdrawn_claim,
    "a removal objected to": _objected_removal,
    "a reminder that left": _reminder,
}
#: What lives on by being looked at after its week: looking changes it.
ONCE = {"a claim objected to", "a removal objected to"}


@pytest.mark.parametrize("name", STORIES)
def test_what_was_ended_since_a_backup_is_ended_again(name: str) -> None:
    alive, end = STORIES[name](settle())
    backup = Backup()
    assert name in ONCE or alive()
    end()
    assert not alive()
    lines = backup.restore()

    done = end_again(lines, now=NOW)

    assert done > 0
    assert not alive()
    assert end_again(lines, now=NOW) == 0


@pytest.mark.parametrize("name", STORIES)
def test_an_old_backup_alone_would_let_it_live(name: str) -> None:
    alive, end = STORIES[name](settle())
    backup = Backup()
    end()

    backup.restore()

    assert alive()


def test_nothing_else_ends() -> None:
    village = settle()
    others = claimants.represent(village, "bob")
    _, end = _mandate(village)
    backup = Backup()
    end()

    assert end_again(backup.restore(), now=NOW) == 2

    assert claimants.may(village, others)


def test_the_log_tells_digests_alone() -> None:
    village = settle()
    stories = [make(village) for make in (_client, _code, _secret)]
    Backup()
    for _, end in stories:
        end()

    _, *told = withdrawals.path().read_text().splitlines()

    assert len(told) == 3
    assert all(line.split()[1] == "ended" and len(line.split()) == 4 for line in told)
    assert village.client not in "".join(told)


def test_an_end_this_version_does_not_know_stops_everything() -> None:
    village = settle()
    alive, _ = _client(village)
    lines = [
        Line(NOW, "ended", withdrawals.ended_digest("agreement", village.client), kind="agreement"),
        Line(NOW, "ended", b"0" * 16, kind="membership"),
    ]

    with pytest.raises(UnknownEnding, match="upgrade"):
        end_again(lines, now=NOW)

    assert alive()


class TestWithoutTheLog:
    def test_everything_is_held_until_it_is_confirmed(self) -> None:
        village = settle()
        held = {name: STORIES[name](village)[0] for name in ("a mandate", "a client's agreement", "a letter code")}
        waiting, number = claimants.proven(village, "bea")
        assert all(alive() for alive in held.values())

        hold_all(now=NOW)
        hold_all(now=NOW)

        assert is_holding()
        assert [name for name, alive in held.items() if alive()] == []
        granting.grant_due(now=NOW + WEEK)
        assert not claimants.may(village, waiting, at=NOW + WEEK)
        assert let_live() > 3
        assert [name for name, alive in held.items() if not alive()] == []
        assert claimants.state_of(number) == "waiting"
        assert not is_holding()
