"""From a disclosed item to what a page shows of it: words in the reader's language, links, times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from datacoop.directory import slugs, themes
from datacoop.feeds.formatting import on_its_date
from datacoop.kinds.definition import kind as kind_named
from datacoop.kinds.labels import label
from datacoop.lib.dates import DAY_LENGTH
from datacoop.portal.catalogue import LANGUAGES
from datacoop.portal.gate import Item

_EXCERPT = 180
_OLDEST_YEAR, _LATEST_YEAR = 1900, 2200


@dataclass(frozen=True)
class Text:
    """A text and its language, None where nobody said."""

    text: str
    language: str | None = None

    @property
    def paragraphs(self) -> list[str]:
        """The text by lines, without empty ones."""
        return [line.strip() for line in self.text.splitlines() if line.strip()]

    @property
    def excerpt(self) -> str:
        """The beginning, cut between words."""
        plain = " ".join(self.text.split())
        return plain if len(plain) <= _EXCERPT else plain[:_EXCERPT].rpartition(" ")[0].rstrip(" ,;:") + "…"


@dataclass(frozen=True)
class ThemeLink:
    """A theme, readable."""

    path: str
    label: str


@dataclass(frozen=True)
class Address:
    """An address in lines, as on an envelope."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Provenance:
    """A list an item comes from."""

    holder: str
    is_confirmed: bool
    page: str | None = None
    """Where the holder publishes it."""


@dataclass(frozen=True)
class Card:
    """What every page shows of an item; empty where a property is not disclosed."""

    id: str
    url: str
    name: str
    description: Text | None
    themes: tuple[ThemeLink, ...]
    place: str
    sources: tuple[Provenance, ...]
    modified: datetime | None
    item: Item
    language: str
    disputed: tuple[str, ...] = ()
    """Labels of what is disputed."""

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Its addresses, those with at least one line."""
        found = (_address(each) for each in listed(self.item.get("addresses")))
        return tuple(each for each in found if each.lines)

    @property
    def point(self) -> Mapping[str, Any] | None:
        """Latitude, longitude and precision."""
        return self.item.get("point")

    def words(self, name: str) -> tuple[str, ...]:
        """The labels of a code property's values, in the reader's language."""
        values = kind_named(self.item["kind"]).property(name).values
        return tuple(_label(values.get(code), self.language) or code for code in listed(self.item.get(name)))

    @property
    def nature(self) -> str:
        """What sort of organisation it is."""
        return ", ".join(self.words("nature"))

    @property
    def languages(self) -> str:
        """The languages spoken there."""
        name = "language" if self.item["kind"] == "activity" else "languages"
        return ", ".join(self.words(name))

    @property
    def accessibility(self) -> str:
        """For whom access is arranged."""
        return ", ".join(self.words("accessibility"))

    @property
    def no_advertising(self) -> bool:
        """Whether its contacts are not to be used for advertising (LCD art. 3 al. 1 let. u)."""
        return bool(self.item.get("no_advertising"))

    @property
    def for_whom(self) -> str:
        """Whom an activity is meant for."""
        return ", ".join(self.words("audience"))

    @property
    def price(self) -> Text | None:
        """What an activity costs, as its organiser says it."""
        return text_of(self.item.get("price"), self.language)

    @property
    def start(self) -> datetime | None:
        """When an activity begins."""
        return moment(self.item.get("start"))

    @property
    def end(self) -> datetime | None:
        """When an activity ends."""
        return moment(self.item.get("end"))

    @property
    def lasts_days(self) -> bool:
        """Whether an activity lasts whole days."""
        return len(str(self.item.get("start", ""))) == DAY_LENGTH

    @property
    def ends_same_day(self) -> bool:
        """Whether begin and end are hours of one day."""
        return bool(self.start and self.end and not self.lasts_days and self.start.date() == self.end.date())

    @property
    def last_day(self) -> datetime | None:
        """The day on which an activity ends, None where it is the first. Of whole days `end` is the day after."""
        if self.start is None or self.end is None:
            return None
        last = self.end - timedelta(days=1) if self.lasts_days else self.end
        return last if last.date() > self.start.date() else None

    @property
    def trouble(self) -> str:
        """cancelled, postponed, tentative or full; empty when an activity simply takes place."""
        status = self.item.get("status")
        return status if status in ("cancelled", "postponed", "tentative", "full") else ""


def card(item: Item, language: str) -> Card:
    """Return what pages show of an item."""
    kind = kind_named(item["kind"])
    slot = kind.slots.get("name")
    own = text_of(item.get(slot.name) if slot else None, language)
    item = on_its_date(item, kind)
    name = text_of(item.get(slot.name) if slot else None, language)
    shown = name.text if name else item["id"][: slugs.HEAD_LENGTH]
    return Card(
        id=item["id"],
        url=slugs.page_path(item["kind"], own.text if own else "", item["id"]) or "",
        name=shown,
        description=text_of(item.get("description"), language),
        themes=_themes(item, language),
        place=str((item.get("commune") or {}).get("name", "")),
        sources=tuple(_sources(item.get("sources", ()))),
        modified=_instant(item.get("modified")),
        item=item,
        language=language,
        disputed=tuple(label(kind.property(each), language) for each in item.get("disputed", ())),
    )


def cards(items: Iterable[Item], language: str) -> list[Card]:
    """Return the cards of items, in their order."""
    return [card(item, language) for item in items]


def text_of(value: object, language: str) -> Text | None:
    """Return a text in the reader's language, else in the first language there is; None for nothing."""
    if isinstance(value, str):
        return Text(value) if value.strip() else None
    if isinstance(value, Mapping):
        for each in (language, *LANGUAGES, *value):
            if str(value.get(each) or "").strip():
                return Text(str(value[each]), each)
    return None


def moment(value: object) -> datetime | None:
    """Return a date and time with its zone; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def day_of(value: str | None) -> date | None:
    """Return a day written as 2026-11-23, None for anything else."""
    try:
        found = date.fromisoformat(value or "")
    except ValueError:
        return None
    return found if _OLDEST_YEAR <= found.year <= _LATEST_YEAR else None


def listed(value: object) -> Sequence[Any]:
    """Return one value or many as many."""
    if value is None:
        return ()
    return value if isinstance(value, list) else [value]


def _themes(item: Item, language: str) -> tuple[ThemeLink, ...]:
    paths = sorted({themes.known_as(str(path)) for path in listed(item.get("theme"))}, key=themes.order)
    return tuple(ThemeLink(path, themes.label(path, language)) for path in paths)


def _sources(sources: Iterable[Mapping[str, Any]]) -> Iterable[Provenance]:
    for each in sources:
        if each.get("holder"):
            page = str(each.get("page") or "")
            is_web = page.startswith(("https://", "http://"))
            yield Provenance(str(each["holder"]), bool(each.get("confirmed")), page if is_web else None)


def _address(value: Mapping[str, Any]) -> Address:
    town = " ".join(str(value[part]) for part in ("postal_code", "city") if value.get(part))
    abroad = value.get("country") if value.get("country") not in (None, "", "CH") else None
    lines = (value.get("extra"), value.get("street"), town, abroad)
    return Address(tuple(str(line) for line in lines if line))


def _instant(value: object) -> datetime | None:
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int) and value > 0 else None


def _label(labels: Mapping[str, str] | None, language: str) -> str:
    return (labels or {}).get(language, "")
