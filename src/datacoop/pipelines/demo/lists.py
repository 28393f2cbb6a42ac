"""Write the demo's lists as the holders would send them: files with their headers, encodings and oddities."""

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any, Final

import orjson
from openpyxl import Workbook

from datacoop.lib.workbooks import timeless
from datacoop.pipelines.demo.activities import Activity, Need
from datacoop.pipelines.demo.listings import COMMUNE, INTERNAL, SOLIDARITY, SPORT, Listing, Seen
from datacoop.pipelines.demo.world import World

NATURES: Final = {
    "association": "Association",
    "foundation": "Fondation",
    "cooperative": "Coopérative",
    "informal_group": "Groupe informel",
    "public": "Service public",
    "commercial": "Entreprise commerciale",
}
_SPORTS: Final = {"arts-martiaux": "Arts martiaux", "athletisme": "Athlétisme", "petanque": "Pétanque",
                  "handisport": "Sport handicap", "montagne": "Montagne et ski", "basketball": "Basket"}  # fmt: skip
_FUNCTIONS: Final = ("président", "présidente", "caissière", "secrétaire", "contact")


def write_lists(folder: Path, world: World) -> dict[str, Path]:
    """Write every list into the folder and return them by name: `registre-communal`, `…:activity`, `…:need`."""
    folder.mkdir(parents=True, exist_ok=True)
    made: dict[str, tuple[str, bytes]] = {}
    writers = {COMMUNE: _commune, SPORT: _sport, SOLIDARITY: _solidarity, INTERNAL: _internal}
    for listing in world.listings:
        made[listing.slug] = (listing.file, writers[listing.slug](listing, world.today))
    made |= _happenings(world)
    paths = {}
    for name, (file, content) in made.items():
        paths[name] = folder / file
        paths[name].write_bytes(content)
    return paths


def _national(phone: str) -> str:
    return phone.replace("+41 ", "0")


def _line(row: Seen) -> str:
    return ", ".join(part for part in (row.extra, row.street) if part)


def _straight(text: str) -> str:
    return text.replace("’", "'")


def _commune(listing: Listing, _today: date) -> bytes:
    """Semicolons, Windows characters, French headers, straight apostrophes."""
    head = ["Id", "Nom de la société", "Nature", "Thème", "But", "Complément d'adresse", "Adresse", "NPA", "Localité",
            "Commune", "N° OFS", "Courriel", "Téléphone", "Site internet", "N° IDE"]  # fmt: skip
    rows = [
        [row.key, row.name, NATURES[row.nature], row.theme, row.description.get("fr", ""), row.extra, row.street,
         row.postal_code, row.city, row.commune, str(row.bfs), row.email, _national(row.phone), row.website, row.uid]
        for row in listing.rows
    ]  # fmt: skip
    return _straight(_csv(head, rows, ";")).encode("cp1252")


def _internal(listing: Listing, _today: date) -> bytes:
    """A volunteer bureau's own address book: commas, UTF-8, people in every row."""
    head = ["Organisation", "Domaine", "Personne de contact", "Fonction", "E-mail", "Tél.", "Rue", "NPA", "Lieu",
            "Remarques"]  # fmt: skip
    rows = []
    for number, row in enumerate(listing.rows):
        function = _FUNCTIONS[number % len(_FUNCTIONS)]
        remark = "rappeler le soir" if number % 9 == 0 else ""
        phone = _national(row.phone).replace(" ", ".")
        domain = row.theme.partition("/")[0]
        rows.append([row.name, domain, row.person, function, row.email, phone, _line(row), row.postal_code,
                     row.city, remark])  # fmt: skip
    return _csv(head, rows, ",").encode()


