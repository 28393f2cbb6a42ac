"""The catalogue: valid DCAT-AP CH in every form, the same statements in each, and every address in it answers."""

import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings
from pyshacl import validate
from rdflib import DCAT, DCTERMS, FOAF, RDF, Graph, Namespace, URIRef
from rdflib.compare import isomorphic

from datacoop.api.asgi import wrap
from datacoop.api.catalogue_described import catalogue_paths
from datacoop.api.site import Site
from datacoop.feeds.catalogue import FORMS, PREFIXES, Facts, written
from datacoop.feeds.registry import formats_of
from datacoop.kinds.definition import all_kinds
from tests.api import world
from tests.api.conftest import django
from tests.api.world import BASE_URL, Caller
from tests.laws.grammar import standard_requests

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("datacoop.api.urls"),
    # rdflib's own reader of JSON-LD uses what rdflib is about to take away.
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),
]
PAGE = Path(__file__).resolve().parents[2] / "docs" / "standards" / "dcat.md"
SHAPES = Path(__file__).with_name("dcat_ap_ch.shacl.ttl")
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
FACTS = Facts(BASE_URL, LICENCE, f"{BASE_URL}/api/#terms", "Coopérative", "info@example.org", date(2026, 11, 1))
LISTED = [kind for kind in all_kinds().values() if kind.list_route]
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
PARSERS = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml"}


def read(content: bytes, ending: str) -> Graph:
    return Graph().parse(data=content, format=PARSERS[ending])


def expanded(name: str) -> str:
    prefix, _, rest = name.partition(":")
    return PREFIXES[prefix] + rest


def complaints(graph: Graph) -> str:
    conforms, _, words = validate(graph, shacl_graph=Graph().parse(SHAPES))
    return "" if conforms else str(words)


@pytest.mark.parametrize("contact", ["info@example.org", f"{BASE_URL}/write"])
def test_is_what_dcat_ap_ch_wants(client: Client, contact: str) -> None:
    with override_settings(DATACOOP_CONTACT=contact, DATACOOP_CONTROLLER="Coopérative de Clairière"):
        assert complaints(read(client.get("/catalog.ttl").content, "ttl")) == ""


@pytest.mark.parametrize(
    ("subject", "predicate"),
    [("organisations", DCTERMS.identifier), ("organisations.csv", DCTERMS.license), ("catalog", DCTERMS.publisher)],
)
def test_a_lack_is_noticed(subject: str, predicate: URIRef) -> None:
    graph = read(written(FACTS, "jsonld"), "jsonld")

    graph.remove((URIRef(FACTS.address(subject)), predicate, None))

    assert complaints(graph)


def test_says_the_same_in_every_form(client: Client) -> None:
    graphs = {ending: read(client.get(f"/catalog.{ending}").content, ending) for ending in FORMS}

    assert len(graphs["jsonld"]) > 100
    assert isomorphic(graphs["ttl"], graphs["jsonld"])
    assert isomorphic(graphs["rdf"], graphs["jsonld"])


def test_the_description_tells_json_from_text(client: Client) -> None:
    for ending in FORMS:
        reply = client.get(f"/catalog.{ending}")
        (form,) = catalogue_paths()[f"/catalog.{ending}"]["get"]["responses"]["200"]["content"].items()
        media, schema = form[0], form[1]["schema"]
        assert reply.headers["Content-Type"].startswith(media)
        assert (schema["type"] == "object") == (reply.content[:1] == b"{"), ending


def test_the_form_is_the_ending_or_what_is_asked_for(client: Client) -> None:
    def form(accept: str) -> str:
        return client.get("/catalog", headers={"Accept": accept}).headers["Content-Type"].partition(";")[0]

    assert [form(each) for each in ("", "*/*", "application/ld+json", "application/rdf+xml;q=0.9, text/html")] == [
        "text/turtle", "text/turtle", "application/ld+json", "application/rdf+xml",
    ]  # fmt: skip
    assert client.get("/catalog", headers={"Accept": "text/csv"}).status_code == 406
    assert client.get("/catalog?page=2").status_code == 400
    for ending, media in FORMS.items():
        assert client.get(f"/catalog.{ending}").headers["Content-Type"] == media


