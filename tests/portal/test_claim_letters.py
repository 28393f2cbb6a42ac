"""The letter with the code of a claim, as a steward prints it: who sends it, what it opens, and who never gets it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.test import Client, override_settings

from datacoop.accounts.actions import open_account
from datacoop.rights.models.claims import Claim
from tests.portal.sitting import signed_in, text_of
from tests.portal.test_claims import _nobody_asked_yet, ask, choir, somebody

__all__ = ["_nobody_asked_yet", "choir"]


class TestALetter:
    @pytest.mark.parametrize("lacking", ["CONTROLLER", "CONTROLLER_ADDRESS", "PHONE"])
    def test_prints_no_letter_without_a_sender(self, choir: tuple[str, UUID], steward: Client, lacking: str) -> None:
        ask(somebody("ana@example.org"), choir[0], method="letter")
        page = f"/steward/claims/{Claim.objects.get().pk}"

        with override_settings(**{f"DATACOOP_{lacking}": ""}):
            refused = steward.post(page, {"step": "print"})
            assert refused.status_code == 422
            assert f"DATACOOP_{lacking})" in text_of(refused)
            assert Claim.objects.get().code_id is None
        steward.post(page, {"step": "print"})
        with override_settings(**{f"DATACOOP_{lacking}": ""}):
            assert steward.get(f"{page}/letter")["Location"] == page
        assert steward.get(f"{page}/letter").status_code == 200

    def test_prints_the_letter(self, choir: tuple[str, UUID], steward: Client) -> None:
        client = somebody("ana@example.org")
        own = ask(client, choir[0], method="letter")
        number = Claim.objects.get().pk
        assert steward.get(f"/steward/claims/{number}/letter").status_code == 404
        to = steward.post(f"/steward/claims/{number}", {"step": "print"})["Location"]
        html = text_of(steward.get(to))
        assert "Rue du Lac 7" in html
        sender = re.findall(r'<p class="sender"[^>]*>(.*?)</p>', html)
        said = ["Coopérative de données de Clairière", "Rue du Lac 1", "1000 Clairière", "+41 21 555"]
        assert [each in sender[0] for each in said] == [True] * 4
        assert "<p>Clairière, " in html
        code = re.findall(r"\b\d{4} \d{4}\b", html)[0]
        early = client.post(own, {"step": "code", "code": code})
        assert early.status_code == 422
        assert "la lettre est postée" in text_of(early)
        steward.post(f"/steward/claims/{number}", {"step": "posted"})
        assert client.post(own, {"step": "code", "code": code}).status_code == 302
        assert Claim.objects.get().state == "waiting"

    def test_prints_no_letter_of_a_claim_of_their_own(self, choir: tuple[str, UUID], steward: Client) -> None:
        ask(steward, choir[0], method="letter")
        number = Claim.objects.get().pk
        refused = steward.post(f"/steward/claims/{number}", {"step": "print"})
        assert refused.status_code == 422
        assert "votre propre demande" in text_of(refused)
        assert Claim.objects.get().code_id is None

        open_account(email="other@example.org", name="Other", now=datetime.now(UTC), is_steward=True)
        other = signed_in("other@example.org")
        printed = other.post(f"/steward/claims/{number}", {"step": "print"})["Location"]
        assert other.get(printed).status_code == 200
        assert steward.get(printed).status_code == 404