def _csv(head: list[str], rows: list[list[str]], separator: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerows([head, *rows])
    return text.getvalue()


def _sport(listing: Listing, today: date) -> bytes:
    """A workbook with a title above the headers, as an office sends it round."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "Clubs"
    sheet.append([f"Union sportive de la région (démo) : clubs membres, état au {today:%d.%m.%Y}"])
    sheet.append([])
    sheet.append(["N° de membre", "Club", "Sport", "Adresse", "NPA", "Localité", "E-mail", "Téléphone", "Site web"])
    for row in listing.rows:
        sport = row.theme.split("/")[1]
        sheet.append([row.key, row.name, _SPORTS.get(sport, sport.capitalize()), _line(row), int(row.postal_code),
                      row.city, row.email, row.phone.replace(" ", ""), row.website])  # fmt: skip
    for column, width in zip("ABCDEFGHI", (12, 40, 18, 34, 8, 24, 44, 18, 44), strict=True):
        sheet.column_dimensions[column].width = width
    raw = io.BytesIO()
    book.save(raw)
    return timeless(raw.getvalue())


def _solidarity(listing: Listing, _today: date) -> bytes:
    """A website's data file: an object keyed by slug, nested, English keys, texts by language."""
    return orjson.dumps({row.key: _entry(row) for row in listing.rows}, option=orjson.OPT_INDENT_2)


def _entry(row: Seen) -> dict[str, Any]:
    location = {"street": row.street, "extra": row.extra, "postal_code": row.postal_code, "city": row.city,
                "lat": row.lat, "lon": row.lon}  # fmt: skip
    contact = {"email": row.email, "phone": row.phone, "website": row.website}
    return {
        "name": row.name,
        "type": row.nature,
        "category": row.theme,
        "description": dict(row.description),
        "languages": list(row.languages),
        "location": {key: value for key, value in location.items() if value},
        "contact": {key: value for key, value in contact.items() if value},
    }


def _happenings(world: World) -> dict[str, tuple[str, bytes]]:
    """Activities and needs, each in the list of a holder that knows the organiser, by that holder's key."""
    files: dict[str, list[dict[str, Any]]] = {}
    known: dict[str, list[tuple[Listing, Seen]]] = {}
    for listing in world.listings:
        for row in listing.rows if listing.published else ():
            known.setdefault(row.organisation, []).append((listing, row))
    for position, activity in enumerate(world.activities):
        holders = known[activity.organiser]
        listing, row = holders[position % len(holders)]
        files.setdefault(f"{listing.slug}:activity", []).append(_activity(activity, row))
    for need in world.needs:
        listing, row = known[need.organisation][0]
        files.setdefault(f"{listing.slug}:need", []).append(_need(need, row))
    words = {"activity": "activites", "need": "besoins"}
    return {
        name: (f"{name.split(':')[0]}-{words[name.split(':')[1]]}.ndjson", _ndjson(rows))
        for name, rows in sorted(files.items())
    }


def _activity(activity: Activity, row: Seen) -> dict[str, Any]:
    said = {
        "id": activity.key, "titre": activity.title, "description": activity.description, "organisateur": row.key,
        "début": activity.start.isoformat(), "fin": activity.end.isoformat(), "état": activity.status,
        "lieu": activity.venue, "adresse": activity.street, "NPA": row.postal_code, "localité": row.city,
        "commune": row.commune, "N° OFS": row.bfs, "tarif": activity.price, "public": activity.audience,
        "langue": activity.language, "accessibilité": activity.accessibility, "thème": row.theme,
        "inscription": activity.page,
    }  # fmt: skip
    return {key: value for key, value in said.items() if value}


def _need(need: Need, row: Seen) -> dict[str, Any]:
    said = {
        "id": need.key, "titre": need.title, "description": need.description, "organisation": row.key,
        "début": need.start.isoformat(), "places à pourvoir": need.places, "contrepartie": need.reward,
        "âge minimum": need.min_age, "commune": row.commune, "N° OFS": row.bfs, "thème": row.theme, "état": "open",
    }  # fmt: skip
    return {key: value for key, value in said.items() if value}


def _ndjson(rows: list[dict[str, Any]]) -> bytes:
    return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
