"""Lists that holders' programs send: taken in once, told by row, and nothing of anybody else's."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from datacoop.accounts.actions import issue_token
from datacoop.accounts.holding import end_key, give_key, holder_of_token
from datacoop.jobs.actions import run_due
from datacoop.jobs.models import Job
from datacoop.pipelines import submitting, uploads
from datacoop.rights.actions.agreeing import sign
from datacoop.sources.actions import open_contribution, register_holder
from datacoop.sources.history import list_deliveries
from datacoop.sources.models import Submission
from datacoop.sources.owning import list_own
from tests.api.world import Caller, add, token_of_client
from tests.pipelines.pouring import HOLDER, KEY, Row, clubs, seen, take, write
from tests.portal.sitting import SIGNATURE

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/api/v1/contributions"
CSV, FORM = "text/csv", "application/x-www-form-urlencoded"


@pytest.fixture(autouse=True)
def _data_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATACOOP_DATA_DIR = tmp_path / "data"
    settings.DATACOOP_ANSWERABLE = "Coopérative d'essai\nRue de l'Exemple 1\n1005 Lausanne"


class Program:
    """A holder's own program."""

    def __init__(self, folder: Path, *, signed: bool = True, name: str = HOLDER) -> None:
        now = datetime.now(UTC)
        self.folder, self.client = folder, Client()
        self.holder = register_holder(name=name, now=now)
        if signed:
            sign(holder=self.holder, signature=SIGNATURE, actor="account:1", now=now)
        client_id, secret = give_key(holder=self.holder, now=now)
        self.token, _ = issue_token(client_id=client_id, client_secret=secret, now=now)

    def send(self, rows: list[Row] | bytes, query: str = "", *, key: str = "", token: str = "", **headers: str) -> Any:
        content = rows if isinstance(rows, bytes) else write(self.folder, rows).read_bytes()
        headers = {"Idempotency-Key": key or str(uuid.uuid4()), **headers}
        return self.client.post(
            f"{ADDRESS}?{query}", content, content_type=headers.pop("Content-Type", CSV),
            headers={"Authorization": f"Bearer {token or self.token}", **headers},
        )  # fmt: skip

    def status(self, sent: Any, *, token: str = "") -> Any:
        path = "/" + sent.json()["status"].split("/", 3)[3]
        return self.client.get(path, headers={"Authorization": f"Bearer {token or self.token}"})

    def told(self, rows: list[Row] | bytes, query: str = "", **headers: str) -> dict[str, Any]:
        """Send, let the work be done, and return what is told."""
        sent = self.send(rows, query, **headers)
        assert sent.status_code == 202, sent.content
        run_due(datetime.now(UTC) + timedelta(seconds=1))
        told: dict[str, Any] = self.status(sent).json()
        return told


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """One whose list a steward took in before."""
    take(write(tmp_path, clubs(6)), mapping=KEY)
    return Program(tmp_path)


def code(answer: Any) -> str:
    return str(answer.json()["type"]).rpartition("/")[2]


class TestAList:
    def test_is_taken_in_as_a_part_and_told_by_row(self, program: Program) -> None:
        rows = [{**clubs(7)[6], "E-mail": "no address"}, {**clubs(1)[0], "Nom": "Club Renommé"}, {"Clé": "K9"}]

        told = program.told(rows)

        assert (told["state"], told["mode"], told["questions"]) == ("accepted", "patch", [])
        assert told["report"]["counts"] == {"read": 3, "accepted": 2, "rejected": 1}
        assert [(each["row"], each["code"]) for each in told["report"]["rows"]][-1] == (4, "name-missing")
        assert len(seen()) == 7
        assert "Club Renommé" in seen()
        (own,) = list_own(program.holder)
        assert list_deliveries(own.source_id)[0].actor == "program"

    def test_is_taken_in_whole_where_it_says_so(self, program: Program) -> None:
        assert program.told(clubs(5), "mode=snapshot")["state"] == "accepted"

        assert len(seen()) == 5

    def test_may_be_records_one_on_a_line(self, program: Program) -> None:
        lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in clubs(8)).encode()

        assert program.told(lines, **{"Content-Type": "application/x-ndjson"})["state"] == "accepted"

        assert len(seen()) == 8

    def test_that_is_only_tried_leaves_nothing(self, program: Program) -> None:
        told = program.told([*clubs(7), {"Clé": "K9"}], "dry_run=true")

        assert (told["state"], told["report"]["counts"]["rejected"]) == ("tried", 1)
        assert len(seen()) == 6
        (own,) = list_own(program.holder)
        assert len(list_deliveries(own.source_id)) == 1

    def test_of_which_too_much_vanished_waits_for_somebody(self, program: Program) -> None:
        told = program.told(clubs(2), "mode=snapshot")

        assert (told["state"], told["questions"]) == (
            "waiting", ["4 of 6 rows of the last file are missing in this one."],
        )  # fmt: skip
        assert len(seen()) == 6
        (waiting,) = uploads.list_waiting(program.holder.hex)
        submitting.answered(waiting, None, now=datetime.now(UTC))
        assert Submission.objects.get().state == "refused"

    def test_that_nobody_looked_at_yet_waits_and_so_does_one_of_a_new_kind(self, tmp_path: Path) -> None:
        program = Program(tmp_path)

        told = program.told(clubs(3))

        assert told["state"] == "waiting"
        assert told["report"]["counts"] == {"read": 3, "accepted": 3, "rejected": 0}
        assert seen() == {}
        (waiting,) = uploads.list_waiting(program.holder.hex)
        uploads.discard(waiting.token)
        submitting.sweep_submissions(now=datetime.now(UTC))
        assert Submission.objects.get().state == "refused"

    def test_that_another_delivery_is_at_work_on_is_taken_in_later_and_in_order(self, program: Program) -> None:
        (own,) = list_own(program.holder)
        now = datetime.now(UTC)
        open_contribution(source_id=own.source_id, names=["x"], sha256="", actor="steward:1", now=now)
        first, second = program.send(clubs(7)), program.send(clubs(8))

        run_due(now + timedelta(seconds=1))
        states = [program.status(each).json()["state"] for each in (first, second)]
        assert states == ["received", "received"]

        Submission._meta.apps.get_model("sources", "Contribution").objects.filter(state="staging").delete()
        run_due(now + timedelta(minutes=2))
        assert [program.status(each).json()["state"] for each in (first, second)] == ["accepted", "accepted"]
        assert len(seen()) == 8

    def test_is_gone_from_the_disk_once_it_is_settled_and_its_report_after_a_month(self, program: Program) -> None:
        program.told(clubs(7))

        folder = submitting._folder()
        assert list(folder.iterdir()) == []
        submitting.sweep_submissions(now=datetime.now(UTC) + timedelta(days=31))
        assert Submission.objects.count() == 0


