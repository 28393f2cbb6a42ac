"""Lists that name invented persons, brought in as every list is; what is sent is what Django's outbox holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from datacoop.pipelines.contribute import contribute
from datacoop.pipelines.intake import Intake, Report
from datacoop.rights.actions.agreeing import Signature, sign
from datacoop.rights.actions.sending import ZONE, Plan, prepare, press
from datacoop.rights.actions.ticking import make_and_compare, tick
from datacoop.rights.models import Notice
from datacoop.rights.rules.agreements import GROUPS
from datacoop.sources.actions import register_holder

NOW = datetime(2030, 3, 4, 9, tzinfo=UTC)
CITY, UNION = "Ville de Clairière", "Fédération des chœurs"
HEADER = "Numéro;Nom;Thème;Rue;NPA;Localité;E-mail;Trésorière;E-mail privé de la trésorière"
CHOIR = "1;Chœur de la Clairière;culture/chant;Rue du Lac 7;1005;Lausanne;info@clairiere.example.org;"
ROW = CHOIR + "Marlyse de Vernehaut;marlyse@example.net"
HOLDERS_HAND, STEWARDS_HAND = "account:7", "steward:3"


def signed(name: str = CITY, *, now: datetime = NOW) -> UUID:
    """Register a holder that signed the agreement."""
    uid = register_holder(name=name, now=now)
    sign(holder=uid, signature=signature(), actor=HOLDERS_HAND, now=now)
    return uid


def signature() -> Signature:
    return Signature("fr", dict.fromkeys(GROUPS, "interest"), "withdraw", "Ana Muster, secrétaire")


def bring(folder: Path, rows: Sequence[str] = (ROW,), *, holder: str = CITY, now: datetime = NOW) -> Report:
    file = folder / f"{len(list(folder.iterdir()))}.csv"
    file.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    intake = Intake((file,), holder, with_persons=True, accept_removals=True)
    report = contribute(intake, actor="steward:1", clock=lambda: now)
    make_and_compare(now=now)
    return report


def let_go(holder: UUID, *, channel: str = "mail", now: datetime = NOW, per_day: int = 50) -> int:
    """Prepare and press with both hands; the clock decides when it leaves."""
    number = prepare(
        holder=holder, plan=Plan(channel, now.astimezone(ZONE).date(), per_day), actor=STEWARDS_HAND, now=now
    )
    press(sending=number, holder=holder, actor=HOLDERS_HAND, now=now)
    press(sending=number, holder=None, actor=STEWARDS_HAND, now=now)
    return number


def days(count: float, *, after: datetime = NOW) -> datetime:
    return after + timedelta(days=count)


def persons() -> list[Notice]:
    return list(Notice.objects.filter(natural=True).order_by("pk"))


def run(*moments: float) -> None:
    for each in moments:
        make_and_compare(now=days(each))
        tick(now=days(each))
