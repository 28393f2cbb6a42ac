"""What is protected in one place is protected in all: the place of a refuge, a contact that reaches a person.

Marks are decided here when a statement, or a merge, is accepted, and stored (law 2). Nothing is recomputed later.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import cast

from datacoop.charter.queries import current
from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.sql import in_parts
from datacoop.lib.text import fold, words
from datacoop.records.actions.restating import give_mark
from datacoop.records.actions.revising import Draft
from datacoop.records.actions.stating import mark_personal
from datacoop.records.models import Merge, Statement
from datacoop.records.queries import load, merges_of, referring, root_of
from datacoop.records.rules import PERSONAL_MARKS, Mark, RecordFacts

_TEXTS = frozenset({"string", "text"})
#: Types of the properties that can say that somebody is protected.
TELLING = _TEXTS | {"theme"}


@dataclass(frozen=True)
class Protection:
    """What the default policy withholds: the properties, and the themes and words that say of whom."""

    properties: frozenset[str]
    themes: tuple[str, ...]
    words: re.Pattern[str]
    letters: re.Pattern[str]

    def withholds(self, name: str, value: object) -> bool:
        """Return whether a property says where somebody protected is: a single date may name a place of its own."""
        if name in self.properties:
            return True
        dates = value.get("overrides", ()) if isinstance(value, Mapping) else ()
        return any(not self.properties.isdisjoint(each) for each in dates)

    def covers(self, said: Iterable[tuple[str, object]]) -> bool:
        """Return whether values, each with its property's type, are those of a refuge."""
        return any(self._tells(type_name, value) for type_name, value in said)

    def _tells(self, type_name: str, value: object) -> bool:
        if type_name == "theme":
            return any(value == theme or str(value).startswith(theme + "/") for theme in self.themes)
        if type_name not in _TEXTS:
            return False
        texts = value.values() if isinstance(value, dict) else (value,)
        return any(self._says(str(text)) for text in texts)

    def _says(self, text: str) -> bool:
        folded = fold(text)
        # A phrase is looked for among whole words only where its letters stand at all.
        return bool(self.letters.search(folded)) and bool(self.words.search(" ".join(words(text))))


@cache
def protection() -> Protection:
    """Return what the default policy in force withholds."""
    policy = current("default-policy").text
    said, themes, phrases = (
        cast("list[str]", policy[name])
        for name in ("withheld_properties", "withheld_address_themes", "withheld_address_words")
    )
    pattern = "|".join(re.escape(" ".join(words(phrase))) for phrase in phrases)
    first = "|".join(sorted({re.escape(words(phrase)[0]) for phrase in phrases}))
    return Protection(frozenset(said), tuple(themes), re.compile(pattern), re.compile(first))


def withheld_among(record_ids: Collection[int]) -> set[int]:
    """Return those of the records whose place is withheld: by a mark, by what is said, or by whom they refer to.

    References are followed as far as they lead; they may lead in a circle.
    """
    found: set[int] = set()
    referring_to: dict[int, set[int]] = {}
    waiting, done = set(record_ids), set[int]()
    while waiting:
        done |= waiting
        for part in in_parts(sorted(waiting)):
            for facts in load(part).values():
                group = {facts.id, *facts.members}
                if _is_withheld(facts):
                    found |= group
                for said in facts.statements:
                    if said.refers is not None:
                        referring_to.setdefault(said.refers, set()).update(group)
        waiting = referring_to.keys() - done
    reached = found
    while reached:
        reached = {each for record_id in reached for each in referring_to.get(record_id, ())} - found
        found |= reached
    return found & set(record_ids)


def withhold(draft: Draft, *, record_ids: Collection[int]) -> None:
    """Withhold the place of these records, of their merge groups and of everything that refers to them."""
    waiting, done = set(record_ids), set[int]()
    while waiting:
        reached: set[int] = set()
        for part in in_parts(sorted(waiting)):
            groups = load(part)
            done |= groups.keys() | set(part)
            exposed = {
                s.id
                for facts in groups.values()
                for s in facts.statements
                if s.mark != Mark.WITHHELD and protection().withholds(s.property, s.value)
            }
            mark_personal(draft, statement_ids=sorted(exposed), mark=Mark.WITHHELD)
            reached |= referring(groups.keys())
        waiting = reached - done


