"""What a kind, a property or a code value is called in a language, falling back asked → fr → en → first."""

from typing import Protocol

from datacoop.kinds.definition import Kind, Labels, Lang, Property

FALLBACKS: tuple[Lang, ...] = ("fr", "en")


class Labelled(Protocol):
    """Anything with labels per language."""

    @property
    def labels(self) -> Labels:
        """The label in each language."""


def label(kind_or_property: Labelled, lang: Lang) -> str:
    """Return the label of a kind or a property, in that language if it has one."""
    return chosen(kind_or_property.labels, lang)


def plural_label(kind: Kind, lang: Lang) -> str:
    """Return the label of many records of a kind."""
    return chosen(kind.plural_labels, lang)


def value_label(prop: Property, code: str, lang: Lang) -> str:
    """Return the label of a code value; the code itself if the property does not know it (any more)."""
    return chosen(prop.values[code], lang) if code in prop.values else code


def chosen(labels: Labels, lang: Lang) -> str:
    """Return the words of the first language that has any: asked, fr, en, then the first given."""
    for each in (lang, *FALLBACKS):
        if each in labels:
            return labels[each]
    return next(iter(labels.values()))
