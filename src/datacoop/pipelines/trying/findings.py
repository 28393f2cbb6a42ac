"""What was noticed, where, and how sure we are: codes and gaps to fill, turned into sentences by given texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

WRONG, DOUBT, PUBLIC = "wrong", "doubt", "public"
#: The gravest first.
LEVELS: Final = (WRONG, DOUBT, PUBLIC)
#: The subjects a report is ordered by.
FAMILIES: Final = ("name", "email", "phone", "web", "place", "number", "date", "double", "other", "public")
_DOUBTS: Final = frozenset(
    {"domain-typo", "far-from-place", "date-future", "double-maybe", "postcode-unknown", "shared-email", "shared-phone"}
)
_BY_START: Final = {
    "name": "name", "email": "email", "domain": "web", "url": "web", "phone": "phone", "postal": "place",
    "postcode": "place", "coordinates": "place", "far": "place", "commune": "place", "identifier": "number",
    "date": "date", "year": "date", "double": "double", "shared": "double", "public": "public",
}  # fmt: skip
Gap = str | int


@dataclass(frozen=True)
class Finding:
    """One thing about one cell. `column` None: about the row as a whole. `gaps` fill the text of the code.

    `is_counted`: of rows that are one, or share a contact, the first is told of it too, and only the others count.
    """

    row: int
    column: str | None
    code: str
    gaps: Mapping[str, Gap] = field(default_factory=dict)
    family_of: str = ""
    is_counted: bool = True

    @property
    def level(self) -> str:
        """Whether it is wrong, doubtful, or only differs from what is public."""
        if self.code.startswith("public-"):
            return PUBLIC
        return DOUBT if self.code in _DOUBTS else WRONG

    @property
    def family(self) -> str:
        """The subject it belongs to."""
        return self.family_of or _BY_START.get(self.code.partition("-")[0], "other")

    def text(self, words: Mapping[str, str]) -> str:
        """Return it as a sentence; a code without a text of its own says only that the cell is not understood."""
        template = words.get(f"finding.{self.code}") or words["finding.unreadable"]
        gaps = {**self.gaps, "why": _reasons(str(self.gaps.get("why", "")), words)}
        sentence = template.format(**gaps)
        return f"{sentence} {self.gaps['link']}" if "link" in self.gaps else sentence


def _reasons(codes: str, words: Mapping[str, str]) -> str:
    return ", ".join(words[f"why.{code}"] for code in codes.split())
