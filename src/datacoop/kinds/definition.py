"""What a kind is: its name, its properties and where each stands in the index. Loaded once from YAML.

For every room that must treat all kinds alike. Must not know a single kind by name.
Definitions come from `definitions/*.yml` of this package and from the folder named by `DATACOOP_KINDS_DIR`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from datacoop.kinds import checks

Lang = str
Labels = Mapping[Lang, str]

OWN_FOLDER = Path(__file__).with_name("definitions")


@dataclass(frozen=True, eq=False)
class Property:
    """One thing said about records of a kind; compared by identity, so it can be a key."""

    name: str
    type: str
    labels: Labels
    many: bool = False
    personal: str = "none"
    """none, contact (reaches somebody) or sensitive (says something about a natural person)."""
    slot: str | None = None
    """The fixed index slot it fills: name, place, theme, start or point."""
    facet: bool = False
    search: str | None = None
    """Words indexed as name or as text; None: not searched."""
    open: bool = True
    """Present in anonymous lists, exports and feeds."""
    default: str = "nobody"
    """Who sees it while the subject has not spoken: nobody, published or notified (the charter's default policy)."""
    follows: str | None = None
    """A decision that hides that property hides this one too."""
    refers: str | None = None
    values: Mapping[str, Labels] = field(default_factory=dict)
    terms: Mapping[str, str] = field(default_factory=dict)
    example: object = None
    columns: Mapping[Lang, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Kind:
    """A sort of thing the cooperative knows; compared by identity, so it can be a key."""

    name: str
    plural: str
    labels: Labels
    plural_labels: Labels
    list_route: bool
    subject: str
    """`self`, or the property of type reference that names who decides."""
    properties: tuple[Property, ...]
    example: Mapping[str, object]
    """One invented record: the examples of its properties, in their order."""
    schema_org: str
    sensitive_facets: bool
    """False: themes marked sensitive are never a facet of this kind."""

    @cached_property
    def _by_name(self) -> Mapping[str, Property]:
        return {each.name: each for each in self.properties}

    @cached_property
    def slots(self) -> Mapping[str, Property]:
        """The property that fills each index slot; slots nobody fills are absent."""
        return MappingProxyType({each.slot: each for each in self.properties if each.slot})

    def property(self, name: str) -> Property:
        """Return the property of that name. Raises: KeyError if the kind has none."""
        return self._by_name[name]

    def facets(self) -> tuple[Property, ...]:
        """Return what a list may be filtered by, in the order of the file."""
        return tuple(each for each in self.properties if each.facet or each.slot in ("theme", "place"))


def all_kinds() -> Mapping[str, Kind]:
    """Return every kind by name, in alphabetical order of their files; read once per process.

    Raises: checks.DefinitionError, naming the file and the key that is wrong.
    """
    return _loaded()


def kind(name: str) -> Kind:
    """Return the kind of that name. Raises: KeyError if there is none."""
    return all_kinds()[name]


def kind_of_plural(plural: str) -> Kind | None:
    """Return the kind whose plural this is, None if there is none."""
    return next((each for each in all_kinds().values() if each.plural == plural), None)


def reload() -> None:
    """Forget what was read, so that the next question reads the files again; for tests."""
    _loaded.cache_clear()


def load(*folders: Path) -> Mapping[str, Kind]:
    """Read and check the kinds of these folders, without touching the ones in use."""
    raw: dict[str, dict[str, Any]] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.yml")):
            definition = checks.checked(path)
            if definition["name"] in raw:
                raise checks.DefinitionError(
                    f"{path}: name: the kind {definition['name']!r} is already defined; choose another name."
                )
            raw[definition["name"]] = definition
    checks.check_together(raw)
    return MappingProxyType({name: _kind(definition) for name, definition in raw.items()})


@cache
def _loaded() -> Mapping[str, Kind]:
    extra = os.environ.get("DATACOOP_KINDS_DIR")
    if not extra:
        return load(OWN_FOLDER)
    if not Path(extra).is_dir():
        raise checks.DefinitionError(f"DATACOOP_KINDS_DIR: {extra} is not a folder; create it or unset the variable.")
    return load(OWN_FOLDER, Path(extra))


def _kind(definition: Mapping[str, Any]) -> Kind:
    properties = tuple(_property(name, each) for name, each in definition["properties"].items())
    return Kind(
        name=definition["name"],
        plural=definition["plural"],
        labels=MappingProxyType(definition["labels"]),
        plural_labels=MappingProxyType(definition["plural_labels"]),
        list_route=definition.get("list_route", True),
        subject=definition["subject"],
        properties=properties,
        example=MappingProxyType({each.name: each.example for each in properties}),
        schema_org=definition.get("schema_org", "Thing"),
        sensitive_facets=definition.get("sensitive_facets", False),
    )


def _property(name: str, definition: Mapping[str, Any]) -> Property:
    frozen = {"labels", "values", "terms"}
    given: dict[str, Any] = {key: MappingProxyType(each) if key in frozen else each for key, each in definition.items()}
    words = definition.get("columns", {})
    given["columns"] = MappingProxyType({lang: tuple(each) for lang, each in words.items()})
    return Property(name=name, **given)
