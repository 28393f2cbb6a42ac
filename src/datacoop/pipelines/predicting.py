"""What the public would see of rows once they are accepted: for dry runs, by the default policy alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from datacoop.consent.rules import NOBODY
from datacoop.disclosure.counting import AWAITS_REVIEW, CONTACTS, Visibility, as_public
from datacoop.kinds.definition import Kind
from datacoop.pipelines.preparing import Prepared
from datacoop.records.rules import MARK_CODES, Mark, is_natural

_UNSHARED = b""


class Prediction:
    """Counts rows as `disclosure.counting` will count their records. `published`: as the list will be."""

    def __init__(self, kind: Kind, *, published: bool) -> None:
        """Start with nothing."""
        shown = published and not is_natural(kind)
        self._shown = frozenset(p.name for p in kind.properties if p.default != NOBODY) if shown else frozenset()
        self._published = published
        self._ways: dict[int, tuple[bytes, ...] | None] = {}
        self._marks: Counter[str] = Counter()

    def note(self, record_id: int, prepared: Prepared) -> None:
        """Note what a new or changed row says; contacts are kept as their digests."""
        seen = [s for s in prepared.said if not s.mark and s.property in self._shown]
        ways = tuple(s.digest or _UNSHARED for s in seen if s.property in CONTACTS)
        self._ways[record_id] = ways if seen else None
        self._marks.update({MARK_CODES[s.mark] for s in prepared.said if s.mark})

    def count(
        self, unchanged: Sequence[int], shared: Mapping[bytes, Iterable[int]], awaiting: Collection[int]
    ) -> Visibility:
        """Return the whole count; rows that say nothing new are seen as they are. `shared`: contact → records.

        `awaiting` would wait for somebody's look.
        """
        found = as_public(unchanged)
        found.because.update(self._marks)
        code = MARK_CODES[Mark.SHARED]
        found.because[code] += len({record_id for records in shared.values() for record_id in records})
        for record_id, ways in self._ways.items():
            if record_id in awaiting:
                found.hidden += 1
                found.because[AWAITS_REVIEW] += 1
                continue
            if ways is None:
                found.hidden += 1
                found.because["default-policy" if self._published else "unpublished-list"] += 1
                continue
            found.visible += 1
            reachable = any(way not in shared for way in ways)
            found.with_contact += reachable
            found.relay_only += not reachable
        found.because = +found.because
        return found
