"""A holder leaves at its desk: it is told what happens, takes its lists along, proves who it is, and presses once."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client

from datacoop.accounts.actions import open_account
from datacoop.pipelines.contribute import ContributionRefused
from datacoop.rights.queries.agreements import has_agreement
from datacoop.sources.owning import find_holder_named
from tests.pipelines.pouring import seen
from tests.portal.sitting import HOLDER, OTHER, bring, desk, folder, holder, registered, signed_in, text_of
from tests.rights.people import NOW

__all__ = ["folder", "holder"]
pytestmark = pytest.mark.django_db(transaction=True)
CHOIR = "1;Chœur de la Clairière;;;;Rue du Lac 7;1005;Lausanne;info@clairiere.example.org;+41 21 555 12 34;"


def is_bound() -> bool:
    found = find_holder_named(HOLDER)
    assert found is not None
    return has_agreement(found.uid)


def test_tells_first_and_leaves_when_pressed(folder: Path, holder: Client) -> None:
    bring(folder, [CHOIR], published=True)
    html = text_of(holder.get(f"{desk()}/leave"))
    assert "1 lignes, 0 corrigées" in html
    assert f"{desk()}/leave" in text_of(holder.get(f"{desk()}/agreement"))

    reply = holder.post(f"{desk()}/leave", {"taken": "yes"}, follow=True)

    assert "Vous êtes parti" in text_of(reply)
    assert seen() == {}
    assert not is_bound()
    assert holder.get(f"{desk()}/leave.xlsx").status_code == 404


def test_takes_its_lists_along(folder: Path, holder: Client) -> None:
    bring(folder, [CHOIR])

    reply = holder.get(f"{desk()}/leave.xlsx")

    sheet: Any = openpyxl.load_workbook(io.BytesIO(reply.content)).active
    assert "Chœur de la Clairière" in {cell.value for row in sheet.iter_rows() for cell in row}
    assert reply.headers["Content-Disposition"].startswith("attachment")


def test_leaves_not_before_its_lists_are_taken_along(folder: Path, holder: Client) -> None:
    bring(folder, [CHOIR], published=True)

    reply = holder.post(f"{desk()}/leave", {})

    assert reply.status_code == 422
    assert "Emportez d’abord" in text_of(reply)
    assert len(seen()) == 1
    assert is_bound()


def test_leaves_not_before_it_proved_that_it_is_them(
    folder: Path, holder: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(folder, [CHOIR], published=True)
    monkeypatch.setattr("datacoop.portal.views.desk.leaving.is_fresh", lambda _request: False)

    assert holder.post(f"{desk()}/leave", {"taken": "yes"})["Location"].startswith("/account/confirm")
    assert len(seen()) == 1


def test_says_that_the_rest_follows_where_another_delivery_came_between(
    folder: Path, holder: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(folder, [CHOIR], published=True)

    def overtaken(*_: object, **__: object) -> None:
        raise ContributionRefused("another")

    monkeypatch.setattr("datacoop.pipelines.leaving.contribute", overtaken)

    reply = holder.post(f"{desk()}/leave", {"taken": "yes"})

    assert reply.status_code == 409
    assert "de soi-même" in text_of(reply)
    assert not is_bound()


def test_is_no_steward_s_nor_another_holder_s_to_press(folder: Path, holder: Client) -> None:
    bring(folder, [CHOIR], published=True)
    registered(OTHER, "autre@example.org")
    open_account(email="steward@coop.example.org", name="Ada", now=NOW, is_steward=True)

    for each in ("autre@example.org", "steward@coop.example.org"):
        client = signed_in(each)
        assert client.post(f"{desk()}/leave", {"taken": "yes"}).status_code == 403
        assert client.get(f"{desk()}/leave.xlsx").status_code in {403, 404}
    assert len(seen()) == 1
