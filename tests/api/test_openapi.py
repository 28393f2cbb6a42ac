"""The description: valid, complete, true, and the one that is committed."""

import json
import re

import jsonschema
import orjson
import pytest
from django.test import Client
from openapi_spec_validator import OpenAPIV31SpecValidator

from datacoop.api.openapi import document, example_item
from datacoop.api.pages import example_of
from datacoop.api.parameters import list_parameters
from datacoop.api.routes import COUNTED, Routes
from datacoop.api.site import Site
from datacoop.kinds.definition import Kind, all_kinds
from datacoop.kinds.schema import item_schema
from linting import openapi
from tests.api import world
from tests.api.world import Caller

SITE = Site("https://coop.example.org")


def test_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(document(SITE)).validate()


def test_is_the_one_that_is_committed() -> None:
    committed = json.loads(openapi.FILE.read_text(encoding="utf-8"))

    assert committed == json.loads(orjson.dumps(document(Site(openapi.EXAMPLE)))), "`make openapi` writes it"


def test_is_the_same_every_time() -> None:
    assert orjson.dumps(document(SITE)) == orjson.dumps(document(SITE))


@pytest.mark.parametrize("kind", all_kinds().values(), ids=all_kinds().keys())
def test_examples_are_items(kind: Kind) -> None:
    jsonschema.validate(example_item(kind), item_schema(kind))


def test_describes_every_address_there_is_and_no_other() -> None:
    routes = Routes(all_kinds())
    described = [path for path in document(SITE)["paths"] if path.startswith("/api/v1/")]

    assert all(routes.find(path.removeprefix("/api/v1/").replace("{id}", "x")) for path in described)
    for kind in all_kinds().values():
        assert (f"/api/v1/{kind.plural}" in described) == kind.list_route


def test_describes_every_parameter_there_is() -> None:
    for kind in all_kinds().values():
        if kind.list_route:
            described = document(SITE)["paths"][f"/api/v1/{kind.plural}"]["get"]["parameters"]
            assert [each["name"] for each in described] == list(list_parameters(kind))


def test_answers_are_as_described(caller: Caller) -> None:
    uid = world.add_choirs(2)[0]
    found = document(SITE)

    def schema_of(path: str, method: str = "get") -> dict[str, object]:
        content = found["paths"][path][method]["responses"]["200"]["content"]
        return {**next(iter(content.values()))["schema"], "components": found["components"]}

    for url, path in [
        ("/api/v1/organisations", "/api/v1/organisations"),
        (f"/api/v1/organisations/{uid}", "/api/v1/organisations/{id}"),
        ("/api/v1/organisations/facets", "/api/v1/organisations/facets"),
        ("/api/v1/organisations/clusters", "/api/v1/organisations/clusters"),
        ("/api/v1/changes", "/api/v1/changes"),
        ("/api/v1/exports/organisations.json", "/api/v1/exports/organisations.json"),
    ]:
        jsonschema.validate(caller.get(url).json(), schema_of(path))


def test_every_example_to_try_is_answered(caller: Caller) -> None:
    world.add_choirs(1)
    tried = [
        example
        for path, methods in document(SITE)["paths"].items()
        for method, operation in methods.items()
        if (example := example_of(path, method.upper(), operation)) and path != "/.well-known/jwks.json"
    ]

    assert len(tried) > len(all_kinds())
    # What the read application only counts, it hands over: the stand-in of Django says so.
    handed = {address: 299 if address.startswith(COUNTED) else 200 for address in tried}
    assert {address: caller.get(address).status for address in tried} == handed


@pytest.mark.urls("datacoop.api.urls")
class TestPages:
    def test_serves_the_description(self, client: Client) -> None:
        assert client.get("/api/openapi.json").json()["openapi"] == "3.1.0"

    def test_people_read_it_without_anything_from_elsewhere(self, client: Client) -> None:
        page = client.get("/api/").content.decode()

        assert "/api/v1/organisations" in page
        assert 'id="terms"' in page
        assert 'href="/api/v1/organisations?q=choeur' in page
        assert re.findall(r'(?:src|href)="(?!/|#|https://creativecommons)[^"]*"', page) == []
        assert re.findall(r'<script[^>]* src="([^"]*)"', page) == ["/static/build/console.js"]
        assert page.count("<script") == 1

    def test_the_type_of_a_problem_leads_to_its_words(self, client: Client) -> None:
        assert client.get("/api/problems/gone").headers["Location"] == "/api/#gone"
        assert client.get("/api/problems/nonsense").status_code == 404

    def test_other_addresses_are_problems(self, client: Client) -> None:
        reply = client.post("/api/v1/nothing")

        assert (reply.status_code, reply.headers["Content-Type"]) == (404, "application/problem+json")