def unite(draft: Draft, *, record_ids: Collection[int]) -> None:
    """Let what was decided about one member of a merge group hold for all of it, after they became one."""
    withhold(draft, record_ids=withheld_among(record_ids))
    for part in in_parts(sorted(record_ids)):
        for facts in load(part).values():
            if facts.merged_into is None:
                _spread(draft, facts)


def unite_by(draft: Draft, made: Merge) -> None:
    """Unite what a merge made one, and remember with it what became protected by it, for a split."""
    known = len(draft.marked)
    unite(draft, record_ids=[made.survivor_id])
    if found := draft.marked[known:]:
        made.marked = [[each.statement_id, each.before, each.after] for each in found]
        made.save(update_fields=["marked"])


def part_by(draft: Draft, ended: Merge) -> None:
    """Give back the marks of statements that an ended merge put on them, where nothing else protects them now."""
    unite(draft, record_ids=give_back(draft, [ended.id]))


def give_back(draft: Draft, ended: Collection[int]) -> set[int]:
    """Give back the marks that ended merges, given by number, put on statements; return the records concerned.

    What protects these for other reasons must be decided again: see `unite`. A contact that a third record says too,
    marked personal, was found to be shared, or a person's, meanwhile; one that was marked so before is so again.
    """
    concerned: set[int] = set()
    # What the last one found protected already the ones before it had protected.
    for each in _protecting(ended):
        marked = {number: (before, after) for number, before, after in each.marked or ()}
        group = {each.loser_id, each.survivor_id, *merges_of([each.loser_id, each.survivor_id])}
        for row in Statement.objects.filter(id__in=marked).select_related("record").order_by("id"):
            before, after = marked[row.id]
            may_go = before in PERSONAL_MARKS or not _is_personal_elsewhere(row, group)
            if row.mark == after and may_go and give_mark(row, before):
                draft.touch(row.record_id)
        concerned |= {each.loser_id, each.survivor_id}
    merges = merges_of(concerned)
    return {root_of(record, merges) for record in concerned}


def _protecting(merges: Collection[int]) -> list[Merge]:
    """Those of some merges that protected something, the last made first: few of very many."""
    parts = (Merge.objects.filter(id__in=part, marked__isnull=False) for part in in_parts(sorted(merges)))
    return sorted((each for part in parts for each in part), key=lambda each: -each.id)


def _is_personal_elsewhere(row: Statement, group: Collection[int]) -> bool:
    if row.digest is None:
        return False
    same = Statement.objects.filter(digest=row.digest, mark__in=PERSONAL_MARKS, end_revision__isnull=True)
    return same.exclude(record_id__in=group).exists()


def _spread(draft: Draft, facts: RecordFacts) -> None:
    numbers = [s.id for s in facts.statements]
    marks: dict[bytes, str] = {}
    open_ones: list[tuple[int, bytes]] = []
    for part in in_parts(sorted(numbers)):
        rows = Statement.objects.filter(id__in=part, digest__isnull=False).order_by("id")
        for number, digest, mark in rows.values_list("id", "digest", "mark"):
            if mark in PERSONAL_MARKS:
                marks.setdefault(bytes(digest or b""), mark)
            elif not mark:
                open_ones.append((number, bytes(digest or b"")))
    for number, contact in open_ones:
        if contact in marks:
            mark_personal(draft, statement_ids=[number], mark=marks[contact])


def _is_withheld(facts: RecordFacts) -> bool:
    if any(s.mark == Mark.WITHHELD for s in facts.statements):
        return True
    kind = kind_named(facts.kind)
    return protection().covers((kind.property(s.property).type, s.value) for s in facts.statements)
