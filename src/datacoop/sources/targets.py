"""What columns may be mapped to: the paths of a kind's properties, under the names that `headers.yml` uses. Pure."""

from functools import cache

from datacoop.kinds.definition import Kind
from datacoop.sources.headers import ID, PERSON, Tokens, take_apart, tokens_of


@cache
def own_words(kind: Kind) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The header words of the kind's own definition."""
    return tuple(
        (each.name, tuple(word for words in each.columns.values() for word in words))
        for each in kind.properties
        if each.columns
    )


@cache
def _own_tokens(kind: Kind) -> frozenset[Tokens]:
    return frozenset(tokens_of(word) for _property, words in own_words(kind) for word in words)


def is_own_word(column: str, kind: Kind) -> bool:
    """Whether the kind's own definition has these very words for one of its properties."""
    return take_apart(column).tokens in _own_tokens(kind)


@cache
def _names(kind: Kind) -> dict[str, str]:
    """From the names of `headers.yml` to those of the kind: its name, its address, its point."""
    by_type = {each.type: each.name for each in reversed(kind.properties)}
    names = {each.name: each.name for each in kind.properties}
    if "name" in kind.slots:
        names["name"] = kind.slots["name"].name
    for word, type_name in (("addresses", "address"), ("point", "point"), ("identifiers", "identifier")):
        if type_name in by_type:
            names[word] = by_type[type_name]
    for word, type_name in (("commune", "commune"), ("theme", "theme"), ("website", "url")):
        if type_name in by_type:
            names.setdefault(word, by_type[type_name])
    for word, other in (("email", "emails"), ("phones", "phone")):
        if other in names:
            names.setdefault(word, other)
    return names


def local_name(target: str, kind: Kind) -> str | None:
    """The target in the kind's own names, None if the kind has no such thing."""
    if target.startswith("@"):
        return target
    bare, _, mark = target.partition("~")
    name, dot, part = bare.partition(".")
    own = _names(kind).get(name)
    if own is None:
        return None
    local = f"{own}{dot}{part}"
    if mark:
        return f"{local}~{mark}"
    property_type = kind.property(own).type
    if property_type in {"address", "identifier"} and not part:
        return f"{own}.{'street' if property_type == 'address' else 'value'}"
    return local


def is_text(target: str, kind: Kind) -> bool:
    """Whether the target is a whole property of free text, which may stand in several columns by language."""
    return target[0] != "@" and "." not in target and kind.property(target).type == "text"


def takes_many(target: str, kind: Kind) -> bool:
    """Whether several columns may share the target."""
    bare = target.partition("#")[0]
    name, _, part = bare.partition(".")
    if bare == PERSON:
        return True
    if bare == ID or bare not in {name} | {f"{name}.value", f"{name}.extra"}:
        return False
    return part == "extra" or kind.property(name).many
