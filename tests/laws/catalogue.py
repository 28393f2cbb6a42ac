"""Worlds written by hand: what went wrong once, and what every bug we can think of must trip over."""

from __future__ import annotations

from tests.laws import worlds
from tests.laws.worlds import (
    Create,
    Decide,
    Deliver,
    Merge,
    Notice,
    Release,
    Restrict,
    Retract,
    Say,
    Split,
    Value,
    Wait,
    Withhold,
    World,
)

_LAUSANNE, _RENENS = worlds.VALUES["organisation"]["commune"][:2]
_HERE, _THERE = worlds.VALUES["organisation"]["point"][:2]


def said(record: str, speaker: str, mark: str = "", quarantined: bool = False, **values: object) -> Say:
    """Say values of a record; a list is several values of one property."""
    found = [
        Value(name, each, position, mark)
        for name, value in values.items()
        for position, each in enumerate(value if isinstance(value, list) else [value])
    ]
    return Say(record, speaker, tuple(found), quarantined)


def _full(record: str, name: str, speaker: str = "list:1") -> Say:
    return said(
        record, speaker, name=name, description="Chanter au lac", theme=["culture/chant"], commune=_LAUSANNE,
        addresses=[worlds.VALUES["organisation"]["addresses"][0]], point=_HERE, email="lac@example.org",
        phones=["+41 21 555 12 34"], website="https://alpha.example.ch/", languages=["fr"],
    )  # fmt: skip


_TWO = (_full("o0", "Alpha Lac"), _full("o1", "Zeta Chor"))

