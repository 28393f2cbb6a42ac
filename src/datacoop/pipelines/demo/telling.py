"""Notices of the demo in every state: a small list with persons, agreements of all holders. No mail leaves the machine.

What would have been posted is only marked as sent, and clocks are set back: loading must write to nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from datacoop.disclosure.own.naming import titles_of
from datacoop.lib.dates import ZURICH
from datacoop.pipelines.contribute import contribute
from datacoop.pipelines.demo.stating import ACTOR
from datacoop.pipelines.intake import Intake
from datacoop.rights.actions.agreeing import Signature, sign
from datacoop.rights.actions.entering import Entry, enter_answer
from datacoop.rights.actions.rehearsing import rehearse, show_message
from datacoop.rights.actions.returning import came_back
from datacoop.rights.actions.sending import Plan, prepare, press, stop
from datacoop.rights.actions.ticking import deliver, make_and_compare
from datacoop.rights.links import LinkFacts, code_for, get_link
from datacoop.rights.queries.agreements import has_agreement
from datacoop.rights.queries.notices import list_about_persons
from datacoop.rights.rules.agreements import GROUPS, KEEP, PERSONS
from datacoop.sources.owning import HolderFacts, find_holder_named, list_holders

BUREAU: Final = "Bureau du bénévolat (démo)"
CHOIRS: Final = "Union des petits chœurs (démo)"
_HEADER: Final = "N° de membre;Nom;Thème;Rue;NPA;Localité;E-mail;Trésorière;E-mail privé de la trésorière"
_MAPPING: Final = {"N° de membre": "@id"}
#: Choir, street, who keeps its money; all invented.
_ROWS: Final = (
    ("Chœur des Trois Fontaines", "Rue des Fontaines 3", "Aline Vernayoux"),
    ("Chœur du Vieux-Pressoir", "Chemin du Pressoir 8", "Blaise Corbinet"),
    ("Chœur des Lucioles", "Avenue des Lucioles 12", "Coralie Montbovet"),
    ("Chœur de l’Horloge d’Ouchy-Dessus", "Rue de l’Horloge 5", "Didier Pralong-Essert"),
    ("Chœur des Matinales", "Place des Matinales 1", "Estelle Riverolaz"),
    ("Chœur du Grand-Tilleul", "Chemin du Tilleul 20", "Fabien Closuit"),
)
_HOLDERS_HAND, _STEWARDS_HAND = "account:demo-1", "steward:demo-2"


def tell(folder: Path, *, clock: Callable[[], datetime]) -> tuple[str, str]:
    """Let every holder have signed, and persons be told: two silent, one who answered, one whose mail came back, one
    to whom it is on its way, one nobody told for three weeks. Letters of another holder wait for a steward.

    Return who has not answered a letter yet, by name, and its code: for whoever looks at the demo.
    """
    now = clock()
    for holder in list_holders():
        _sign(holder, now - timedelta(days=40))
    path = folder / "petits-choeurs.csv"
    lines = [
        f"{place};{choir};culture/chant;{street};1006;Lausanne;choeur-{place}@example.org;{person};chant{place}@example.net"
        for place, (choir, street, person) in enumerate(_ROWS, start=1)
    ]
    path.write_text("\n".join([_HEADER, *lines]), encoding="utf-8")
    intake = Intake((path,), CHOIRS, mapping=_MAPPING, with_persons=True)
    contribute(intake, actor=ACTOR, clock=clock)
    holder = next(each for each in list_holders() if each.name == CHOIRS)
    _sign(holder, now - timedelta(days=40))
    make_and_compare(now=now)
    link = _let_time_pass(holder, now)
    _let_wait(now)
    return titles_of([link.subject_uid])[link.subject_uid], code_for(link.id)


def _sign(holder: HolderFacts, at: datetime) -> None:
    if not has_agreement(holder.uid):
        bases = dict.fromkeys(GROUPS, "published") | {PERSONS: "interest"}
        signature = Signature("fr", bases, KEEP, "Huguette Pralovaz, secrétaire générale")
        sign(holder=holder.uid, signature=signature, actor=_HOLDERS_HAND, now=at)


def _let_time_pass(holder: HolderFacts, now: datetime) -> LinkFacts:
    """Let a week go by, and return the letter of somebody who was told and said nothing."""
    then = now - timedelta(days=8)
    plan = Plan("mail", then.astimezone(ZURICH).date(), 50)
    first = prepare(holder=holder.uid, plan=plan, actor=_STEWARDS_HAND, now=then)
    press(sending=first, holder=holder.uid, actor=_HOLDERS_HAND, now=then)
    press(sending=first, holder=None, actor=_STEWARDS_HAND, now=then)
    told = list_about_persons(holder.uid)
    early, late, untold = told[:4], told[4:5], told[5:]
    codes = rehearse(sending=first, notices=[each.id for each in early], now=then)
    rehearse(sending=first, notices=[each.id for each in late], now=now)
    show_message(notice=early[0].id, now=now)
    deliver(now=now)
    came_back(notice_id=early[3].id, actor=ACTOR, now=now)
    entry = Entry(code_for(codes[2]), "nothing", "paper")
    enter_answer(entry=entry, actor=ACTOR, now=now)
    rehearse(sending=first, notices=[], now=now, late=[each.id for each in untold])
    stop(sending=first, holder=None, actor=_STEWARDS_HAND, now=now)
    silent = get_link(codes[0], now=now)
    if silent is None:
        raise LookupError("The letter of the demo does not open.")
    return silent


def _let_wait(now: datetime) -> None:
    """A sending of letters that its holder let go, and that a steward has not."""
    holder = find_holder_named(BUREAU)
    if holder is not None:
        plan = Plan("letter", (now + timedelta(days=2)).astimezone(ZURICH).date(), 50)
        number = prepare(holder=holder.uid, plan=plan, actor=_HOLDERS_HAND, now=now)
        press(sending=number, holder=holder.uid, actor=_HOLDERS_HAND, now=now)
