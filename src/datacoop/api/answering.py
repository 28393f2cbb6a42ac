"""One request, one question to `disclosure`, one answer: every read route, synchronously.

Authenticates first, then checks the parameters, then asks; what is refused depends on the request alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import time
from typing import Any, Final

import orjson

from datacoop.api import parameters, routes
from datacoop.api.answers import Answer, Answers, Header, link_next
from datacoop.api.calls import Call
from datacoop.api.limits import Limits
from datacoop.api.negotiation import check_json, format_for, language_for
from datacoop.api.parameters import Values, parse
from datacoop.api.places import label_of
from datacoop.api.problems import Problem
from datacoop.api.questions import Asked, asked_of
from datacoop.api.refusing import too_many
from datacoop.api.remembering import Answered, Key, answered
from datacoop.api.retracting import retractions_body
from datacoop.api.routes import PREFIX, Target
from datacoop.api.site import Site
from datacoop.directory.themes import label as theme_label
from datacoop.disclosure.cursors import seal, unseal
from datacoop.disclosure.readers import PUBLIC, Reader, acknowledging_reader, reader_of_token
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.clock import check_clock
from datacoop.disclosure.search.feeding import changes, feed_position
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.grouping import clusters, facets
from datacoop.disclosure.search.owed import owed
from datacoop.disclosure.search.questions import Found, Gone, Moved, Question
from datacoop.feeds.exports import number_after
from datacoop.feeds.formats.json import envelope
from datacoop.feeds.formatting import Context, Format, render_list
from datacoop.kinds.definition import Kind, Property

CHANGES_DIGEST: Final = b"changes"
JSON, GEOJSON = "application/json", "application/geo+json"
#: How whoever shows no token is told to show one, and whoever shows one that opens nothing.
UNSIGNED: Final = ((b"www-authenticate", b'Bearer realm="datacoop"'),)
REFUSED: Final = ((b"www-authenticate", b'Bearer realm="datacoop", error="invalid_token"'),)


@dataclass(slots=True)
class Plan:
    """An export about to begin."""

    reader: Reader
    layout: Format
    context: Context
    after: int | None
    headers: list[Header]
    authorization: str | None


def reader_of(
    reading: Reading, authorization: str | None, memory: dict[Any, Any] | None, *, to_acknowledge: bool = False
) -> Reader:
    """Who asks: the public, or the client its token names. The one way in. Raises: Problem invalid-token."""
    if authorization is None:
        return PUBLIC
    scheme, _, token = authorization.partition(" ")
    reader = None
    if scheme.lower() == "bearer" and token:
        token = token.strip()
        if to_acknowledge:
            reader = acknowledging_reader(reading, token, time())
        else:
            reader = reader_of_token(reading, token, time(), memory)
    if reader is None:
        raise Problem("invalid-token", headers=REFUSED)
    return reader


def check_keeping(reader: Reader, target: Target) -> None:
    """Refuse what is for keeping to a client that may keep nothing. Raises: Problem live-only."""
    if reader.live_only and target.route.name in routes.FOR_KEEPING:
        raise Problem("live-only", "Ask for lists and records when you show them.")


class Answering:
    """Answers calls on one installation."""

    def __init__(self, site: Site, limits: Limits) -> None:
        """Hold what answers share."""
        self.site = site
        self._limits = limits
        self.answers = Answers(site)
        self._by_route: dict[str, Callable[[Call, Reading, Reader], Answer]] = {
            routes.LIST: self._list,
            routes.ONE: self._one,
            routes.FACETS: self._facets,
            routes.CLUSTERS: self._clusters,
            routes.CHANGES: self._changes,
            routes.RETRACTIONS: self._retractions,
            routes.ACKNOWLEDGEMENTS: self._owed,
        }

    def answer(self, call: Call, reading: Reading) -> Answer:
        """The answer to any call but an export. Raises: disclosure.errors.Due."""
        try:
            memory = reading.remembered() if self.site.memory_bytes or call.authorization else None
            owing = call.target.route.name == routes.ACKNOWLEDGEMENTS
            reader = reader_of(reading, call.authorization, memory, to_acknowledge=owing)
            if reader.agreement is not None:
                self._count(call, reader)
            check_keeping(reader, call.target)
            kept = answered(reading, memory, self.site.memory_bytes)
            if kept is None:
                return self._by_route[call.target.route.name](call, reading, reader)
            key = (reader.leaf, call.path, call.query, call.accept, call.languages, call.none_match)
            return kept.find(key) or self._kept(kept, key, call, reading, reader)
        except Problem as problem:
            return self.problem(problem, call)

    def admit(self, call: Call, reading: Reading) -> None:
        """See that a running client that keeps something asks, and count it. Raises: Problem."""
        reader = reader_of(reading, call.authorization, reading.remembered())
        if reader.agreement is None:
            raise Problem("invalid-token", "This needs a client's token.", headers=UNSIGNED)
        self._count(call, reader)
        check_keeping(reader, call.target)

    def _kept(self, kept: Answered, key: Key, call: Call, reading: Reading, reader: Reader) -> Answer:
        """Answer anew, and keep it with what a client was sent in it."""
        reading.parcels = None if reader.agreement is None else []
        try:
            found = self._by_route[call.target.route.name](call, reading, reader)
            kept.keep(key, found, reading.parcels or ())
        finally:
            reading.parcels = None
        return found

    def problem(self, problem: Problem, call: Call) -> Answer:
        """The answer of a problem; whoever showed a token gets it privately."""
        return self.answers.problem(problem, call.authorization is None)

    def refusal(self, call: Call) -> Problem:
        """What whoever asks too much is told: how long to wait, and where everything is."""
        return too_many(call.standing, self.site)

    def _count(self, call: Call, reader: Reader) -> None:
        """Count a client's request, once, however often it must be asked anew. Raises: Problem too-many-requests."""
        if not call.is_clients:
            call.is_clients, call.standing = True, self._limits.count_client(reader)
            if call.standing.lacking:
                raise self.refusal(call)

    def plan(self, call: Call, reading: Reading) -> Plan:
        """What an export needs before its first row. Raises: Problem, disclosure.errors.Due."""
        reader = reader_of(reading, call.authorization, reading.remembered())
        if reader.agreement is not None:
            self._count(call, reader)
        check_keeping(reader, call.target)
        asked = parse(call.query, call.target.route.parameters)
        kind = _kind(call)
        layout = format_for(kind, call.target.extension, call.accept)
        after = None
        if "after" in asked:
            after = number_after(reading, reader, asked["after"])
            if after is None:
                raise Problem("invalid-parameter", "The id of a record.", "after")
        check_clock(reading)
        position = seal(reader, CHANGES_DIGEST, feed_position(reading, reader))
        name = f'attachment; filename="{kind.plural}.{layout.EXTENSION}"'
        headers = [
            *self.answers.headers(layout.MEDIA_TYPES[0], reader.agreement is None),
            (b"changes-after", position.encode()),
            (b"content-disposition", name.encode()),
            # A proxy in front that reads ahead would keep what is withdrawn meanwhile (nginx).
            (b"x-accel-buffering", b"no"),
        ]
        context = self._context(call, kind, reader, asked, open_only=reader.agreement is None)
        return Plan(reader, layout, context, after, headers, call.authorization)

    def check_still(self, plan: Plan, reading: Reading) -> None:
        """See before each part of an export that whoever asked for it may still ask. Raises: Problem invalid-token."""
        reader_of(reading, plan.authorization, reading.remembered())

    def _list(self, call: Call, reading: Reading, reader: Reader) -> Answer:
        kind = _kind(call)
        layout = format_for(kind, call.target.extension, call.accept)
        asked = asked_of(call.target.route, call.query)
        page = find(reading, reader, _continued(reader, asked))
        next_url = None
        if page.position is not None:
            cursor = seal(reader, asked.digest, page.position)
            next_url = f"{self.site.base_url}{call.path}?{asked.kept}{cursor}"
        public = reader.agreement is None
        is_json = layout.NAME == "json"
        if is_json and "fields" not in asked.values and "lang" not in asked.values:
            body = envelope(page.bodies, next_url, page.count, page.relation)
        else:
            context = self._context(call, kind, reader, asked.values, open_only=public)
            context = replace(
                context,
                url=f"{self.site.base_url}{call.path}" + (f"?{call.query}" if call.query else ""),
                next_url=next_url,
                count=page.count,
                relation=page.relation,
            )
            body = render_list(layout, page.bodies, context)
        more = (link_next(next_url),) if next_url and not is_json else ()
        return self.answers.found(body, layout.MEDIA_TYPES[0], public, call.none_match, more)

    def _one(self, call: Call, reading: Reading, reader: Reader) -> Answer:
        kind = _kind(call)
        asked = parse(call.query, call.target.route.parameters)
        layout = format_for(kind, call.target.extension, call.accept)
        found = get(reading, reader, kind.name, call.target.id)
        public = reader.agreement is None
        if isinstance(found, Found):
            body = found.body
            if asked or layout.NAME != "json":
                body = layout.render_one(body, self._context(call, kind, reader, asked))
            return self.answers.found(body, layout.MEDIA_TYPES[0], public, call.none_match)
        if isinstance(found, Moved):
            ending = f".{call.target.extension}" if call.target.extension else ""
            query = f"?{call.query}" if call.query else ""
            return self.answers.moved(f"{PREFIX}{kind.plural}/{found.id}{ending}{query}", public)
        raise Problem("gone" if isinstance(found, Gone) else "not-found")

    def _facets(self, call: Call, reading: Reading, reader: Reader) -> Answer:
        check_json(call.accept)
        kind = _kind(call)
        asked = asked_of(call.target.route, call.query)
        counts = facets(reading, reader, _continued(reader, asked))
        language = asked.values.get("lang") or language_for(call.languages)
        for name, rows in counts.items():
            for row in rows:
                label = _label(kind.property(name), str(row["value"]), language)
                if label:
                    row["label"] = label
        body = orjson.dumps({"facets": counts})
        return self.answers.found(body, JSON, reader.agreement is None, call.none_match)

    def _clusters(self, call: Call, reading: Reading, reader: Reader) -> Answer:
        check_json(call.accept, GEOJSON)
        asked = asked_of(call.target.route, call.query)
        found = clusters(reading, reader, _continued(reader, asked), asked.values.get("zoom", parameters.ZOOM))
        features = [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [each["lon"], each["lat"]]},
                "properties": {name: each[name] for name in each if name not in ("lat", "lon")},
            }
            for each in found
        ]
        public = reader.agreement is None
        licence = {"license": self.answers.licence_of(public), "terms": self.site.terms}
        body = orjson.dumps({"type": "FeatureCollection", "features": features, **licence})
        return self.answers.found(body, GEOJSON, public, call.none_match)

    def _changes(self, call: Call, reading: Reading, reader: Reader) -> Answer:
        """RPDE: the last page is empty and its `next` is itself, to be asked again later."""
        check_json(call.accept)
        asked = parse(call.query, call.target.route.parameters)
        limit = asked.get("limit", parameters.CHANGES_LIMIT)
        after = None
        if "after" in asked:
            after = unseal(reader, CHANGES_DIGEST, asked["after"])
            if after is None:
                raise Problem("invalid-parameter", "Take it from `next` or `Changes-After`.", "after")
        page = changes(reading, reader, after, limit)  # type: ignore[arg-type]
        position = asked.get("after") if not page.items else seal(reader, CHANGES_DIGEST, page.position)
        query = "&".join([f"after={position}"] * (position is not None) + [f"limit={limit}"] * ("limit" in asked))
        address = f"{self.site.base_url}{PREFIX}changes" + (f"?{query}" if query else "")
        public = reader.agreement is None
        body = b'{"items":[%b],"next":%b,"license":%b}' % (
            b",".join(page.items),
            orjson.dumps(address),
            orjson.dumps(self.answers.licence_of(public)),
        )
        return self.answers.found(body, JSON, public, call.none_match)

    def _retractions(self, call: Call, reading: Reading, reader: Reader) -> Answer:
        check_json(call.accept)
        body = retractions_body(parse(call.query, call.target.route.parameters), reading, self.site)
        return self.answers.found(body, JSON, reader.agreement is None, call.none_match)

    def _owed(self, call: Call, reading: Reading, reader: Reader) -> Answer:
        if reader.agreement is None:
            raise Problem("invalid-token", "Acknowledgements need a client's token.", headers=REFUSED)
        check_json(call.accept)
        parse(call.query, call.target.route.parameters)
        body = orjson.dumps({"items": owed(reading, reader, routes.MOST_AT_ONCE)})
        return self.answers.found(body, JSON, False, call.none_match)

    def _context(self, call: Call, kind: Kind, reader: Reader, asked: Values, open_only: bool = False) -> Context:
        lang = asked.get("lang")
        return Context(
            kind=kind,
            base_url=self.site.base_url,
            licence=self.answers.licence_of(reader.agreement is None),
            terms=self.site.terms,
            open_only=open_only,
            has_pages=reader.agreement is None,
            language=lang or language_for(call.languages),
            lang=lang,
            fields=asked.get("fields"),
        )


def _kind(call: Call) -> Kind:
    kind = call.target.route.kind
    assert kind is not None
    return kind


def _continued(reader: Reader, asked: Asked) -> Question:
    """The question from where its cursor stands. Raises: Problem for a cursor of another question or reader."""
    cursor = asked.values.get("cursor")
    if cursor is None:
        return asked.question
    after = unseal(reader, asked.digest, cursor)
    if after is None:
        raise Problem("invalid-parameter", "Take it from `next` of the same question.", "cursor")
    return replace(asked.question, after=after)


def _label(each: Property, value: str, language: str) -> str | None:
    if each.type == "commune":
        return label_of(value)
    if each.type == "theme":
        return theme_label(value, language)
    labels = each.values.get(value)
    return labels.get(language) if labels else None
