"""Contacts taken out of a text: sealed, found by nobody, put back by a representative alone. Every name is invented."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from datacoop.accounts.actions import give_mandate, open_account
from datacoop.consent.actions import Wish, decide
from datacoop.consent.confirming import NotARepresentative, confirm_text
from datacoop.disclosure.masked import MaskedText, masked_texts
from datacoop.records.actions.confirming import NothingMaskedError
from datacoop.records.models import Envelope, Statement
from tests.pipelines.pouring import club, clubs, counts, feed, seen, tables, take, uid_of, verify, write

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
PURPOSE = "Chanter ensemble. Appeler le 079 555 12 34 ou passer à la rue Cachée 17, 1004 Lausanne."
MASKED = "Chanter ensemble. Appeler le … ou passer à la …, 1004 Lausanne."


def _pour(tmp_path: Path, text: str = PURPOSE, **asked: object) -> UUID:
    take(write(tmp_path, [club(1, But=text), *clubs(3)[1:]]), **asked)
    return uid_of("K1")


def _representative(uid: UUID) -> int:
    account = open_account(email="vera@example.org", name="Vera Exemple", now=NOW)
    give_mandate(
        account_id=account.pk, subject_uid=uid, scope="decide", valid_from=NOW - timedelta(days=1), proof="letter"
    )
    return account.pk


def _confirm(uid: UUID, account: int) -> None:
    source_id = _waiting(uid, account).source_id
    confirm_text(uid=uid, property_name="description", source_id=source_id, account_id=account, now=NOW)


def _waiting(uid: UUID, account_id: int) -> MaskedText:
    (found,) = masked_texts(uid=uid, account_id=account_id, now=NOW)
    return found


class TestMasking:
    def test_nothing_of_it_lies_in_clear(self, tmp_path: Path) -> None:
        _pour(tmp_path)

        everything = repr(tables()) + repr(feed()) + repr(seen())
        assert not any(canary in everything for canary in ("555 12 34", "5551234", "Cachée"))
        assert MASKED in repr(seen())

    def test_the_same_file_twice_changes_nothing(self, tmp_path: Path) -> None:
        _pour(tmp_path)

        report = take(write(tmp_path, [club(1, But=PURPOSE), *clubs(3)[1:]]))

        assert counts(report, "unchanged", "changed") == (3, 0)

    def test_another_number_in_the_text_is_what_is_confirmed_later(self, tmp_path: Path) -> None:
        uid = _pour(tmp_path)

        report = take(write(tmp_path, [club(1, But=PURPOSE.replace("12 34", "98 76")), *clubs(3)[1:]]))

        assert counts(report, "changed") == (1,)
        assert "98 76" in str(_waiting(uid, _representative(uid)).whole)

    def test_a_dry_run_takes_no_key_from_what_stands(self, tmp_path: Path) -> None:
        uid = _pour(tmp_path)

        take(write(tmp_path, [club(1, But="Autre chose."), *clubs(3)[1:]]), dry_run=True)

        assert _waiting(uid, _representative(uid)).whole == PURPOSE

    def test_hiding_an_address_hides_it_in_the_text_too(self, tmp_path: Path) -> None:
        uid = _pour(tmp_path, "Chanter ensemble, rue de l'Exemple 1.")
        assert "Rue de l'Exemple 1" in json.dumps(seen(), ensure_ascii=False)
        wish = Wish(audience="public", shows=False, property="addresses")

        decide(uid=uid, wish=wish, actor="steward:test", reason="letter", now=datetime.now(UTC))

        assert "l'exemple 1" not in json.dumps(seen(), ensure_ascii=False).lower()

    @pytest.mark.parametrize("refuge_first", [True, False])
    def test_a_text_does_not_tell_where_a_refuge_is(self, tmp_path: Path, refuge_first: bool) -> None:
        """One list knows that it is a refuge, the other writes where it is."""
        refuge = club(1, Thème="Asile et accueil des réfugiés")
        knowing = write(tmp_path, [refuge], "un.csv")
        telling = write(tmp_path, [club(1, But="Accueil, rue de l'Exemple 1.")], "deux.csv")
        pours = [
            lambda: take(knowing, mapping={"Clé": "id", "Thème": "theme"}),
            lambda: take(telling, holder="Paroisse d'Exemple"),
        ]

        for pour in pours if refuge_first else reversed(pours):
            pour()

        assert "l'exemple 1" not in (json.dumps(seen(), ensure_ascii=False) + repr(feed())).lower()


class TestConfirming:
    def test_shows_the_whole_text_to_whoever_sees_the_property(self, tmp_path: Path) -> None:
        uid = _pour(tmp_path)
        account = _representative(uid)
        waiting = _waiting(uid, account)
        assert (waiting.property, waiting.shown, waiting.whole) == ("description", MASKED, PURPOSE)

        confirm_text(uid=uid, property_name="description", source_id=waiting.source_id, account_id=account, now=NOW)

        assert PURPOSE in repr(seen())
        assert verify() == []

    def test_survives_the_next_file(self, tmp_path: Path) -> None:
        uid = _pour(tmp_path)
        account = _representative(uid)
        _confirm(uid, account)

        _pour(tmp_path, "Tout autre chose, 079 555 00 00.")

        assert PURPOSE in repr(seen())

    def test_hides_with_the_property(self, tmp_path: Path) -> None:
        uid = _pour(tmp_path)
        account = _representative(uid)
        _confirm(uid, account)
        wish = Wish(audience="public", shows=False, property="description")

        decide(uid=uid, wish=wish, actor="steward:test", reason="letter", now=datetime.now(UTC))

        assert "Cachée" not in repr(seen()) + repr(feed())

    @pytest.mark.parametrize("mandate", [None, "other", "ended"])
    def test_nobody_else_can_nor_sees_it(self, tmp_path: Path, mandate: str | None) -> None:
        uid = _pour(tmp_path)
        account = open_account(email="max@example.org", name="Max Exemple", now=NOW).pk
        if mandate == "other":
            give_mandate(account_id=account, subject_uid=uid_of("K2"), scope="decide", valid_from=NOW, proof="letter")
        if mandate == "ended":
            give_mandate(
                account_id=account, subject_uid=uid, scope="decide", valid_from=NOW - timedelta(days=9),
                valid_until=NOW - timedelta(days=1), proof="letter",
            )  # fmt: skip

        with pytest.raises(NotARepresentative):
            masked_texts(uid=uid, account_id=account, now=NOW)
        with pytest.raises(NotARepresentative):
            confirm_text(uid=uid, property_name="description", source_id=1, account_id=account, now=NOW)

        assert PURPOSE not in repr(seen())

    def test_nothing_remains_once_the_key_is_destroyed(self, tmp_path: Path) -> None:
        uid = _pour(tmp_path)
        account = _representative(uid)
        source_id = _waiting(uid, account).source_id
        Envelope.objects.all().delete()

        assert masked_texts(uid=uid, account_id=account, now=NOW) == []
        with pytest.raises(NothingMaskedError):
            confirm_text(uid=uid, property_name="description", source_id=source_id, account_id=account, now=NOW)

    def test_of_several_values_all_are_said(self, tmp_path: Path) -> None:
        take(
            write(tmp_path, [club(1, Sigle="CdC, Chœur 079 555 12 34")]),
            mapping={"Clé": "id", "Sigle": "alternate_names"},
        )
        uid = uid_of("K1")
        account = _representative(uid)
        waiting = masked_texts(uid=uid, account_id=account, now=NOW)

        confirm_text(
            uid=uid, property_name="alternate_names", source_id=waiting[0].source_id, account_id=account, now=NOW
        )

        (body,) = seen().values()
        assert any("555 12 34" in each for each in body["alternate_names"])
        assert Statement.objects.filter(origin=40, end_revision__isnull=True).count() == len(body["alternate_names"])
