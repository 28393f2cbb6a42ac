"""What the pages behind a mail's link tell before anything is proven: what sorts of data a list holds, and no more."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from datacoop.consent.audiences import ensure_audiences
from datacoop.records.actions.publishing import add_source
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, create_record, state
from datacoop.records.models import Source
from datacoop.records.rules import Origin
from datacoop.rights.links import MAIL, SHARED, token_of
from tests.portal.naming import Client, by_letter, link_to, page

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ("", "?as=cooperators", "fields", "names", "objections", "prove", "rights")
LETTERS = "bcdfghjklmnpqrstvwxz"


@dataclass(frozen=True)
class World:
    """What one list says of a person in an association."""

    name: str
    email: str
    association: str
    function: str
    theme: str


word = st.text(LETTERS, min_size=5, max_size=9).map(lambda text: f"Zq{text}")
words = st.lists(word, min_size=1, max_size=4).map(" ".join)
worlds = st.builds(
    World, words, word.map(lambda text: f"{text.lower()}@example.org"), words,
    st.sampled_from(("treasurer", "president", "secretary")), st.sampled_from(("culture/chant", "sport/football")),
)  # fmt: skip
UNSAFE = World("Zqrenee Zqcanary", "zqrenee@example.org", "Zqanonymes Zqgroupe", "treasurer", "sante/addictions")


def made(world: World) -> uuid.UUID:
    """Let a list name the person, and return who it is."""
    ensure_audiences()
    source = add_source(holder_uid=uuid.uuid4(), holder="Zqholder", name="liste", kind="organisation")
    Source.objects.filter(id=source).update(published=False, accepted=1)
    with revision(actor="holder", now=datetime.now(UTC), why="test") as draft:

        def record(kind: str, said: list[Said], subject: int | None = None):
            found = create_record(draft, kind=kind, subject_id=subject)
            whole = Source.objects.get(id=source)
            state(draft, record_id=found.id, said=said, origin=Origin.HOLDER, source=whole, quarantined=True)
            return found

        of = record("organisation", [Said("name", world.association), Said("theme", world.theme)])
        person = record("person", [Said("name", world.name), Said("email", world.email)])
        said = [Said("organisation", str(of.uid), refers=of.id), Said("person", str(person.uid), refers=person.id)]
        record("role", [*said, Said("role", world.function)], person.id)
    return person.uid


def pages_of(subject: uuid.UUID, channel: str = MAIL) -> str:
    """Everything somebody reads who followed the link, without tokens and numbers of rows."""
    client = Client(headers={"accept-language": "fr"})
    client.get(f"/n/{token_of(link_to(subject, channel=channel))}")
    found = [client.get(page(subject, each)).content.decode() for each in PAGES]
    look = {"what": "choice", "choice": "proposed", "step": "look", "seen": "0"}
    found.append(client.post(page(subject, "answer"), look).content.decode())
    text = "\n".join(found).replace(str(subject), "UID")
    text = re.sub(r'(csrfmiddlewaretoken" value=")[^"]*', r"\1", text)
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UID", text)
    return re.sub(r'(?<=[-"])\d+(?=[-"])', "N", text)


class TestBeforeAnythingIsProven:
    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(one=worlds, other=worlds)
    @example(
        one=World("Zqbaa", "zqlongone@example.org", "Zqbab Zqcab Zqdab", "treasurer", "culture/chant"),
        other=World("Zqeaa Zqfaa Zqgaa", "zqshort@example.org", "Zqhaa", "president", "sport/football"),
    )
    def test_the_pages_are_the_same_whatever_the_values(
        self, clean_database: Callable[[], None], one: World, other: World
    ) -> None:
        clean_database()
        seen = [pages_of(made(each)) for each in (one, other)]

        assert seen[0] == seen[1]
        assert '<h2><span dir="auto">Vous-même</span></h2>' in seen[0]
        assert "•••" in seen[0]
        assert "zq" not in seen[0].lower().replace("zqholder", "")
        assert "Trésor" not in seen[0]
        assert all(each not in seen[0] for world in (one, other) for each in astuple(world)[:3])

    @pytest.mark.parametrize(
        ("world", "channel"), [(UNSAFE, MAIL), (World("Zqa", "zqbox@example.org", "Zqb", "treasurer", "sport"), SHARED)]
    )
    def test_an_unsafe_theme_or_a_shared_mailbox_tells_neither_kind_nor_holder(
        self, world: World, channel: str
    ) -> None:
        html = pages_of(made(world), channel)

        assert "Une liste parle de vous." in html
        assert "zq" not in html.lower()
        assert '<h2><span dir="auto">Vous-même' not in html
        assert "/names" not in html.partition("<h1>")[2].partition("<h1>")[0]
        assert "Montrer comme proposé" in html

    def test_a_letters_code_shows_everything_as_before(self) -> None:
        subject = made(UNSAFE)

        html = by_letter(subject).get(page(subject)).content.decode()

        assert UNSAFE.name in html
        assert UNSAFE.association in html
