"""How far a column's values agree with what its header says: a number that multiplies. Pure."""

from collections.abc import Callable
from typing import Final

from datacoop.kinds.definition import Kind
from datacoop.sources.evidence import Evidence
from datacoop.sources.theming import codes_of

_HALF: Final = 0.75
_SPARSE: Final = 0.15  # a column that few rows fill says less about its header


def suits(target: str, said: float, evidence: Evidence, kind: Kind) -> float:
    """The header's score, weighed by the values. Without values the header alone counts, a little less."""
    if evidence.count == 0:
        return said * 0.85
    sort = _sort_of(target, kind)
    test = _TESTS.get(sort, _plain)
    fit = _codes(evidence, kind, target) if sort == "code" else test(evidence)
    if evidence.share("nested") > 0.5 and sort not in {"point", "recurrence"}:
        return said * 0.3
    if evidence.count < 3:
        fit = max(fit, 0.7)
    fill = 1 - _SPARSE + _SPARSE * min(1.0, evidence.filled)
    if target in {"name", "title"}:
        fill = 0.5 + 0.5 * evidence.filled
    if said < _HALF and _PROVEN.get(sort, _nothing)(evidence):
        said = min(_HALF, 1.15 * said)  # half a header is enough where the values leave no doubt
    return said * fit * fill


def _sort_of(target: str, kind: Kind) -> str:
    if target.startswith("@"):
        return target
    name, _, part = target.partition(".")
    type_name = kind.property(name).type
    if type_name in {"address", "point", "commune"}:
        return part or type_name
    slot = kind.property(name).slot
    return "name" if slot == "name" else type_name


def _at_least(share: float) -> float:
    """1 where most values fit, 0 where few do."""
    return 1.0 if share >= 0.6 else 0.85 if share >= 0.4 else 0.0


def _plain(evidence: Evidence) -> float:
    return 0.3 if evidence.share("flag") > 0.8 else 1.0


def _name(evidence: Evidence) -> float:
    if evidence.share("word") < 0.8 or evidence.mean_length > 150 or evidence.share("flag") > 0.5:
        return 0.0
    if evidence.share("email") > 0.5 or evidence.share("url") > 0.5:
        return 0.0
    return 1.0 if evidence.distinct > 0.1 or evidence.count < 20 else 0.7


def _words(evidence: Evidence) -> float:
    return 0.0 if evidence.share("word") < 0.6 else _plain(evidence)


def _line(evidence: Evidence) -> float:
    return 0.0 if evidence.share("url") > 0.5 else _words(evidence)


def _place(evidence: Evidence) -> float:
    return 0.0 if evidence.share("email") > 0.5 or evidence.share("url") > 0.5 else _plain(evidence)


def _nothing(_evidence: Evidence) -> bool:
    return False


def _theme(evidence: Evidence) -> float:
    if evidence.share("code") > 0.9 and evidence.mean_length > 5.5:
        return 1.0
    return 0.0 if evidence.share("word") < 0.6 or evidence.mean_length > 120 else _plain(evidence)


def _phone(evidence: Evidence) -> float:
    share = max(evidence.share("phone"), 0.9 * evidence.share("local_phone"))
    return 0.0 if evidence.share("email") > 0.3 else _at_least(share)


def _id(evidence: Evidence) -> float:
    if evidence.filled < 0.5 or evidence.distinct < 0.95 or evidence.mean_length > 80:
        return 0.0
    return 0.9 + 0.1 * evidence.filled


def _identifier(evidence: Evidence) -> float:
    share = evidence.share("identifier")
    if share >= 0.5:
        return 1.0
    return 0.75 if evidence.distinct > 0.8 and 5.5 <= evidence.mean_length <= 30 else 0.0


def _codes(evidence: Evidence, kind: Kind, target: str) -> float:
    read = codes_of(kind.property(target))
    return _at_least(sum(1 for value in evidence.values if read(value)) / len(evidence.values))


def _degree(which: str) -> Callable[[Evidence], float]:
    def test(evidence: Evidence) -> float:
        metres = evidence.share("metres") >= 0.6
        if evidence.share("number") < 0.7 or (evidence.share("fraction") < 0.3 and not metres):
            return 0.0
        return _at_least(evidence.share(which))

    return test


def _number(evidence: Evidence) -> float:
    return _at_least(evidence.share("number"))


def _whole(evidence: Evidence) -> float:
    """Days count too: a year is asked for more often than any other whole number."""
    return _at_least(evidence.share("number") + evidence.share("date") * (evidence.share("number") < 1))


def _when(evidence: Evidence) -> float:
    return _at_least(evidence.share("date") + evidence.share("time")) or _at_least(evidence.share("span"))


def _postcode(evidence: Evidence) -> float:
    return _at_least(max(evidence.share("postcode"), evidence.share("postcode_city")))


_TESTS: Final[dict[str, Callable[[Evidence], float]]] = {
    "email": lambda evidence: _at_least(evidence.share("email")),
    "phone": _phone,
    "url": lambda evidence: _at_least(evidence.share("url")),
    "date": _when,
    "datetime": _when,
    "moment": _when,
    "integer": _whole,
    "number": _number,
    "name": _name,
    "string": _line,
    "text": _words,
    "theme": _theme,
    "reference": _words,
    "identifier": _identifier,
    "street#number": lambda evidence: _at_least(evidence.share("house")),
    "street": lambda evidence: 0.0 if evidence.share("word") < 0.5 else _place(evidence),
    "city": lambda evidence: min(_words(evidence), _place(evidence)),
    "extra": lambda evidence: _plain(evidence) if evidence.share("word") > 0.3 else 0.0,
    "postal_code": lambda evidence: _at_least(max(evidence.share("postcode"), evidence.share("postcode_city"))),
    "commune": _words,
    "bfs": lambda evidence: _at_least(evidence.share("code") + evidence.share("house")),
    "lat": _degree("latitude"),
    "lon": _degree("longitude"),
    "point": lambda evidence: _at_least(evidence.share("pair")),
    "@id": _id,
    "@person": lambda evidence: 1.0,
    "@none": lambda evidence: 1.0,
}
#: Sorts of values that prove themselves by their form.
_PROVEN: Final[dict[str, Callable[[Evidence], bool]]] = {
    "email": lambda evidence: evidence.share("email") >= 0.9,
    "url": lambda evidence: evidence.share("url") >= 0.9,
    "phone": lambda evidence: evidence.share("phone") >= 0.9,
    "identifier": lambda evidence: evidence.share("identifier") >= 0.9,
    "street": lambda evidence: evidence.share("street_line") >= 0.7,
}
