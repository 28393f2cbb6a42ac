"""Reads one definition file and refuses, in plain words, whatever a kind must not say.

For authors of kinds: every error names the file, the property and what to do. Works on plain YAML values;
must not know the dataclasses built from them.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from datacoop.kinds.values import LANGUAGE, TYPES, fault

KIND_KEYS = {
    "name": str,
    "plural": str,
    "labels": dict,
    "plural_labels": dict,
    "subject": str,
    "properties": dict,
    "list_route": bool,
    "schema_org": str,
    "sensitive_facets": bool,
}
KIND_REQUIRED = ("name", "plural", "labels", "plural_labels", "subject", "properties")
PROPERTY_KEYS = {
    "type": str,
    "labels": dict,
    "many": bool,
    "personal": str,
    "slot": str,
    "facet": bool,
    "search": str,
    "open": bool,
    "default": str,
    "follows": str,
    "refers": str,
    "values": dict,
    "terms": dict,
    "example": object,
    "columns": dict,
}
PROPERTY_REQUIRED = ("type", "labels", "example")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "type": TYPES,
    "personal": ("none", "contact", "sensitive"),
    "slot": ("name", "place", "theme", "start", "end", "zone", "recurrence", "point"),
    "search": ("name", "text"),
    "default": ("nobody", "published", "notified"),
}
SLOT_TYPES: Mapping[str, tuple[str, ...]] = {
    "name": ("string", "text"),
    "place": ("commune",),
    "theme": ("theme",),
    "start": ("date", "datetime", "moment"),
    "end": ("date", "datetime", "moment"),
    "zone": ("string",),
    "recurrence": ("recurrence",),
    "point": ("point",),
}
FACET_TYPES = ("string", "code", "theme", "commune", "boolean", "integer", "reference")
SEARCH_TYPES = ("string", "text", "code", "theme")
RESERVED_PROPERTIES = ("id", "kind", "occurrence", "disputed", "sources", "modified")
RESERVED_PLURALS = ("changes", "acknowledgements", "contributions", "exports", "webhooks")
PARAMETERS = (
    *("q", "bbox", "near", "radius_km", "from", "until", "territory", "sort", "limit", "cursor"),
    *("fields", "lang", "count", "zoom", "after"),
)
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TYPE_WORDS = {str: "a text", dict: "a mapping", bool: "true or false", list: "a list"}


class DefinitionError(ValueError):
    """A definition file cannot be used; the message names the file, the key and what to do."""


class _Place:
    """Where in which file we are, so that every refusal can say it."""

    def __init__(self, path: Path, *keys: str) -> None:
        self.path, self.keys = path, keys

    def at(self, *keys: object) -> "_Place":
        return _Place(self.path, *self.keys, *map(str, keys))

    def refuse(self, message: str) -> DefinitionError:
        return DefinitionError(": ".join([str(self.path), ".".join(self.keys), message]).replace(": : ", ": "))


class _Loader(yaml.SafeLoader):
    """YAML where only true and false are booleans, dates stay texts and a key is written once."""

    yaml_implicit_resolvers: dict[Any, Any] = {
        first: [
            (tag, pattern)
            for tag, pattern in resolvers
            if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                line = node.start_mark.line + 1
                raise yaml.YAMLError(f"the key {key!r} is written twice in the block of line {line}")
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def checked(path: Path) -> dict[str, Any]:
    """Return the YAML values of one definition file. Raises: DefinitionError."""
    place = _Place(path)
    try:
        definition = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 (a SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as wrong:
        raise place.refuse(f"this is not readable YAML: {wrong}") from wrong
    _check_keys(place, definition, KIND_KEYS, KIND_REQUIRED)
    _check_kind(place, definition)
    for name, each in definition["properties"].items():
        _check_property(place.at("properties", name), name, each)
    _check_relations(place, definition)
    # kept for the check of all files together, which must name the file too
    definition["path"] = path
    return dict(definition)


def check_together(definitions: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse two kinds with one plural and references to kinds that do not exist."""
    plurals: dict[str, str] = {}
    for name, definition in definitions.items():
        place = _Place(definition["path"])
        plural = definition["plural"]
        if plural in plurals or plural in definitions:
            other = plurals.get(plural, plural)
            raise place.at("plural").refuse(f"{plural!r} is already used by {other!r}; choose another.")
        plurals[plural] = name
        for owner, refers in _references(definition):
            if refers not in definitions:
                known = ", ".join(definitions)
                raise place.at("properties", owner, "refers").refuse(
                    f"there is no kind {refers!r}; choose one of: {known}."
                )


