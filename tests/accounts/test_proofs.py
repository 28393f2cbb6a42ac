"""What is proven in a session holds for half an hour, for one subject, on the server."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.contrib.sessions.backends.db import SessionStore

from datacoop.accounts import proofs

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def request_():
    return SimpleNamespace(session=SessionStore())


class TestProven:
    def test_holds_for_half_an_hour_and_no_longer(self, request_):
        anna = uuid4()
        proofs.record(request_, anna, proofs.LETTER_CODE, NOW)
        assert proofs.proven(request_, anna, now=NOW) == "letter_code"
        assert proofs.proven(request_, anna, now=NOW + timedelta(minutes=29)) == "letter_code"
        assert proofs.proven(request_, anna, now=NOW + timedelta(minutes=30)) is None
        assert proofs.proven(request_, anna, now=NOW + timedelta(minutes=10), within=timedelta(minutes=10)) is None

    def test_is_about_one_subject_and_one_session(self, request_):
        anna = uuid4()
        proofs.record(request_, anna, proofs.PASSKEY, NOW)
        assert proofs.proven(request_, uuid4(), now=NOW) is None
        assert proofs.proven(SimpleNamespace(session=SessionStore()), anna, now=NOW) is None

    def test_counts_for_nothing_when_the_clock_was_set_back(self, request_):
        anna = uuid4()
        proofs.record(request_, anna, proofs.PASSKEY, NOW)
        assert proofs.proven(request_, anna, now=NOW - timedelta(seconds=1)) is None

    def test_survives_the_storing_of_the_session(self, request_):
        anna = uuid4()
        proofs.record(request_, anna, proofs.EMAIL_CODE, NOW)
        request_.session.save()
        later = SimpleNamespace(session=SessionStore(session_key=request_.session.session_key))
        assert proofs.proven(later, anna, now=NOW) == "email_code"
        assert proofs.proven_subjects(later, now=NOW) == {anna: "email_code"}

    def test_is_gone_when_forgotten(self, request_):
        anna = uuid4()
        proofs.record(request_, anna, proofs.EMAIL_CODE, NOW)
        proofs.forget(request_, anna)
        assert proofs.proven(request_, anna, now=NOW) is None


class TestRecord:
    def test_changes_the_key_of_the_session(self, request_):
        request_.session.save()
        before = request_.session.session_key
        proofs.record(request_, uuid4(), proofs.EMAIL_CODE, NOW)
        assert request_.session.session_key != before
        assert not SessionStore().exists(before)

    def test_keeps_a_personal_proof_when_a_shared_mailbox_follows(self, request_):
        anna = uuid4()
        proofs.record(request_, anna, proofs.LETTER_CODE, NOW)
        proofs.record(request_, anna, proofs.SHARED_MAILBOX, NOW + timedelta(minutes=1))
        assert proofs.proven(request_, anna, now=NOW + timedelta(minutes=2)) == "letter_code"
        proofs.record(request_, anna, proofs.SHARED_MAILBOX, NOW + timedelta(minutes=40))
        assert proofs.proven(request_, anna, now=NOW + timedelta(minutes=41)) == "shared_mailbox"

    def test_refuses_an_unknown_method(self, request_):
        with pytest.raises(ValueError, match="no way of proving"):
            proofs.record(request_, uuid4(), "knowing the address", NOW)

    def test_keeps_the_last_hundred(self, request_):
        for number in range(120):
            proofs.record(request_, uuid4(), proofs.EMAIL_CODE, NOW + timedelta(seconds=number))
        assert len(proofs.proven_subjects(request_, now=NOW + timedelta(minutes=3))) == 100