CATALOGUE: dict[str, World] = {
    name: worlds.world_of(ops)
    for name, ops in {
        "part of what is hidden, and hidden of what is not": [
            *_TWO,
            said("o0", "steward", part_of=["o1", "o2"]),
            _full("o2", "Beta Lac", "list:0"),
            said("o2", "steward", part_of=["o1"]),
            Decide("o2", "agreement:A", True),
            Deliver("A"),
            Decide("o1", "public", False),
        ],
        "part of another, and nothing else known": [*_TWO, said("o3", "steward", part_of=["o0"]), Merge("o0", "o1")],
        "only a client's": [*_TWO, _full("o2", "Beta Lac", "list:0"), Decide("o2", "agreement:A", True)],
        "only some terms'": [*_TWO, _full("o2", "Alpha Chœur", "list:0"), Decide("o2", "terms:public-bodies", True)],
        "narrowed for one client": [*_TWO, Decide("o0", "agreement:A", False)],
        "narrowed by property": [
            *_TWO,
            *(Decide("o0", "agreement:A", False, name) for name in ("name", "theme", "commune", "addresses", "email")),
            Decide("o1", "agreement:C", False, "languages"),
        ],
        "wider by property": [
            *_TWO,
            said("o0", "list:0", alternate_names=["Lac bleu"]),
            Decide("o0", "public", False, "name"),
            Decide("o0", "public", False, "theme"),
            Decide("o0", "public", False, "point"),
            Decide("o0", "terms:public-bodies", True, "name"),
            Decide("o0", "agreement:B", True, "theme"),
            Decide("o0", "agreement:B", True, "point"),
        ],
        "hidden names": [*_TWO, Decide("o1", "public", False, "name"), Decide("o0", "public", False, "commune")],
        "hidden for some hours, now over": [*_TWO, Decide("o0", "public", False, None, 2), Wait(24)],
        "shown for some hours, now over": [
            *_TWO,
            _full("o2", "Beta Lac", "list:0"),
            Decide("o2", "public", True, None, 2),
            Decide("o2", "agreement:A", True, "email", 2),
            Deliver("A"),
            Wait(24),
        ],
        "shown for some hours, still": [
            *_TWO,
            _full("o2", "Beta Lac", "list:0"),
            Decide("o2", "public", True, None, 200),
            Wait(24),
        ],
        "marked and withheld": [
            *_TWO,
            said("o0", "list:2", mark="p", phones=["+41 21 555 12 35"], email="info@alpha.example.ch"),
            said("o1", "steward", mark="w", addresses=[worlds.VALUES["organisation"]["addresses"][1]], point=_THERE),
            Decide("o0", "public", True),
            Decide("o1", "public", True, "addresses"),
        ],
        "corrected where few see it": [
            *_TWO,
            said("o0", "list:0", phones=["+41 21 555 12 35"], email="info@alpha.example.ch"),
            said("o0", "subject", mark="o", phones=["+41 21 555 12 34"]),
            said(
                "o0",
                "subject",
                mark="h",
                website="https://zeta.example.org/",
                name="Émile & Cie",
                alternate_names=["Alpha"],
            ),
            said("o0", "list:2", website="https://alpha.example.ch/"),
            Decide("o0", "agreement:A", True, "phones"),
            Decide("o0", "terms:non-profits", True),
        ],
        "a personal value opened for one": [
            *_TWO,
            said("o0", "list:2", mark="p", phones=["+41 21 555 12 35"]),
            Decide("o0", "agreement:A", True, "phones"),
            Decide("o0", "terms:non-profits", False, "phones"),
        ],
        "rivals": [
            *_TWO,
            said("o0", "list:0", name="Zeta Chor", theme=["sport"]),
            said("o0", "list:2", name="Beta Lac"),
            said("o0", "subject", quarantined=True, name="Émile & Cie", theme=["social/refuge"]),
        ],
        "quarantined, then told": [
            *_TWO,
            said("p0", "list:1", quarantined=True, name="Anna Alpha", email="zeta@example.org"),
            said(
                "r0",
                "list:1",
                quarantined=True,
                organisation="o0",
                person="p0",
                role="president",
                display_name="Zoé Alpha",
            ),
            Release("p0"),
            Release("r0"),
            Decide("p0", "agreement:A", True),
            Decide("r0", "agreement:A", True),
        ],
        "a role shown, its person not": [
            *_TWO,
            said("p0", "list:1", name="Anna Alpha"),
            said("r0", "list:1", organisation="o0", person="p0", role="president", display_name="Zoé Alpha"),
            Decide("r0", "public", True),
        ],
        "pointing to the hidden": [
            *_TWO,
            _full("o2", "Beta Lac", "list:0"),
            said(
                "a0",
                "list:1",
                title="Alpha Lac",
                organiser="o2",
                start="2026-01-06T19:30:00+01:00",
                status="confirmed",
                recurrence={"rrule": "FREQ=WEEKLY;COUNT=6", "exdates": ["2026-01-13T19:30:00"]},
            ),
            said("a1", "list:2", title="Zeta Chor", organiser="o0", start="2030-06-02T10:00:00+02:00"),
            said("a1", "subject", organiser="o2"),
            said("n0", "list:2", title="Beta Lac", organisation="o2", activity="a0"),
            Decide("o2", "agreement:A", True),
            Decide("a0", "agreement:C", False, "start"),
            Decide("a0", "agreement:B", False, "recurrence"),
        ],
        "pointing to what then appears": [
            said("a0", "list:1", title="Alpha Lac", organiser="o2"),
            _full("o2", "Beta Lac"),
            Decide("o2", "public", False),
            Decide("o2", "terms:public-bodies", True),
        ],
        "pointing to the merged": [
            said("a0", "list:1", title="Alpha Lac", organiser="o1"),
            Merge("o1", "o0"),
            # What appears and vanishes is its survivor.
            _full("o0", "Alpha Lac"),
            Decide("o0", "terms:public-bodies", False),
        ],
        "merged": [
            *_TWO,
            Decide("o1", "public", False, "email"),
            Decide("o0", "agreement:A", False, "phones"),
            Deliver("A"),
            Merge("o1", "o0"),
            said("o1", "list:0", description="Accueil discret"),
        ],
        "merged under opposite words": [
            *_TWO,
            Decide("o0", "terms:public-bodies", True),
            Decide("o1", "agreement:B", False),
            Merge("o0", "o1"),
        ],
        "merged and split again": [*_TWO, Decide("o1", "public", False, "name"), Merge("o1", "o0"), Split("o1")],
        "merged after a notice": [
            said("o0", "list:0", name="Beta Lac", theme=["sport"]),
            said("o1", "list:0", name="Zeta Chor", website="https://zeta.example.org/"),
            Notice("o1", "list:0"),
            Merge("o1", "o0"),
            Wait(31 * 24),
        ],
        "merged after an objection": [
            said("o0", "list:0", name="Beta Lac", theme=["sport"]),
            said("o1", "list:0", name="Zeta Chor", website="https://zeta.example.org/"),
            Notice("o0", "list:0"),
            Notice("o1", "list:0"),
            Notice("o1", "list:0", objected=True),
            Merge("o1", "o0"),
            Wait(31 * 24),
        ],
        "told long ago": [_full("o0", "Alpha Lac", "list:0"), Notice("o0", "list:0"), Wait(31 * 24)],
        "told just now": [_full("o0", "Alpha Lac", "list:0"), Notice("o0", "list:0"), Wait(24)],
        "restricted": [*_TWO, Deliver("A"), Deliver("C"), Restrict("o0"), Decide("o0", "public", True)],
        "nothing to be shown, and said later": [
            *_TWO,
            Decide("o0", "public", False),
            Withhold("o0"),
            Create("a0", "o0"),
            said("a0", "list:1", title="Alpha Lac", organiser="o0", start="2030-06-01T19:30:00+02:00"),
            Create("a1", "o0"),
            said("a1", "list:1", title="Zeta Chor", organiser="o0"),
            Decide("a1", "agreement:A", True),
        ],
        "nothing to be shown of what one list names": [
            *_TWO,
            Withhold("o0", "list:0"),
            Create("a0", "o0"),
            said("a0", "list:1", title="Alpha Lac", organiser="o0", start="2030-06-01T19:30:00+02:00"),
            Create("a1", "o0"),
            said("a1", "list:1", title="Zeta Chor", organiser="o0"),
            said("a1", "list:0", description="Accueil discret"),
            Decide("a1", "agreement:A", True),
        ],
        "taken away after delivery": [
            *_TWO,
            Decide("o1", "public", False),
            Decide("o1", "agreement:A", True),
            Decide("o0", "agreement:A", True, "email"),
            Decide("o0", "public", False, "email"),
            Deliver("A"),
            Deliver("B"),
            Decide("o1", "agreement:A", False),
            Decide("o0", "agreement:A", False, "email"),
        ],
        "retracted": [*_TWO, Retract("o0", "list:1", ("name", "theme")), said("o0", "list:0", name="Beta Lac")],
        "the terms widen, one client does not": [
            *_TWO,
            said("o0", "list:0", alternate_names=["Lac bleu"]),
            Decide("o0", "agreement:A", False, "alternate_names"),
            Wait(24),
            Decide("o0", "terms:public-bodies", True, "alternate_names"),
            said("o1", "list:1", description="Soigner alpha"),
        ],
        "a role shown, its person too": [
            *_TWO,
            said("p0", "list:1", name="Anna Alpha"),
            said("r0", "list:1", organisation="o0", person="p0", role="president", display_name="Zoé Alpha"),
            Decide("r0", "public", True),
            Decide("p0", "public", True),
        ],
        "hidden from one before others see it": [
            *_TWO,
            Decide("o2", "agreement:A", False),
            Decide("o2", "agreement:C", False),
            _full("o2", "Beta Lac", "list:0"),
            Decide("o2", "terms:public-bodies", True),
            Decide("o2", "terms:non-profits", True),
        ],
        "sensitive themes": [
            *_TWO,
            said("o0", "steward", theme=["sante/vih", "social/refuge"]),
            Decide("o1", "public", False, "theme"),
        ],
        "a later word below a hidden one": [
            *_TWO,
            Decide("o0", "public", False, "email"),
            said("o0", "subject", description="Soigner alpha"),
            said("o1", "list:0", description="Soigner alpha"),
            Wait(24),
            said("o0", "list:0", email="zeta@example.org"),
        ],
        "only the name has no word": [
            said("o0", "list:1", point=_HERE, description="Accueil discret"),
            Decide("o0", "agreement:A", False, "point", 2),
        ],
    }.items()
}
