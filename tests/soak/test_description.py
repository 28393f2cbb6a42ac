"""Every address of the description, asked as schemathesis makes requests up from it: no answer it does not describe."""

import os

import pytest
from django.core.asgi import get_asgi_application
from hypothesis import HealthCheck, Phase, given, settings

from datacoop.api.asgi import wrap
from datacoop.api.openapi import document
from datacoop.api.site import Site
from tests.api import world
from tests.api.world import BASE_URL

pytestmark = [pytest.mark.soak, pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore")]
#: Of each address, in the answers of the public and of a client.
EXAMPLES = int(os.environ.get("SOAK_EXAMPLES", "20"))


@pytest.mark.parametrize("reader", ["public", "client"])
def test_nothing_is_answered_that_is_not_described(reader: str) -> None:
    schemathesis = pytest.importorskip("schemathesis", reason="make soak installs it")
    from schemathesis import checks  # noqa: PLC0415 -- only there after `make soak` installed it
    from schemathesis.specs.openapi import checks as described  # noqa: PLC0415

    world.add_choirs(3)
    world.add("activity", 50, title="Répétition", start="2030-06-01T19:30:00+02:00")
    _, token = world.token_of_client()
    headers = {"Authorization": f"Bearer {token}"} if reader == "client" else {}
    schema = schemathesis.openapi.from_dict(document(Site(BASE_URL)))
    schema.app = wrap(get_asgi_application(), Site(BASE_URL, rate_per_minute=0, client_rate_per_minute=0))
    held = [
        checks.not_a_server_error,
        described.status_code_conformance,
        described.content_type_conformance,
        described.response_schema_conformance,
    ]
    asked = 0

    for each in schema.get_all_operations():
        operation = each.ok()

        @settings(
            max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
        )
        @given(case=operation.as_strategy())
        def ask(case) -> None:
            nonlocal asked
            case.validate_response(case.call(headers=headers), checks=held)
            asked += 1

        ask()

    assert asked
