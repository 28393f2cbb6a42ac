"""Loading the demo: once, safely repeated, with every decision in force."""

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from django.core import mail

from datacoop.accounts.queries import representatives_of
from datacoop.disclosure.readers import PUBLIC, reader_of_agreement
from datacoop.disclosure.reading import reading
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import Found, Question
from datacoop.lib.recapture import Estimate
from datacoop.pipelines.contribute import contribute
from datacoop.pipelines.coverage.counting import cover
from datacoop.pipelines.demo.decisions import CITY_CLIENT, decisions
from datacoop.pipelines.demo.loading import DemoRefused, load_demo, uids_of_demo
from datacoop.pipelines.demo.organisations import REFUGE
from datacoop.pipelines.demo.world import World, invent
from datacoop.pipelines.intake import Intake
from datacoop.records.envelopes import digest
from datacoop.records.queries import merges_of, root_of
from datacoop.records.rules import id_of
from datacoop.rights.models import Notice
from datacoop.rights.queries.agreements import has_agreement
from datacoop.rights.queries.notices import count_late
from datacoop.sources.owning import find_holder_named, list_holders, list_own
from datacoop.sources.queries import find_list, record_of_key

pytestmark = pytest.mark.django_db(transaction=True)
SIZE = 0.15


def clock() -> datetime:
    return datetime.now(UTC)


def body(uid: uuid.UUID, agreement: str | None = None) -> dict[str, object] | None:
    with reading() as r:
        reader = reader_of_agreement(r, agreement) if agreement else PUBLIC
        assert reader is not None
        found = get(r, reader, "organisation", str(uid))
    return orjson.loads(found.body) if isinstance(found, Found) else None


def everything(kind: str) -> Iterator[dict[str, object]]:
    with reading() as r:
        page = find(r, PUBLIC, Question(kind, limit=200))
        while True:
            yield from (orjson.loads(each) for each in page.bodies)
            if page.position is None:
                return
            page = find(r, PUBLIC, Question(kind, limit=200, after=page.position))


def world() -> World:
    return invent(clock().date(), size=SIZE)


def _merged(told: World) -> tuple[int, list[set[str]]]:
    """How many records redirect to another, and the groups in which there are two organisations."""
    said: dict[int, set[str]] = {}
    for listing in told.listings:
        listed = find_list(holder=listing.holder, kind="organisation")
        assert listed is not None
        for row in listing.rows:
            uid = record_of_key(listed.source_id, digest("row", row.key))
            if uid is not None:
                said.setdefault(id_of(uid), set()).add(row.organisation)
    merges = merges_of(list(said))
    groups: dict[int, set[str]] = {}
    for record, organisations in said.items():
        groups.setdefault(root_of(record, merges), set()).update(organisations)
    return len(merges), [each for each in groups.values() if len(each) > 1]


class TestLoadDemo:
    def test_loads_once_and_shows_only_what_was_decided(self, tmp_path: Path) -> None:
        lines: list[str] = []

        first = load_demo(folder=tmp_path, clock=clock, say=lines.append, size=SIZE)
        second = load_demo(folder=tmp_path, clock=clock, size=SIZE)

        assert (first.is_new, second.is_new) == (True, False)
        assert len(first.characters) == len(second.characters) == 8
        assert len(lines) > 10
        self._check_linking(lines)
        self._check_decisions()
        self._check_refuge()
        self._check_roles()
        self._check_desk()
        self._check_notices()

    def _check_linking(self, lines: list[str]) -> None:
        """Every list says how many it had in common with others; what was merged is one, and never two."""
        counts = [tuple(map(int, re.findall(r"(?:matched|to review) (\d+)", line))) for line in lines]
        total = counts.index(
            next(c for c, line in zip(counts, lines, strict=True) if line.startswith("Organisations of"))
        )
        merged, wrong = _merged(world())
        assert counts[total] == (sum(c[0] for c in counts[:total] if c), sum(c[1] for c in counts[:total] if c))
        assert counts[total][0] == merged > 20
        assert counts[total][1] > 0
        assert wrong == []

    def _check_notices(self) -> None:
        """Persons are told, or not, in every state; loading writes to nobody."""
        states = list(Notice.objects.filter(natural=True).order_by("pk").values_list("state", flat=True))
        assert states == ["told", "told", "answered", "returned", "sent", "waiting"]
        assert count_late(clock()) == 1
        assert all(has_agreement(holder.uid) for holder in list_holders())
        assert mail.outbox == []

    def _check_desk(self) -> None:
        """The holder among the characters sits at the desk of the list that is not published."""
        bureau = next(listing for listing in world().listings if not listing.published)
        holder = find_holder_named(bureau.holder)
        assert holder is not None
        acting = representatives_of(subject_uid=holder.uid, scope="holder", now=clock())
        assert [each.email for each in acting] == ["huguette@example.org"]
        (own,) = list_own(holder.uid)
        with reading() as r:
            found = cover(r, own, now=clock())
        assert found.rows == len(bureau.rows)
        assert 0 < found.shared < found.pool
        assert isinstance(found.whole, Estimate)

    def _check_decisions(self) -> None:
        told = uids_of_demo(world())
        hidden = [d for d in decisions(world()) if d.audience == "public" and not d.shows]
        lasting = {(d.organisation, d.property) for d in decisions(world()) if d.lasting and d.audience == "public"}
        for decided in hidden:
            seen = body(told[decided.organisation])
            if decided.property is None:
                assert seen is None
            elif (decided.organisation, decided.property) not in lasting:
                assert seen is not None
                assert decided.property not in seen
        for decided in decisions(world()):
            if decided.audience == f"agreement:{CITY_CLIENT}":
                seen = body(told[decided.organisation], CITY_CLIENT)
                assert seen is not None
                assert decided.property in seen

    def _check_refuge(self) -> None:
        refuges = [each for each in everything("organisation") if REFUGE in (each.get("theme") or [])]
        for each in refuges:
            assert not {"addresses", "point"} & set(each)

    def _check_roles(self) -> None:
        shown = [role for role in world().roles if role.shown]
        assert len(list(everything("role"))) == len(shown)

    def test_refuses_an_instance_with_lists_of_its_own(self, tmp_path: Path) -> None:
        path = tmp_path / "own.csv"
        path.write_text("Nom;NPA;Localité\nChœur du Tilleul;1004;Lausanne\n", encoding="utf-8")
        contribute(Intake((path,), "Own"), actor="steward:test", clock=clock)

        with pytest.raises(DemoRefused):
            load_demo(folder=tmp_path / "demo", clock=clock, size=SIZE)
