"""The reference page of a kind in Markdown, generated from its definition: what it holds, in which words, for whom."""

import json

from datacoop.kinds.definition import Kind, Property
from datacoop.kinds.labels import chosen, label, plural_label
from datacoop.kinds.parts import part_labels, part_names

PERSONAL = {
    "none": "about the organisation or the thing itself",
    "contact": "reaches somebody: shown only as its subject or the policy allows",
    "sensitive": "about a natural person: shown to nobody until they decide",
}
DEFAULTS = {
    "nobody": "shown to nobody",
    "published": "public if the holder's list is published",
    "notified": "public if the holder's list is published, else once the subject was told and did not object",
}
SUBJECT_SELF = "The record is its own subject: whoever it describes decides what is shown."


def kind_page(kind: Kind) -> str:
    """Return the whole page, ending in a newline; the same definition always gives the same text."""
    return "\n".join(
        [
            f"# {label(kind, 'en')} (`{kind.name}`)",
            "",
            f"{_in_languages(kind)} Schema.org type: `{kind.schema_org}`.",
            "",
            *_routes(kind),
            _subject(kind),
            "",
            "## Properties",
            "",
            *_table(kind),
            "",
            *(line for each in kind.properties for line in _section(each)),
            "## Example",
            "",
            "```json",
            json.dumps({"kind": kind.name, **kind.example}, ensure_ascii=False, indent=1),
            "```",
            "",
        ]
    )


def _in_languages(kind: Kind) -> str:
    return " · ".join(f"{lang}: {words}" for lang, words in kind.plural_labels.items()) + "."


def _routes(kind: Kind) -> list[str]:
    if not kind.list_route:
        return [f"{plural_label(kind, 'en')} have no list in the API.", ""]
    filters = ", ".join(f"`{each.name}=`" for each in kind.facets()) or "none"
    lines = [f"List: `GET /api/v1/{kind.plural}`. Facets: {filters}."]
    if not kind.sensitive_facets:
        lines.append("Themes marked sensitive are never a facet here.")
    return [*lines, ""]


def _subject(kind: Kind) -> str:
    if kind.subject == "self":
        return SUBJECT_SELF
    return f"Who decides: the record named by `{kind.subject}`."


def _table(kind: Kind) -> list[str]:
    head = ["| property | type | label | standard terms |", "|---|---|---|---|"]
    return head + [
        f"| `{each.name}` | {_type(each)} | {_cell(label(each, 'en'))} | {_terms(each)} |" for each in kind.properties
    ]


def _type(prop: Property) -> str:
    name = f"reference to {prop.refers}" if prop.refers else prop.type
    return f"list of {name}" if prop.many else name


def _terms(prop: Property) -> str:
    return _cell(" · ".join(f"{vocabulary}: `{term}`" for vocabulary, term in prop.terms.items()) or "–")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _section(prop: Property) -> list[str]:
    lines = [f"### `{prop.name}`", "", _cell(" · ".join(f"{each}: {w}" for each, w in prop.labels.items())), ""]
    lines.append(f"* Personal: {prop.personal} ({PERSONAL[prop.personal]}).")
    lines.append(f"* While its subject has not spoken: {DEFAULTS[prop.default]}.")
    if not prop.open:
        lines.append("* Not in anonymous lists, exports and feeds.")
    if prop.follows:
        lines.append(f"* Hidden whenever `{prop.follows}` is.")
    for part in part_names(prop):
        lines.append(f"* Part `{part}`: {chosen(part_labels(prop.type, part), 'en')}.")
    for code, labels in prop.values.items():
        lines.append(f"* Value `{code}`: {chosen(labels, 'en')}.")
    words = "; ".join(f"{lang}: {', '.join(some)}" for lang, some in prop.columns.items())
    if words:
        lines.append(f"* Columns recognised: {words}.")
    return [*lines, ""]