def test_a_harvester_that_has_it_is_told_so(client: Client) -> None:
    first = client.get("/catalog.ttl")
    again = client.get("/catalog.ttl", headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert "Content-Type" not in again.headers


def test_has_every_kind_in_every_format_and_each_can_be_had(client: Client, caller: Caller) -> None:
    world.add_choirs(1)
    graph = read(client.get("/catalog.ttl").content, "ttl")

    addresses = {str(each) for each in graph.objects(None, DCAT.downloadURL)}

    assert addresses == {
        f"{BASE_URL}/api/v1/exports/{kind.plural}.{layout.EXTENSION}" for kind in LISTED for layout in formats_of(kind)
    }
    for node in graph.subjects(RDF.type, DCAT.Distribution):
        reply = caller.get(str(graph.value(node, DCAT.downloadURL)))
        media = str(graph.value(node, DCAT.mediaType)).partition("/media-types/")[2]
        assert (reply.status, reply.headers["content-type"].partition(";")[0]) == (200, media)
        assert f'<{graph.value(node, DCTERMS.license)}>; rel="license"' in reply.headers["link"]
    assert {str(each) for each in graph.objects(None, DCAT.endpointURL)} == {f"{BASE_URL}/api/v1/", f"{BASE_URL}/hsds/"}
    for described in set(graph.objects(None, DCAT.endpointDescription)):
        assert client.get(str(described).removeprefix(BASE_URL)).status_code == 200


def test_speaks_four_languages() -> None:
    graph = read(written(FACTS, "jsonld"), "jsonld")
    for node in {*graph.subjects(DCTERMS.title), *graph.subjects(DCTERMS.description)}:
        for said in (DCTERMS.title, DCTERMS.description):
            spoken = sorted(str(each.language) for each in graph.objects(node, said))  # type: ignore[union-attr]
            assert spoken in (["de", "en", "fr", "it"], []), (node, said)


def test_is_the_same_in_every_process() -> None:
    """Else each worker would give it another tag; rdflib's own writer of RDF/XML does not keep an order."""
    program = (
        "import sys, datetime; from datacoop.feeds.catalogue import *;"
        "f = Facts('https://a.example', 'https://l.example/', 'https://t.example/', 'A', 'a@example.org', None);"
        "[sys.stdout.buffer.write(written(f, each)) for each in FORMS]"
    )
    told: list[Any] = [
        subprocess.run([sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True)
        for seed in ("1", "2")
    ]

    assert len(told[0].stdout) > 10_000
    assert told[0].stdout == told[1].stdout


def test_names_no_record(client: Client) -> None:
    before = client.get("/catalog.jsonld").content
    world.add_choirs(1)

    assert client.get("/catalog.jsonld").content == before


@pytest.mark.parametrize("ending", FORMS)
def test_no_name_breaks_it(ending: str) -> None:
    name = 'Coop "Œuvre" <b>&\\n</b>\nSuisse'
    odd = replace(FACTS, publisher=name, contact='https://example.org/<a b>"c"')

    graph = read(written(odd, ending), ending)

    assert {str(each) for each in graph.objects(None, FOAF.name)} == {name}
    if ending != "jsonld":
        assert {str(each) for each in graph.objects(None, VCARD.hasURL)} == {"https://example.org/%3Ca%20b%3E%22c%22"}


def test_the_harness_of_law_2_asks_all_of_it() -> None:
    assert set(catalogue_paths()) <= {each.path for each in standard_requests()}


def test_its_page_tells_the_truth(client: Client) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for accept, address in re.findall(
        r"^curl (?:-H 'Accept: (\S+)' )?'https://directory.example.org(\S+)'$", page, re.M
    ):
        reply = client.get(address, headers={"Accept": accept} if accept else {})
        assert (reply.status_code, reply.headers["Content-Type"].partition(";")[0]) == (200, accept or "text/turtle")
    told = {each for row in re.findall(r"^\| `(.*?)` \|", page, re.MULTILINE) for each in row.split("`, `")}
    graph = read(written(FACTS, "jsonld"), "jsonld")
    known = {*graph.predicates(), *graph.objects(None, RDF.type)}
    assert {each for each in told if URIRef(expanded(each)) not in known} == set()
    assert len(told) == 7


def test_requests_count_with_those_of_the_api() -> None:
    counting = Caller(wrap(django, Site(BASE_URL, rate_per_minute=1)))

    assert [counting.get("/catalog.ttl").status for _ in range(2)] == [299, 429]