def _references(definition: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, each in definition["properties"].items():
        if "refers" in each:
            yield name, each["refers"]


def _check_keys(place: _Place, given: object, known: Mapping[str, type], required: Collection[str]) -> None:
    if not isinstance(given, dict):
        raise place.refuse("expected a mapping of keys to values.")
    for key, value in given.items():
        if key not in known:
            raise place.at(key).refuse(f"unknown key; remove it or use one of: {', '.join(known)}.")
        if not isinstance(value, known[key]):
            raise place.at(key).refuse(f"expected {_TYPE_WORDS.get(known[key], 'a value')}, found {value!r}.")
    for key in required:
        if key not in given:
            raise place.at(key).refuse("this key is missing; add it.")


def _check_name(place: _Place, name: object) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise place.refuse(f"{name!r} is not a name; use lower-case letters, digits and _ .")


def _check_labels(place: _Place, labels: object) -> None:
    if not isinstance(labels, dict) or not labels:
        raise place.refuse("expected one label per language, such as {fr: Nom, en: Name}.")
    for lang, words in labels.items():
        if not isinstance(lang, str) or not re.match(LANGUAGE, lang):
            raise place.at(lang).refuse("this is not a language code such as fr.")
        if not isinstance(words, str) or not words.strip():
            raise place.at(lang).refuse("the label is empty; write it or remove the language.")


def _check_kind(place: _Place, definition: Mapping[str, Any]) -> None:
    for key in ("name", "plural"):
        _check_name(place.at(key), definition[key])
    for key in ("labels", "plural_labels"):
        _check_labels(place.at(key), definition[key])
    if definition["plural"] in RESERVED_PLURALS:
        raise place.at("plural").refuse(f"{definition['plural']!r} is a route of its own; choose another.")
    if definition["plural"] == definition["name"]:
        raise place.at("plural").refuse("the plural must differ from the name.")
    if not definition["properties"]:
        raise place.at("properties").refuse("a kind needs at least one property.")


def _check_property(place: _Place, name: object, each: dict[str, Any]) -> None:
    _check_name(place, name)
    if name in RESERVED_PROPERTIES:
        raise place.refuse("every record has this already; choose another name.")
    _check_keys(place, each, PROPERTY_KEYS, PROPERTY_REQUIRED)
    _check_labels(place.at("labels"), each["labels"])
    for key, allowed in CHOICES.items():
        if key in each and each[key] not in allowed:
            raise place.at(key).refuse(f"{each[key]!r} is not one of: {', '.join(allowed)}.")
    _check_companions(place, each)
    _check_index(place, name, each)
    _check_words(place, each)
    _check_example(place.at("example"), each)


def _check_companions(place: _Place, each: Mapping[str, Any]) -> None:
    for type_name, key in (("reference", "refers"), ("code", "values")):
        if each["type"] == type_name and not each.get(key):
            raise place.at(key).refuse(f"a property of type {type_name} needs this key; add it.")
        if each["type"] != type_name and key in each:
            raise place.at(key).refuse(f"only a property of type {type_name} has this key; remove it.")
    for code, labels in each.get("values", {}).items():
        _check_name(place.at("values", code), code)
        _check_labels(place.at("values", code), labels)
    if each.get("personal") == "sensitive" and each.get("default", "nobody") != "nobody":
        raise place.at("default").refuse("a natural person decides first: remove it or write nobody.")
    if each["type"] in ("email", "phone"):
        if each.get("personal", "none") == "none":
            raise place.at("personal").refuse("it reaches somebody: write contact or sensitive.")
        if each.get("open", True):
            raise place.at("open").refuse("open lists carry no e-mail and no phone: write open: false.")


def _check_index(place: _Place, name: object, each: Mapping[str, Any]) -> None:
    slot = each.get("slot")
    if slot and each["type"] not in SLOT_TYPES[slot]:
        raise place.at("slot").refuse(f"the slot {slot} takes only: {', '.join(SLOT_TYPES[slot])}.")
    if each.get("facet") and each["type"] not in FACET_TYPES:
        raise place.at("facet").refuse(f"only these types can be filtered by: {', '.join(FACET_TYPES)}.")
    if "search" in each and each["type"] not in SEARCH_TYPES:
        raise place.at("search").refuse(f"only these types have words: {', '.join(SEARCH_TYPES)}.")
    if (each.get("facet") or slot in ("theme", "place")) and name in PARAMETERS:
        raise place.refuse("the API has a parameter of this name; choose another or remove facet and slot.")


def _check_words(place: _Place, each: Mapping[str, Any]) -> None:
    for vocabulary, term in each.get("terms", {}).items():
        if not isinstance(vocabulary, str) or not isinstance(term, str):
            raise place.at("terms", vocabulary).refuse("expected a vocabulary and its term, both texts.")
    for lang, words in each.get("columns", {}).items():
        at = place.at("columns", lang)
        if not isinstance(lang, str) or not re.match(LANGUAGE, lang):
            raise at.refuse("this is not a language code such as fr.")
        if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
            raise at.refuse("expected a list of header words.")
        if any(word != word.lower() for word in words):
            raise at.refuse("header words are written in lower case.")


def _check_example(place: _Place, each: Mapping[str, Any]) -> None:
    example, many = each["example"], each.get("many", False)
    if many and (not isinstance(example, list) or not example):
        raise place.refuse("the property has many values: write a list with at least one.")
    for one in example if many else [example]:
        wrong = fault(each["type"], one, tuple(each.get("values", ())))
        if wrong:
            raise place.refuse(wrong)


def _check_relations(place: _Place, definition: Mapping[str, Any]) -> None:
    properties, subject = definition["properties"], definition["subject"]
    if subject != "self" and properties.get(subject, {}).get("type") != "reference":
        raise place.at("subject").refuse(f"{subject!r} is neither self nor a property of type reference.")
    taken: dict[str, str] = {}
    for name, each in properties.items():
        at = place.at("properties", name)
        followed = each.get("follows")
        if followed and (followed not in properties or followed == name):
            raise at.at("follows").refuse(f"there is no other property {followed!r} to follow.")
        slot = each.get("slot")
        if slot in taken:
            raise at.at("slot").refuse(f"the slot {slot} is already filled by {taken[slot]!r}.")
        if slot:
            taken[slot] = name
