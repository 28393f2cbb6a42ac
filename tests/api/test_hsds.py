"""The facade of HSDS 3: what it tells holds against the published table of fields, and is what the asker may see."""

import csv
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema
import pytest
from django.test import Client

from datacoop.api.asgi import wrap
from datacoop.api.hsds_described import hsds_paths
from datacoop.api.site import Site
from datacoop.directory.themes import all_themes, top_themes
from tests.api import world
from tests.api.conftest import django
from tests.api.world import BASE_URL, Caller
from tests.laws.grammar import standard_requests
from tests.laws.worlds import uid_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("datacoop.api.urls")]
#: Read in place, where it lies beside the project: it is published under terms of its own.
FIELDS = Path(__file__).resolve().parents[3] / "shared" / "data" / "hsds-spec-examples" / "schema.csv"
#: The table counts plurals by adding an s.
SPELT = {"addresss": "addresses", "accessibilitys": "accessibility", "fundings": "funding"}


def schema_of(table: str) -> dict[str, Any]:
    """The JSON Schema of one table, with nothing allowed beyond it."""
    found: dict[str, Any] = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    for row in csv.DictReader(FIELDS.open(encoding="utf-8")):
        if row["table_name"] == table:
            found["properties"][SPELT.get(row["name"], row["name"])] = _field(row)
            if row["constraints_required"] == "true":
                found["required"].append(row["name"])
    return found


def _field(row: dict[str, str]) -> dict[str, Any]:
    inner = (row["one_to_many"] or row["one_to_one"]).removesuffix(".json")
    known = {"metadata", "program", "contact", "funding", "required_document", "cost_option", "service_area"}
    if row["one_to_many"]:
        return {"type": "array", "items": {} if inner in known else schema_of(inner)}
    if row["one_to_one"]:
        return {"type": "object"} if inner in {*known, "organization", "taxonomy"} else schema_of(inner)
    more: dict[str, Any] = {"enum": row["enum"].split(",")} if row["enum"] else {}
    if row["name"] in {"id", "parent_id"} or row["name"].endswith("_id"):
        # What the published JSON Schemas say in addition: every identifier is a UUID.
        more["format"] = "uuid"
    elif row["format"]:
        more["format"] = row["format"]
    return {"type": row["type"], **more}


def check(told: dict[str, Any], table: str) -> None:
    jsonschema.validate(told, schema_of(table), format_checker=jsonschema.FormatChecker())


@pytest.mark.skipif(not FIELDS.is_file(), reason=f"{FIELDS} is not there")
def test_holds_against_the_published_fields(client: Client) -> None:
    place = {"street": "Rue du Lac 7", "postal_code": "1005", "city": "Lausanne", "country": "CH", "kind": "postal"}
    uid = world.add(
        "organisation", 1, name="Chœur", description={"fr": "Chanter."}, theme=["culture/chant"], addresses=[place],
        point={"lat": 46.52, "lon": 6.63, "precision": "street"}, phones=["+41 21 555 12 34"], founded_year=1987,
        identifiers=[{"scheme": "CH-UID", "value": "CHE-100.000.006"}], accessibility=["wheelchair"],
    )  # fmt: skip
    world.add(
        "activity", 2, title="Concert", organiser=uid, start="2030-06-01T19:30:00+02:00", place="Temple",
        end="2030-06-01T21:00:00+02:00", status="cancelled", language=["fr"], addresses=[place],
        online_url="https://concert.example.org/",
    )  # fmt: skip

    for name, table in (("organizations", "organization"), ("services", "service")):
        page = client.get(f"/hsds/{name}").json()
        one = client.get(f"/hsds/{name}/{page['contents'][0]['id']}").json()
        for each in (*page["contents"], one):
            check(each, table)
            assert str(UUID(each["id"])) == each["id"]
    assert client.get(f"/hsds/services?organization_id={uid}").json()["contents"][0]["status"] == "inactive"
    for name, table in (("taxonomies", "taxonomy"), ("taxonomy_terms", "taxonomy_term")):
        page = client.get(f"/hsds/{name}?per_page=200").json()
        for each in (*page["contents"], client.get(f"/hsds/{name}/{page['contents'][0]['id']}").json()):
            check(each, table)


@pytest.mark.skipif(not FIELDS.is_file(), reason=f"{FIELDS} is not there")
def test_a_field_that_is_not_hsds_is_noticed() -> None:
    with pytest.raises(jsonschema.ValidationError):
        check({"id": str(UUID(int=1)), "name": "Chœur", "description": "", "theme": "culture"}, "organization")
    with pytest.raises(jsonschema.ValidationError):
        check({"id": "1", "name": "Chœur", "description": ""}, "organization")


