"""Answering: a link narrows and never widens; what was previewed is what everybody sees."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datacoop.accounts import proofs
from datacoop.charter.queries import current
from datacoop.consent.actions import Wish
from datacoop.consent.queries import last_word, unindexed
from datacoop.disclosure.actions import settle as settle_due
from datacoop.disclosure.asking import ask
from datacoop.disclosure.own.previewing import Preview
from datacoop.disclosure.own.telling import own_records, shown_audiences
from datacoop.disclosure.readers import PUBLIC, Reader, reader_of_agreement
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.getting import Found, get
from datacoop.kinds.definition import all_kinds
from datacoop.kinds.definition import kind as kind_named
from datacoop.records.actions.merging import merge, split
from datacoop.records.actions.revising import revision
from datacoop.records.models import Record
from datacoop.records.rules import id_of
from datacoop.rights.actions.answering import (
    Answerer,
    NotTheirs,
    Overtaken,
    ProofNeeded,
    answer,
    index,
    sayings_of,
    wishes_of,
)
from datacoop.rights.rules.answers import (
    CHOICES,
    EVERYBODY,
    FULL,
    FUNCTION,
    HIDDEN,
    INITIALS,
    LESS,
    MANDATE,
    NOBODY,
    NOTHING,
    PROPOSED,
    SOME,
    Asked,
    Field,
    Meaning,
    Meant,
    Spoken,
    chosen,
    initials,
    may_widen,
    named,
    of_fields,
)
from tests.database import cleaning
from tests.rights.people import EMAIL, NAME, NOW, Village, settle

pytestmark = pytest.mark.django_db(transaction=True)
CHOICES_DOCUMENT = current("choices").text


@pytest.fixture
def village() -> Village:
    return settle()


def asked(subject: uuid.UUID, sources=None) -> list[Asked]:
    return [
        Asked(r.id, kind_named(r.kind), tuple(Spoken(a, p or None, s) for a, p, s in r.standing))
        for r in own_records(subject, now=NOW, sources=sources)
    ]


def choose(by: Answerer, choice: str, seen: int | None = None) -> int:
    return answer(by=by, meaning=chosen(choice, asked(by.subject_uid), CHOICES_DOCUMENT), seen=seen, now=NOW)


def body_for(audience: str, uid: uuid.UUID) -> dict[str, object] | None:
    kinds: dict[str, set[uuid.UUID]] = {}
    for each, kind in Record.objects.values_list("uid", "kind"):
        kinds.setdefault(kind, set()).add(each)

    def question(reading: Reading) -> dict[str, object] | None:
        reader: Reader | None = PUBLIC if audience == "public" else reader_of_agreement(reading, "city")
        assert reader is not None
        kind = next(k for k in ("organisation", "role", "person") if uid in kinds[k])
        for given_id in (str(uid), *([reader.ids.of(str(uid))] if reader.ids else [])):
            found = get(reading, reader, kind, given_id)
            if isinstance(found, Found):
                return dict(orjson.loads(found.body))
        return None

    return ask(question, now=NOW)


def by_link(village: Village, **other) -> Answerer:
    return replace(Answerer(village.person, "link:1"), **other)


PROVEN = proofs.LETTER_CODE


class TestProof:
    @pytest.mark.parametrize("proof", [None, proofs.SHARED_MAILBOX])
    @pytest.mark.parametrize("choice", [PROPOSED, LESS])
    def test_a_link_or_a_shared_mailbox_cannot_show_a_person(self, village, proof, choice):
        before = last_word([id_of(village.in_choir), id_of(village.person)])

        with pytest.raises(ProofNeeded):
            choose(by_link(village, proof=proof), choice)

        assert body_for("public", village.in_choir) is None
        assert last_word([id_of(village.in_choir), id_of(village.person)]) == before

    @pytest.mark.parametrize("proof", [*sorted(proofs.PERSONAL), MANDATE])
    def test_whoever_proved_it_can(self, village, proof):
        choose(by_link(village, proof=proof), PROPOSED)

        shown = body_for("public", village.in_choir)
        assert shown is not None
        assert (shown["role"], shown["display_name"]) == ("treasurer", NAME)
        assert body_for("public", village.person) is None

    def test_nothing_is_one_step_with_the_link_alone(self, village):
        choose(by_link(village, proof=PROVEN), PROPOSED)

        choose(by_link(village), NOTHING)

        assert body_for("public", village.in_choir) is None
        assert body_for("public", village.in_club) is None

    def test_less_after_everything_is_one_step_with_the_link_alone(self, village):
        choose(by_link(village, proof=PROVEN), PROPOSED)

        choose(by_link(village), LESS)

        shown = body_for("public", village.in_choir)
        assert shown is not None
        assert "display_name" not in shown
        assert shown["role"] == "treasurer"

    def test_a_link_concerns_what_its_notice_says_and_no_more(self, village):
        link = by_link(village, proof=PROVEN, sources=frozenset({village.lists[0]}))
        other = Meaning((Meant(id_of(village.in_club), "public", None, False),))

        with pytest.raises(NotTheirs):
            answer(by=link, meaning=other, seen=None, now=NOW)
        with pytest.raises(NotTheirs):
            answer(by=link, meaning=Meaning((Meant(id_of(village.choir), "public", None, False),)), seen=None, now=NOW)

    def test_the_full_name_in_place_of_initials_needs_a_proof_though_no_property_is_wider(self, village):
        functions = [each for each in asked(village.person) if each.kind.name == "role"]
        answer(
            by=by_link(village, proof=PROVEN),
            meaning=named(dict.fromkeys((f.id for f in functions), INITIALS), functions), seen=None, now=NOW,
        )  # fmt: skip
        everywhere = [each for each in asked(village.person) if each.kind.name == "role"]
        full = named(dict.fromkeys((f.id for f in everywhere), FULL), everywhere)

        with pytest.raises(ProofNeeded):
            answer(by=by_link(village), meaning=full, seen=None, now=NOW)

        shown = body_for("public", village.in_choir)
        assert shown is not None
        assert shown["display_name"] == "M. V."


_WORDS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(("public", "cooperators", "terms:public-bodies", "agreement:city")),
        st.sampled_from((None, "name", "email", "role", "organisation", "display_name", "birth_date")),
        st.sampled_from((True, False, None)),
        st.sampled_from((None, 5)),
    ),
    min_size=1,
    max_size=4,
)


def _meaning(village: Village, drawn) -> Meaning:
    records = [("person", village.person), ("role", village.in_choir), ("role", village.in_club)]
    words = []
    for place, audience, name, shows, days in drawn:
        kind, uid = records[place]
        if name is not None and name not in {p.name for p in kind_named(kind).properties}:
            continue
        until = NOW + timedelta(days=days) if days and shows is not None else None
        words.append(Meant(id_of(uid), audience, name, shows, until))
    return Meaning(tuple(words))


def _everything_seen(village: Village, when) -> dict[tuple[str, uuid.UUID], dict[str, object]]:
    settle_due(when)
    seen = {}
    for audience in ("public", "agreement:city"):
        for uid in (village.person, village.in_choir, village.in_club):
            body = _body_at(audience, uid, when)
            seen[audience, uid] = {k: v for k, v in (body or {}).items() if k not in {"id", "modified", "sources"}}
    return seen


def _body_at(audience: str, uid: uuid.UUID, when):
    preview = Preview(uid, now=when, proven=True)
    own = next((s for s in preview.seen_by(audience) if s.uid == uid), None)
    return own.body if own else None


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(first=_WORDS, then=_WORDS, later=st.sampled_from((0, 3, 30)))
def test_no_answer_with_a_link_alone_shows_anybody_anything_new(first, then, later):
    village = settle_anew()
    given_before = _meaning(village, first)
    if given_before.words:
        answer(by=by_link(village, proof=PROVEN), meaning=given_before, seen=None, now=NOW)
    when = NOW + timedelta(days=later)
    before = _everything_seen(village, when)
    meaning = _meaning(village, then)
    if not meaning.words:
        return
    try:
        answer(by=by_link(village), meaning=meaning, seen=None, now=NOW)
    except ProofNeeded:
        assert _everything_seen(village, when) == before
        return
    for key, seen in _everything_seen(village, when).items():
        assert seen.items() <= before[key].items()


def settle_anew() -> Village:
    """A village of its own for each example: what stands is taken away first."""
    cleaning.restore()
    return settle()


class TestPreview:
    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    @given(drawn=_WORDS)
    def test_shows_exactly_what_is_seen_once_it_is_decided(self, drawn):
        village = settle_anew()
        meaning = _meaning(village, drawn)
        if not meaning.words:
            return
        wishes = wishes_of(meaning)
        first = Preview(village.person, now=NOW)
        preview = Preview(
            village.person, now=NOW, wishes=wishes, sayings=sayings_of(meaning, first.groups), proven=True
        )
        promised = {a: {s.uid: s.body for s in preview.seen_by(a)} for a in ("public", "agreement:city")}
        answer(by=by_link(village, proof=PROVEN), meaning=meaning, seen=None, now=NOW)

        for audience, bodies in promised.items():
            for uid, body in bodies.items():
                seen = body_for(audience, uid)
                plain = {k: v for k, v in (seen or {}).items() if k not in {"id", "kind", "modified", "sources"}}
                assert _without_ids(plain) == _without_ids(body or {})

    @pytest.mark.parametrize("level", [FULL, INITIALS, FUNCTION, HIDDEN])
    def test_names_are_previewed_as_they_will_be_shown(self, village, level):
        roles = [each for each in asked(village.person) if each.kind.name == "role"]
        meaning = named(dict.fromkeys((r.id for r in roles), level), roles)
        groups = Preview(village.person, now=NOW).groups
        preview = Preview(
            village.person, now=NOW, wishes=wishes_of(meaning), sayings=sayings_of(meaning, groups), proven=True
        )
        promised = {s.uid: s.body for s in preview.seen_by("public")}
        answer(by=by_link(village, proof=PROVEN), meaning=meaning, seen=None, now=NOW)

        seen = body_for("public", village.in_club)
        names = {FULL: NAME, INITIALS: "M. V.", FUNCTION: None}
        if level == HIDDEN:
            assert seen is None
            assert promised[village.in_club] is None
        else:
            assert seen is not None
            assert seen.get("display_name") == names[level] == (promised[village.in_club] or {}).get("display_name")
            assert "person" not in seen

    def test_values_are_masked_until_it_is_proven_who_asks(self, village):
        wishes = wishes_of(chosen(PROPOSED, asked(village.person), CHOICES_DOCUMENT))
        wishes.append((id_of(village.person), Wish("public", True)))
        preview = Preview(village.person, now=NOW, wishes=wishes)
        everything = repr(own_records(village.person, now=NOW))
        everything += repr([preview.seen_by(audience) for audience in shown_audiences()])
        assert "•••" in everything
        assert EMAIL not in everything
        assert "Vernehaut" not in everything
        assert "1950" not in everything
        assert EMAIL in repr(own_records(village.person, now=NOW, proven=True))

    def test_what_the_public_sees_is_masked_like_the_rest(self, village):
        """A page that told apart what is public would say by its gaps what is not, and whose mailbox it is."""
        (choir,) = own_records(village.choir, now=NOW)
        assert "choeur" not in repr(choir.values)
        assert choir.title == ""


def _without_ids(body: dict[str, object]) -> dict[str, object]:
    return {k: v for k, v in body.items() if k not in {"organisation", "person"}} | {
        k: True for k in ("organisation", "person") if k in body
    }


class TestFieldByField:
    def test_hides_one_property_from_everybody_until_a_day(self, village):
        (choir,) = asked(village.choir)
        until = NOW + timedelta(days=10)
        fields = [Field(choir.id, "email", NOBODY, until=until)]
        answer(
            by=Answerer(village.choir, "link:2"), meaning=of_fields(fields, [choir], shown_audiences()), seen=None,
            now=NOW,
        )  # fmt: skip

        assert "email" not in (body_for("public", village.choir) or {})
        assert "phones" in (body_for("public", village.choir) or {})
        settle_due(until)
        later = _body_at("public", village.choir, until)
        assert later is not None
        assert "email" in later

    def test_shows_one_class_of_readers_what_the_public_does_not_see(self, village):
        (choir,) = asked(village.choir)
        fields = [Field(choir.id, "email", SOME, frozenset({"terms:public-bodies"}))]
        meaning = of_fields(fields, [choir], shown_audiences())
        answer(by=Answerer(village.choir, "account:1", proof=MANDATE), meaning=meaning, seen=None, now=NOW)

        assert "email" not in (body_for("public", village.choir) or {})
        assert "email" in (body_for("agreement:city", village.choir) or {})

    def test_one_property_of_a_hidden_record_opens_nothing_else(self, village):
        choose(Answerer(village.choir, "account:1", proof=MANDATE), NOTHING)
        (choir,) = asked(village.choir)
        meaning = of_fields([Field(choir.id, "name", EVERYBODY)], [choir], shown_audiences())
        answer(by=Answerer(village.choir, "account:1", proof=MANDATE), meaning=meaning, seen=None, now=NOW)

        shown = body_for("public", village.choir)
        assert shown is not None
        assert shown["name"] == "Chœur de la Clairière"
        assert not {"email", "phones"} & shown.keys()


class TestBadCases:
    def test_of_two_who_decide_at_once_the_wider_must_look_again(self, village):
        by = by_link(village, proof=PROVEN)
        seen = last_word([id_of(village.in_choir), id_of(village.in_club), id_of(village.person)])
        choose(by, NOTHING, seen)

        with pytest.raises(Overtaken):
            choose(by, PROPOSED, seen)
        choose(by, NOTHING, seen)

        assert body_for("public", village.in_choir) is None

    def test_a_merged_record_follows_one_word_and_keeps_it_when_split(self, village):
        with revision(actor="test", now=NOW, why="test") as draft:
            merge(draft, loser_id=id_of(village.club), survivor_id=id_of(village.choir), reason="test")
        choose(Answerer(village.club, "link:3"), NOTHING)
        assert body_for("public", village.choir) is None

        with revision(actor="test", now=NOW, why="test") as draft:
            split(draft, loser_id=id_of(village.club))

        assert body_for("public", village.club) is None
        assert body_for("public", village.choir) is None

    def test_nothing_closes_what_one_client_was_shown(self, village):
        (choir,) = asked(village.choir)
        mandate = Answerer(village.choir, "account:1", proof=MANDATE)
        meaning = of_fields([Field(choir.id, "email", SOME, frozenset({"agreement:city"}))], [choir],
                            [*shown_audiences(), "agreement:city"])  # fmt: skip
        answer(by=mandate, meaning=meaning, seen=None, now=NOW)
        assert "email" in (body_for("agreement:city", village.choir) or {})

        choose(Answerer(village.choir, "link:4"), NOTHING)

        assert body_for("agreement:city", village.choir) is None


class TestIndexing:
    def test_a_link_may_close_and_not_open(self, village):
        record = id_of(village.choir)
        index(by=Answerer(village.choir, "link:1"), record=record, allowed=False, now=NOW)
        assert unindexed([record]) == {record}

        with pytest.raises(ProofNeeded):
            index(by=Answerer(village.choir, "link:1"), record=record, allowed=True, now=NOW)
        index(by=Answerer(village.choir, "account:1", proof=MANDATE), record=record, allowed=True, now=NOW)
        assert unindexed([record]) == frozenset()

    def test_is_nobody_elses(self, village):
        with pytest.raises(NotTheirs):
            index(by=by_link(village, proof=PROVEN), record=id_of(village.choir), allowed=False, now=NOW)


@pytest.mark.parametrize("choice", CHOICES)
def test_every_kind_has_a_meaning_for_every_choice(choice):
    for kind in all_kinds().values():
        assert chosen(choice, [Asked(1, kind)], CHOICES_DOCUMENT).words


def test_only_proofs_of_the_person_widen():
    assert {proof for proof in (None, *proofs.METHODS, MANDATE) if may_widen(proof)} == {*proofs.PERSONAL, MANDATE}


def test_initials():
    assert initials("Marlyse de Vernehaut") == "M. V."
    assert initials("Anne-Sophie d’Oranger") == "A.-S. O."
    assert initials("") == ""