class TestOnceMore:
    def test_the_same_gives_the_same_answer_and_is_taken_in_once(self, program: Program) -> None:
        first, again = (program.send(clubs(7), key="a-1") for _ in range(2))

        assert (first.status_code, first.content, first.headers["Location"]) == (
            again.status_code, again.content, again.headers["Location"],
        )  # fmt: skip
        assert program.send(clubs(7), key='"a-1"').content == first.content
        assert Submission.objects.count() == 1

    @pytest.mark.parametrize(("rows", "query"), [(7, "dry_run=true"), (8, "")], ids=["asked otherwise", "other rows"])
    def test_something_else_under_the_same_key_is_refused(self, program: Program, rows: int, query: str) -> None:
        program.send(clubs(7), key="a-1")

        answer = program.send(clubs(rows), query, key="a-1")

        assert (answer.status_code, code(answer)) == (422, "key-reused")

    def test_anothers_key_is_anothers(self, program: Program, tmp_path: Path) -> None:
        other = Program(tmp_path, name="Une autre")
        program.send(clubs(7), key="a-1")

        assert other.send(clubs(3), key="a-1").status_code == 202

    def test_after_a_kill_behind_the_acceptance_it_is_told_as_if_there_was_none(
        self, program: Program, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(submitting, "note_outcome", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
            sent = program.send(clubs(7))
            with pytest.raises(KeyboardInterrupt):
                run_due(datetime.now(UTC) + timedelta(seconds=1))
        assert len(seen()) == 7

        run_due(datetime.now(UTC) + submitting.LEASE + timedelta(seconds=5))

        told = program.status(sent).json()
        assert (told["state"], told["report"]["counts"]) == ("accepted", {"read": 7, "accepted": 7, "rejected": 0})

    def test_what_goes_wrong_inside_is_told_and_does_not_keep_the_next_waiting(
        self, program: Program, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(submitting, "contribute", lambda *_, **__: 1 / 0)
            assert program.told(clubs(7))["state"] == "refused"
        assert Job.objects.filter(name=submitting.TAKE).exists()

        assert program.told(clubs(8))["state"] == "accepted"


class TestWhoMaySend:
    def test_a_holder_that_signed_and_whose_key_runs(self, program: Program, tmp_path: Path) -> None:
        unsigned = Program(tmp_path, signed=False, name="Une autre")
        answer = unsigned.send(clubs(3))
        assert (answer.status_code, code(answer)) == (403, "agreement-needed")

        end_key(holder=program.holder, now=datetime.now(UTC))
        assert program.send(clubs(7)).status_code == 401
        assert not end_key(holder=program.holder, now=datetime.now(UTC))
        client_id, secret = give_key(holder=program.holder, now=datetime.now(UTC))
        program.token, _ = issue_token(client_id=client_id, client_secret=secret, now=datetime.now(UTC))
        assert program.send(clubs(7)).status_code == 202

    def test_nobody_else(self, program: Program) -> None:
        _, readers = token_of_client()
        for token in ("x", readers):
            answer = program.send(clubs(7), token=token)
            assert (answer.status_code, code(answer)) == (401, "invalid-token")
        assert program.client.post(ADDRESS, b"", content_type=CSV).status_code == 401

    def test_and_its_token_reads_nothing(self, program: Program, caller: Caller) -> None:
        for path in ("/api/v1/organisations", "/api/v1/changes", "/api/v1/acknowledgements"):
            assert caller.get(path, authorization=f"Bearer {program.token}").status == 401

    def test_nobody_asks_what_came_of_anothers(self, program: Program, tmp_path: Path) -> None:
        other = Program(tmp_path, name="Une autre")
        sent = program.send(clubs(7))

        never = other.client.get(f"{ADDRESS}/{uuid.uuid4()}", headers={"Authorization": f"Bearer {other.token}"})

        assert (other.status(sent).status_code, other.status(sent).content) == (404, never.content)

    def test_a_token_says_what_it_is_for(self, program: Program) -> None:
        client_id, secret = give_key(holder=program.holder, now=datetime.now(UTC))
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}

        answer = program.client.post("/oauth/token", urlencode(form), content_type=FORM)

        assert answer.json()["scope"] == "contributions"
        assert holder_of_token(answer.json()["access_token"], now=datetime.now(UTC)) == program.holder
        asked = urlencode({**form, "scope": "all"})
        assert program.client.post("/oauth/token", asked, content_type=FORM).json() == {"error": "invalid_scope"}


UNREADABLE, UNKNOWN_TYPE, INVALID = (
    (422, "unreadable-list"),
    (415, "unsupported-media-type"),
    (400, "invalid-parameter"),
)
REFUSED: list[tuple[bytes, str, dict[str, str], tuple[int, str]]] = [
    (b"%PDF-1.7", "", {}, UNREADABLE),
    (b" \n", "", {}, UNREADABLE),
    (b'[{"name": "A"', "", {"Content-Type": "application/json"}, UNREADABLE),
    (b"Nom\nA\n", "", {"Content-Type": "application/pdf"}, UNKNOWN_TYPE),
    (b"Nom\nA\n", "", {"Content-Encoding": "gzip"}, UNKNOWN_TYPE),
    (b"Nom\nA\n", "", {"Idempotency-Key": "ä"}, INVALID),
    (b"Nom\nA\n", "", {"Idempotency-Key": "k" * 256}, INVALID),
    (b"Nom\nA\n", "mode=all", {}, INVALID),
    (b"Nom\nA\n", "kind=club", {}, INVALID),
    (b"Nom\nA\n", "accept_removals=true", {}, (400, "unknown-parameter")),
]


class TestWhatIsRefused:
    def test_says_what_and_keeps_nothing(self, program: Program) -> None:
        for body, query, headers, wanted in REFUSED:
            answer = program.send(body, query, **headers)

            assert (answer.status_code, code(answer)) == wanted, (query, headers)
            assert answer.json().get("detail") or answer.json()["parameter"]
        assert Submission.objects.count() == 0
        assert list(submitting._folder().iterdir()) == []

    def test_says_where(self, program: Program) -> None:
        answer = program.send(b'[\n{"name": "A",}\n]', **{"Content-Type": "application/json"})

        assert "(line 2, column 14)" in answer.json()["detail"]

    def test_too_much_at_once(self, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(submitting, "MOST_RECEIVED", 1)
        program.send(clubs(7))

        answer = program.send(clubs(8))

        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")

    def test_several_lists_of_a_kind_are_told_apart_by_name(self, program: Program, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(3), "autre.csv"), source="autre")

        answer = program.send(clubs(7))
        assert (answer.status_code, answer.json()["detail"]) == (400, "One of: autre, liste.")
        assert program.told(clubs(4), "source=autre")["state"] == "accepted"


class TestConstantReplies:
    def test_a_reply_does_not_tell_whether_a_record_was_there(self, tmp_path: Path) -> None:
        """Law 2, and `who is already in the directory?` of the table of leaks: two worlds, one answer."""
        told = []
        for name, known in (("Une association", True), ("Une deuxième", False)):
            if known:
                add("organisation", 1, public=False, name="Club numéro Babake", email="info@babake.example.ch")
            program = Program(tmp_path, name=name)
            take(write(tmp_path, clubs(9)[1:2]), holder=name)
            sent = program.send(clubs(1))
            run_due(datetime.now(UTC) + timedelta(seconds=1))
            status = program.status(sent)
            plain = {k: v for k, v in status.json().items() if k not in ("id", "received_at", "settled_at")}
            told.append((sent.status_code, sorted(sent.json()), sorted(sent.headers), plain))

        assert told[0] == told[1]


class TestTheDoor:
    """What the served application asks before Django keeps a body."""

    def test_lets_holders_programs_through_and_nobody_else(self, program: Program, caller: Caller) -> None:
        token = f"Bearer {program.token}"

        assert caller.get(ADDRESS, "POST").status == caller.get(f"{ADDRESS}/{uuid.uuid4()}").status == 401
        assert caller.get(ADDRESS, "POST", authorization=token, content_length="999999999").status == 413
        assert caller.get(ADDRESS, "POST", authorization=token).body == b"django"
        assert caller.get(f"{ADDRESS}/{uuid.uuid4()}", authorization=token).body == b"django"
        assert caller.get(ADDRESS, "OPTIONS").headers["allow"] == "POST, OPTIONS"
