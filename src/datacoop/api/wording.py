"""The words of `/api/` in the reader's language, beside the OpenAPI document, which is written in English alone.

What the document describes by itself, a new kind or format, has its words from the kind's labels. Where a language has
no words for something the document's own stand: a test finds none.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from datacoop.api.parameters import filterable
from datacoop.api.routes import MOST_AT_ONCE
from datacoop.kinds.definition import Kind, all_kinds
from datacoop.lib.phrases import Phrases

Part = dict[str, Any]
LANGUAGES: Final = ("fr", "de", "it", "en")
PHRASES: Final = Phrases(Path(__file__).with_name("texts"), LANGUAGES)
#: Operations of kinds are named by these behind the plural; exports by the format too.
_EXPORT: Final = "export_"
#: Whose parameters are those of another.
_AS: Final = {"retractions": "changes"}


@dataclass(frozen=True)
class Words:
    """The words of one language."""

    language: str

    def page(self, key: str) -> str:
        """Return a text of the page itself, its gaps unfilled."""
        return PHRASES.say(self.language, f"page.{key}")

    def problem(self, code: str, title: str) -> str:
        """Return what a problem is called."""
        return self._found(f"problem.{code}") or title

    def summary(self, operation: Part) -> str:
        """Return what an operation is for."""
        name, kind = operation["operationId"], _kind_of(operation)
        gaps: Part = {"most": MOST_AT_ONCE}
        if kind is not None:
            name = name.removeprefix(f"{kind.plural}_")
            gaps |= {"one": self._label(kind.labels), "many": self._label(kind.plural_labels)}
        if name.startswith(_EXPORT):
            name, gaps["format"] = "export", name.removeprefix(_EXPORT)
        elif name.startswith("catalog"):
            name = "catalog"
        return self._found(f"summary.{name}", **gaps) or str(operation["summary"])

    def parameter(self, operation: Part, each: Part) -> str:
        """Return what a parameter does."""
        name, kind = each["name"], _kind_of(operation)
        facet = next((prop for prop in filterable(kind) if prop.name == name), None) if kind else None
        if facet is not None:
            sort = facet.type if facet.type in ("commune", "theme") else "facet"
            found = self._found(f"parameter.{sort}", label=self._label(facet.labels))
            return found or str(each["description"])
        owner = operation["operationId"]
        for key in (f"{_AS.get(owner, owner)}.{name}", f"{owner.partition('_')[0]}.{name}", name):
            found = self._found(f"parameter.{key}")
            if found:
                return found
        return str(each["description"])

    def _found(self, key: str, **gaps: object) -> str:
        return PHRASES.say(self.language, key, **gaps) if key in PHRASES.of(self.language) else ""

    def _label(self, labels: Any) -> str:
        return str(labels.get(self.language, ""))


def _kind_of(operation: Part) -> Kind | None:
    """The kind an operation is about: its tag."""
    tags = operation.get("tags", ())
    return next((kind for kind in all_kinds().values() if kind.plural in tags), None)