def test_answers_are_as_the_description_says(client: Client) -> None:
    uid = world.add_choirs(1)[0]
    world.add("activity", 2, title="Concert", organiser=uid, start="2030-06-01T19:30:00+02:00")
    for path, methods in hsds_paths().items():
        name = path.split("/")[2]
        listed = client.get(f"/hsds/{name}").json() if "{id}" in path else {}
        full = path.replace("{id}", listed["contents"][0]["id"] if listed else "")
        content = methods["get"]["responses"]["200"]["content"]
        jsonschema.validate(client.get(full).json(), content["application/json"]["schema"])
    assert client.get("/hsds").content == client.get("/hsds/").content


def test_records_are_found_by_the_term_of_their_theme_or_of_one_above(client: Client) -> None:
    uid = world.add_choirs(1)[0]
    told = client.get(f"/hsds/organizations/{uid}").json()["attributes"][0]["taxonomy_term"]

    term = client.get(f"/hsds/taxonomy_terms/{told['id']}").json()
    under = client.get(f"/hsds/taxonomy_terms?parent_id={term['parent_id']}&per_page=200").json()["contents"]

    assert term == {**told, "parent_id": term["parent_id"]}
    assert term["id"] in [each["id"] for each in under]
    for asked, found in ((term["id"], 1), (term["parent_id"], 1), (under[0]["id"], 1), (str(UUID(int=1)), 0)):
        assert client.get(f"/hsds/organizations?taxonomy_term_id={asked}").json()["total_items"] == found


def test_the_taxonomy_has_every_theme_once(client: Client) -> None:
    pages = [client.get(f"/hsds/taxonomy_terms?per_page=50&page={number}").json()["contents"] for number in (1, 2, 3)]
    top = client.get("/hsds/taxonomy_terms?top_only=true&per_page=200").json()["contents"]
    (taxonomy,) = client.get("/hsds/taxonomies").json()["contents"]

    assert [each["code"] for page in pages for each in page] == list(all_themes())
    assert [each["code"] for each in top] == [each.path for each in top_themes()]
    assert {each["taxonomy_id"] for each in top} == {taxonomy["id"]}
    assert client.get(f"/hsds/taxonomy_terms?taxonomy_id={UUID(int=1)}").json()["empty"]
    assert client.get(f"/hsds/taxonomies/{UUID(int=1)}").status_code == 404


def test_lists_carry_no_telephone_and_single_records_do(client: Client) -> None:
    uid = world.add_choirs(1)[0]

    assert "phones" not in client.get("/hsds/organizations").json()["contents"][0]
    assert client.get(f"/hsds/organizations/{uid}").json()["phones"][0]["number"] == "+41 21 555 12 34"


def test_pages_have_everything_once(client: Client) -> None:
    uids = world.add_choirs(5)

    pages = [client.get(f"/hsds/organizations?per_page=2&page={number}").json() for number in (1, 2, 3, 4)]

    assert [each["id"] for page in pages for each in page["contents"]] == uids
    assert [(page["first_page"], page["last_page"], page["empty"]) for page in pages] == [
        (True, False, False), (False, False, False), (False, True, False), (False, True, True),
    ]  # fmt: skip
    assert {(page["total_items"], page["total_pages"]) for page in pages} == {(5, 3)}


def test_the_last_page_that_is_to_be_had_is_no_last_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that goes on beyond what is counted must not look whole to a program that reads page by page."""
    for module in ("datacoop.api.hsds", "datacoop.disclosure.search.finding"):
        monkeypatch.setattr(f"{module}.COUNT_CAP", 4)
    world.add_choirs(7)

    pages = [client.get(f"/hsds/organizations?per_page=2&page={number}") for number in (1, 2, 3)]

    assert [each.status_code for each in pages] == [200, 200, 400]
    assert [each.json()["last_page"] for each in pages[:2]] == [False, False]
    assert "export" in pages[2].json()["detail"]


def test_what_is_withdrawn_is_gone_at_once(client: Client) -> None:
    uid = world.add_choirs(1)[0]
    world.wish(uid, "public", shows=False)

    assert client.get("/hsds/organizations").json()["total_items"] == 0
    assert client.get(f"/hsds/organizations/{uid}").status_code == 404


def test_refuses_what_it_does_not_understand(client: Client) -> None:
    for query in ("page=0", "page=21&per_page=50", "email=a@example.org", "per_page=x"):
        assert client.get(f"/hsds/organizations?{query}").status_code == 400
    assert client.get("/hsds/organizations", headers={"Authorization": "Bearer nobody"}).status_code == 401


def test_the_harness_of_law_2_asks_all_of_it() -> None:
    asked = {each.path for each in standard_requests()}
    known = {path.replace("{id}", str(uid_of("nobody"))) for path in hsds_paths()}

    assert known <= asked
    assert any("taxonomy_term_id=" in each.query for each in standard_requests())


def test_requests_count_with_those_of_the_api() -> None:
    counting = Caller(wrap(django, Site(BASE_URL, rate_per_minute=2)))

    assert [counting.get("/hsds/organizations").status for _ in range(3)] == [299, 299, 429]
