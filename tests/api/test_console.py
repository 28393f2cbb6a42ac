"""The console of /api/: a form for each read address, what it leads to, and the sandbox that only a demo tells."""

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.conf import settings
from django.test import Client, override_settings
from lxml import html

from datacoop.api.openapi import document
from datacoop.api.site import Site
from datacoop.config import environment
from datacoop.pipelines.demo.controlling import CONTROLLER, introduce_controller, tell_sandbox

pytestmark = pytest.mark.urls("datacoop.api.urls")
SITE = Site("https://coop.example.org")
SECRET = "a-secret-of-nobody"


def forms(client: Client) -> dict[str, html.FormElement]:
    page = html.fromstring(client.get("/api/").content.decode())
    return {form.fields["route"]: form for form in page.forms if "try" in form.classes}


def test_there_is_one_for_each_read_address_with_each_parameter(client: Client) -> None:
    described = {path: each["get"] for path, each in document(SITE)["paths"].items() if "get" in each}
    found = forms(client)

    assert found.keys() == described.keys()
    for path, operation in described.items():
        assert set(found[path].fields) == {"route", *(each["name"] for each in operation.get("parameters", ()))}
        assert (found[path].method, found[path].action) == ("GET", "/api/try")


def test_leads_to_what_was_asked_without_what_was_left_empty(client: Client) -> None:
    def led(**given: str | list[str]) -> str:
        return str(client.get("/api/try", given).headers["Location"])

    path, listing = "/api/v1/organisations/{id}", "/api/v1/organisations"
    assert led(route=listing, q="", limit="", theme="") == listing
    assert led(route=path, id="a/../b?c=d", lang="de") == "/api/v1/organisations/a%2F..%2Fb%3Fc%3Dd?lang=de"
    found = urlsplit(led(route=listing, q="chœur & co", theme=["sport", "culture"], email="x"))
    assert sorted(parse_qsl(found.query)) == [("q", "chœur & co"), ("theme", "culture"), ("theme", "sport")]


@pytest.mark.parametrize("route", ["", "https://example.org/", "//example.org", "/oauth/token", "/steward/"])
def test_leads_nowhere_else(client: Client, route: str) -> None:
    assert client.get("/api/try", {"route": route}).status_code == 404


@override_settings(DATACOOP_SANDBOX=("demo-sandbox", SECRET))
def test_the_demo_tells_its_test_client(client: Client) -> None:
    page = client.get("/api/").content.decode()

    assert 'id="sandbox"' in page
    assert f"demo-sandbox:{SECRET}" in page


def test_no_other_installation_tells_one(client: Client) -> None:
    assert "sandbox" not in client.get("/api/").content.decode().lower()


@pytest.mark.parametrize("name", ["", "Coopérative de Clairière"])
def test_is_told_only_while_nobody_real_answers_for_the_data(tmp_path: Path, name: str) -> None:
    nobody = {"DATACOOP_CONTROLLER_ADDRESS": "", "DATACOOP_PHONE": "", "DATACOOP_SANDBOX": None}
    with override_settings(DATACOOP_CONTROLLER=name, **nobody):
        introduce_controller(tmp_path / "demo")
        tell_sandbox(tmp_path / "demo", ("demo-sandbox", SECRET))
        assert (settings.DATACOOP_SANDBOX is not None) == (not name)
    assert environment.sandbox(tmp_path) == ("demo-sandbox", SECRET)
    assert environment.invented(tmp_path) == CONTROLLER


@pytest.mark.parametrize("content", ["", "[]", "null", "{}", '{"client_id": 1}', '{"client_id"'])
def test_a_file_that_tells_none_is_no_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "sandbox.json").write_text(content, encoding="utf-8")

    assert environment.sandbox(tmp_path) is None
    assert environment.sandbox(tmp_path / "nowhere") is None
