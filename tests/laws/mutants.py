"""Bugs sown on purpose, each one class of real leaks: the harness that lets one live is broken.

A mutant is a patch, the world of the catalogue it must trip over, and who looks. `views` holds the world against the
oracle, a reader's name compares that reader's answers with the redacted world.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

import pytest

from datacoop.api import answering, asgi, remembering
from datacoop.consent import binding, queries
from datacoop.consent import rules as consent_rules
from datacoop.disclosure import rules
from datacoop.disclosure.compile import differing, drafting, packing, tokens
from datacoop.disclosure.ids import ClientIds
from datacoop.disclosure.models import View
from datacoop.disclosure.rules import Pointed
from datacoop.disclosure.search import bodies, conditions, feeding, finding, getting, grouping, spelling, wording
from datacoop.disclosure.search.questions import Gone
from datacoop.lib.text import sort_key
from datacoop.records.models import Record
from datacoop.records.rules import State, fuse, id_of

Patch = pytest.MonkeyPatch
MUTANTS: dict[str, Mutant] = {}


@dataclass(frozen=True)
class Mutant:
    sow: Callable[[Patch], None]
    world: str
    looks: str = "views"
    mode: str = "remove"


def mutant(
    world: str, looks: str = "views", mode: str = "remove"
) -> Callable[[Callable[[Patch], None]], Callable[[Patch], None]]:
    def keep(sow: Callable[[Patch], None]) -> Callable[[Patch], None]:
        MUTANTS[sow.__name__] = Mutant(sow, world, looks, mode)
        return sow

    return keep


def forget_composed() -> None:
    """Queries once composed are kept: those of a mutant must not outlive it, nor sound ones save it."""
    for module in (bodies, conditions, feeding, finding, getting, grouping, wording):
        for each in vars(module).values():
            if hasattr(each, "cache_clear"):
                each.cache_clear()


def _without_masks(patch: Patch, module: Any, name: str, within: Any) -> None:
    """Let one function forget the audiences below the one it reads."""
    whole, masks = getattr(module, name), within.masks

    @wraps(whole)
    def forgetful(*args: Any, **kwargs: Any) -> Any:
        within.masks = lambda chain, tier: []
        try:
            found = whole(*args, **kwargs)
            return list(found) if name == "_points" else found
        finally:
            within.masks = masks

    patch.setattr(module, name, forgetful)


@mutant("narrowed by property")
def list_uses_the_full_body(patch: Patch) -> None:
    patch.setattr(bodies, "OPEN_BODY", "v.body")
    patch.setattr(bodies, "OPEN_COLUMNS", bodies.FULL_COLUMNS)


@mutant("narrowed for one client")
def count_ignores_deeper(patch: Patch) -> None:
    _without_masks(patch, finding, "counted", conditions)


@mutant("narrowed for one client", "A", "now")
def list_ignores_deeper(patch: Patch) -> None:
    _without_masks(patch, finding, "_selects", conditions)


@mutant("narrowed by property", "A", "now")
def words_ignore_deeper(patch: Patch) -> None:
    query = tokens.query
    patch.setattr(wording, "replaced", lambda *args: ("", []))
    patch.setattr(wording, "query", lambda *args, hidden_by, **how: query(*args, hidden_by=(), **how))


@mutant("a role shown, its person too")
def index_from_the_full_body(patch: Patch) -> None:
    def packed(document: Any, kind: Any, policy: Any, **how: Any) -> Any:
        return packing.packed(document, kind, policy, **how)._replace(indexed=packing._indexed(document, kind, policy))

    patch.setattr(differing, "packed", packed)


@mutant("narrowed by property", "A", "now")
def facets_count_all_tiers(patch: Patch) -> None:
    _without_masks(patch, grouping, "_counts", conditions)


@mutant("narrowed by property", "A", "now")
def clusters_ignore_masks(patch: Patch) -> None:
    _without_masks(patch, grouping, "_points", conditions)


@mutant("only a client's", "public")
def cursor_carries_what_is_hidden(patch: Patch) -> None:
    find = finding.find

    def leaking(*args: Any) -> Any:
        found = find(*args)
        return replace(found, position=found.position and (*found.position, View.objects.count()))

    patch.setattr(answering, "find", leaking)


@mutant("hidden names")
def sorts_by_the_hidden_name(patch: Patch) -> None:
    wanted = differing._wanted

    def leaking(drafted: Any, tier: int, own: Any, *rest: Any) -> Any:
        names = [s.value for s in drafted.facts.statements if s.property == "name"]
        if own and names:
            own = own._replace(indexed=own.indexed._replace(name=sort_key(str(names[0]))[:60]))
        return wanted(drafted, tier, own, *rest)

    patch.setattr(differing, "_wanted", leaking)


@mutant("hidden names", "public", "now")
def searches_the_hidden_name(patch: Patch) -> None:
    wanted = differing._wanted

    def leaking(drafted: Any, tier: int, own: Any, *rest: Any) -> Any:
        names = [str(s.value).lower() for s in drafted.facts.statements if s.property == "name"]
        if own and names:
            own = own._replace(indexed=own.indexed._replace(text_words=names[0]))
        return wanted(drafted, tier, own, *rest)

    patch.setattr(differing, "_wanted", leaking)


@mutant("narrowed by property")
def feed_serves_the_public_row(patch: Patch) -> None:
    _without_masks(patch, feeding, "_changed", feeding)


@mutant("hidden from one before others see it", "A")
def feed_deletes_what_was_never_shown(patch: Patch) -> None:
    shown = feeding._shown
    patch.setattr(differing, "NEVER", drafting.DELETED)
    patch.setattr(feeding, "_shown", lambda reader, *rest: shown(replace(reader, agreement=None), *rest))


@mutant("narrowed by property")
def export_skips_the_mask(patch: Patch) -> None:
    _without_masks(patch, feeding, "_chunk", conditions)


@mutant("narrowed by property")
def look_up_ignores_deeper(patch: Patch) -> None:
    view = getting._view
    patch.setattr(getting, "_view", lambda connected, reader, uid: view(connected, getting_public(), uid))


def getting_public() -> Any:
    from datacoop.disclosure.readers import PUBLIC  # noqa: PLC0415

    return PUBLIC


@mutant("a later word below a hidden one", "public")
def modified_by_every_revision(patch: Patch) -> None:
    difference = drafted_difference = differing.difference

    def forgetful(drafted: Any, standing: Any, *rest: Any) -> Any:
        return drafted_difference(drafted, {t: replace(s, digest=b"?") for t, s in standing.items()}, *rest)

    assert difference is drafted_difference
    from datacoop.disclosure.compile import compiling  # noqa: PLC0415

    patch.setattr(compiling, "difference", forgetful)


@mutant("the terms widen, one client does not", "A")
def modified_by_a_row_of_its_own(patch: Patch) -> None:
    wanted = differing._wanted
    patch.setattr(differing, "_wanted", lambda *args: wanted(*args)._replace(modified_as=None))
    patch.setattr(differing, "_fed", lambda want, *rest: want)


@mutant("only a client's", "public")
def error_differs_for_the_hidden(patch: Patch) -> None:
    get = getting.get

    def telling(connected: Any, reader: Any, kind: str, text: str) -> Any:
        found = get(connected, reader, kind, text)
        uid = getting._uuid(text)
        exists = uid is not None and Record.objects.filter(id=id_of(uid), kind=kind).exists()
        return Gone() if found is None and exists else found

    patch.setattr(answering, "get", telling)


@mutant("shown for some hours, now over")
def verdict_ignores_the_end(patch: Patch) -> None:
    patch.setattr(consent_rules.Ruling, "holds", lambda self, now: self.since <= now)


@mutant("marked and withheld")
def personal_mark_ignored(patch: Patch) -> None:
    patch.setattr(rules, "PERSONAL_MARKS", frozenset())


@mutant("corrected where few see it")
def own_word_counts_as_published(patch: Patch) -> None:
    patch.setattr(rules, "OWN_MARKS", frozenset())


@mutant("corrected where few see it", looks="views")
def rival_stays_beside_the_own_word(patch: Patch) -> None:
    patch.setattr(rules, "with_own_words", lambda said, seen, restricted: list(seen))


@mutant("corrected where few see it")
def own_word_shown_to_whoever_sees_none(patch: Patch) -> None:
    def telling(said: Any, seen: Any, restricted: bool) -> list[Any]:
        present = {s.id for s in seen}
        return [s for s in said if s.id in present or s.mark in rules.OWN_MARKS]

    patch.setattr(rules, "with_own_words", telling)


@mutant("a personal value opened for one")
def whole_record_opens_the_personal(patch: Patch) -> None:
    verdict = rules.verdict
    patch.setattr(rules, "verdict", lambda r, *, path, names, now: verdict(r, path=path, names=(*names, ""), now=now))
    patch.setattr(rules, "PERSONAL_MARKS", frozenset())


@mutant("rivals")
def quarantine_ignored(patch: Patch) -> None:
    shown = rules.shown
    patch.setattr(rules, "shown", lambda s, *args, **how: shown(s._replace(state=State.LIVE), *args, **how))


@mutant("restricted")
def restriction_ignored(patch: Patch) -> None:
    together = drafting.together
    patch.setattr(drafting, "together", lambda *args: replace(together(*args), restricted=False))


@mutant("nothing to be shown, and said later")
def later_goes_by_the_default(patch: Patch) -> None:
    patch.setattr(queries, "bound_by_subjects", lambda ids: {})


@mutant("nothing to be shown of what one list names", looks="views")
def one_list_binds_nothing(patch: Patch) -> None:
    patch.setattr(binding, "lists_naming", lambda ids: {})


@mutant("nothing to be shown of what one list names", looks="views")
def one_list_binds_what_it_does_not_name(patch: Patch) -> None:
    every = frozenset(range(1, 100))
    patch.setattr(binding, "lists_naming", lambda ids: dict.fromkeys(ids, every))


@mutant("merged under opposite words")
def merge_takes_the_wider_word(patch: Patch) -> None:
    def wider(rulings: Any, *, path: Sequence[int], names: Sequence[str], now: Any) -> bool | None:
        found = consent_rules._by_record(rulings.decisions).values()
        spoken = [each for d in found if (each := consent_rules._binding_of(d, path, names, now)) is not None]
        return any(each.shows for each in spoken) if spoken else None

    patch.setattr(rules, "verdict", wider)


@mutant("merged after a notice")
def merge_carries_a_notice_over(patch: Patch) -> None:
    by_default = rules._by_default

    def wider(s: Any, prop: Any, rulings: Any, *rest: Any) -> bool:
        every = dict(rulings.notices or {})
        notices = {(s.record_id, source): state for (_, source), state in reversed(every.items())}
        return by_default(s, prop, replace(rulings, notices=notices), *rest)

    patch.setattr(rules, "_by_default", wider)


@mutant("merged after an objection")
def merge_leaves_an_objection_behind(patch: Patch) -> None:
    together = drafting.together

    def apart(rulings: Any, members: Any) -> Any:
        said = (rulings[each].notices or {} for each in members if each in rulings)
        notices = {about: state for each in said for about, state in each.items()}
        return replace(together(rulings, members), notices=notices)

    patch.setattr(drafting, "together", apart)


@mutant("rivals")
def fuses_before_it_hides(patch: Patch) -> None:
    document = drafting.document

    def early(facts: Any, *args: Any, **how: Any) -> Any:
        winners = tuple(s for found in fuse(facts.statements).values() for s in found)
        return document(facts._replace(statements=winners), *args, **how)

    patch.setattr(drafting, "document", early)


@mutant("pointing to the hidden")
def pointer_to_the_hidden_stays(patch: Patch) -> None:
    def resolve(self: Any, pointed: int, path: Sequence[int]) -> Pointed:
        return Pointed(str(self._uids[self._roots.get(pointed, pointed)]), True)

    patch.setattr(drafting.Drafting, "resolve", resolve)


@mutant("only a client's", "public")
def cache_serves_another_reader(patch: Patch) -> None:
    answer = asgi.ReadApplication._answer

    async def shared(self: Any, call: Any) -> Any:
        kept = self.__dict__.setdefault("kept", {})
        if (call.path, call.query) not in kept:
            kept[call.path, call.query] = await answer(self, call)
        return kept[call.path, call.query]

    patch.setattr(asgi.ReadApplication, "_answer", shared)


@mutant("only a client's", "public")
def memory_is_shared_by_readers(patch: Patch) -> None:
    find, keep = remembering.Answered.find, remembering.Answered.keep
    patch.setattr(remembering.Answered, "find", lambda self, key: find(self, (0, *key[1:])))
    patch.setattr(remembering.Answered, "keep", lambda self, key, answer: keep(self, (0, *key[1:]), answer))


@mutant("only a client's")
def clients_share_ids(patch: Patch) -> None:
    patch.setattr(ClientIds, "of", lambda self, uid: uid)


@mutant("narrowed by property")
def deeper_is_not_kept(patch: Patch) -> None:
    patch.setattr(differing, "_deeper", lambda tier, rows, tree: "")


@mutant("a role shown, its person not")
def default_shows_everything(patch: Patch) -> None:
    patch.setattr(rules, "_by_default", lambda *args: True)


@mutant("only a client's", "public")
def list_of_everybody(patch: Patch) -> None:
    """The tier condition forgotten: an index row of any audience is a hit."""
    of_audience = conditions.of_audience

    def wide(*asked: Any, **how: Any) -> Any:
        where = of_audience(*asked, **how)
        where.parts[0] = where.parts[0].replace("e.tier = ?", "e.tier >= ?")
        return where

    for module in (finding, grouping, wording):
        patch.setattr(module, "of_audience", wide)


@mutant("only a client's", "C")
def wider_words_without_their_audience(patch: Patch) -> None:
    stem = tokens.stem
    for module in (tokens, spelling):
        if hasattr(module, "stem"):
            patch.setattr(module, "stem", lambda tier, *args, **how: stem(min(tier, 2), *args, **how))
