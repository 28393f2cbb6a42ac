"""Leaks that other houses had, one sentence each: none of them may be found here."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from datacoop.pipelines.contribute import contribute
from datacoop.pipelines.intake import Intake
from tests.laws.catalogue import said
from tests.laws.grammar import Request, client_id
from tests.laws.judging import Asker, Reply
from tests.laws.replaying import replay
from tests.laws.worlds import Decide, Deliver, Op, Retract, Wait, uid_of, world_of

pytestmark = pytest.mark.django_db(transaction=True)

STREET, CITY = "Ruelle Verborgen 7", "Quellenau"
_ADDRESS = {"street": STREET, "postal_code": "1005", "city": CITY, "country": "CH"}
_HERE = {"lat": 46.5174, "lon": 6.6389, "precision": "street"}
HIDDEN_WORDS = ("secret@example.org", "secret", "verborgen", "quellenau", "geheimnis", "5551234")
WORLD: tuple[Op, ...] = (
    said("o0", "list:1", name="Alpha Lac", description="Chanter", theme=["culture/chant"], email="secret@example.org",
         phones=["+41 21 555 12 34"], addresses=[_ADDRESS], point=_HERE, commune={"bfs": 5586, "name": "Lausanne"}),
    said("o1", "list:1", name="Geheimnis", description="Chanter", theme=["sante/vih"], languages=["de"]),
    said("o2", "list:0", name="Verborgen", description="Chanter", theme=["sport"], languages=["fr"]),
    said("o3", "list:1", name="Zeta Chor", description="Chanter", theme=["culture/chant"], languages=["de"]),
    said("a0", "list:1", title="Concert", organiser="o2", start="2030-06-01T19:30:00+02:00"),
    *(Decide("o0", "public", False, name) for name in ("email", "phones", "addresses")),
    *(Decide("o1", "public", False, name) for name in ("name", "theme")),
    *(Decide("o2", "agreement:A", True) for _ in "1"),
)  # fmt: skip


class Caller:
    def __init__(self) -> None:
        self.asker = Asker()

    def reply(self, path: str, query: str = "", reader: str = "public") -> Reply:
        return self.asker.ask(Request(f"/api/v1/{path}", query), reader)

    def get(self, path: str, query: str = "", reader: str = "public") -> Any:
        return orjson.loads(self.reply(path, query, reader).body)

    def ids(self, query: str = "", reader: str = "public") -> list[str]:
        return [item["id"] for item in self.get("organisations", query, reader)["items"]]


@pytest.fixture
def caller(transactional_db: None) -> Iterator[Caller]:
    replay(world_of(WORLD))
    found = Caller()
    yield found
    found.asker.close()


def _refused(reply: Reply) -> str:
    assert reply.status == 400
    return str(orjson.loads(reply.body)["type"]).rpartition("/")[2]


def test_1_a_private_column_cannot_be_filtered_by(caller: Caller) -> None:
    """CVE-2023-22894: a hidden value was read letter by letter through a filter."""
    for value in ("secret@example.org", "s", ""):
        assert _refused(caller.reply("organisations", f"email={value}")) == "unknown-parameter"


def test_2_no_prefix_makes_a_name_known(caller: Caller) -> None:
    """CVE-2023-34235: `t1.password` passed where `password` did not."""
    for name in ("t1.email", "e.email", "v.body", "record_id", "disclosure_view.body"):
        assert _refused(caller.reply("organisations", f"{name}=x")) == "unknown-parameter"


def test_3_there_are_no_operators_to_forget(caller: Caller) -> None:
    """GHSA-495j-h493-42q2: a new operator was not checked."""
    for name in ("email[$lookup]", "name[$startsWith]", "name__startswith", "theme[$ne]", "theme!"):
        assert _refused(caller.reply("organisations", f"{name}=x")) == "unknown-parameter"


def test_4_an_unknown_parameter_reaches_nothing(caller: Caller) -> None:
    """CVE-2026-27886: `where[updatedBy][token]` reached through a relation."""
    for path in ("organisations", "organisations/facets", "organisations/clusters", "activities", "changes"):
        assert _refused(caller.reply(path, "where[organiser][email][$startsWith]=s")) == "unknown-parameter"


def test_5_words_are_searched_in_what_is_shown_alone(caller: Caller) -> None:
    """CVE-2025-30352: search covered forbidden columns."""
    for word in HIDDEN_WORDS:
        assert caller.get("organisations", f"q={word}") == {
            "items": [],
            "next": None,
            "count": 0,
            "count_relation": "eq",
        }


def test_6_no_sum_is_taken_over_the_concealed(caller: Caller) -> None:
    """CVE-2026-35442: minima, maxima and groups of a concealed field."""
    facets = caller.get("organisations/facets")["facets"]

    assert {row["value"] for row in facets["theme"]} == {"culture", "culture/chant"}
    assert [(row["value"], row["count"]) for row in facets["languages"]] == [("de", 2)]


def test_7_the_hidden_and_the_unknown_are_refused_alike(caller: Caller) -> None:
    """CVE-2025-64749: the error told that something existed."""
    replies = [caller.reply(f"organisations/{uid_of(label)}") for label in ("o2", "nobody")]

    assert replies[0] == replies[1]
    assert replies[0].status == 404
    assert caller.reply(f"persons/{uid_of('o0')}") == caller.reply(f"persons/{uid_of('nobody')}")


def test_8_what_was_granted_once_does_not_come_back_with_a_new_value(transactional_db: None) -> None:
    """CVE-2025-64746: a field made anew under an old name inherited its permission."""
    email = said("o0", "list:0", email="secret@example.org")
    replay(world_of([said("o0", "list:1", name="Alpha"), email, Decide("o0", "public", True, "email", 2), Wait(24),
                     Retract("o0", "list:0", ("email",)), email]))  # fmt: skip
    caller = Caller()

    assert "email" not in caller.get(f"organisations/{uid_of('o0')}")
    caller.asker.close()


def test_9_an_empty_value_means_none_and_never_all(caller: Caller) -> None:
    """GHSA-hxgm-ghmv-xjjm: an empty list of choices was true."""
    for query in ("theme=", "commune=", "languages=", "territory=", "theme=&theme="):
        assert caller.ids(query) == []
        assert caller.ids(query, "A") == []


def test_10_dots_lead_nowhere(caller: Caller) -> None:
    """CVE-2026-31872: `secret.sub` in a condition or an order."""
    assert _refused(caller.reply("activities", "organiser.email=s")) == "unknown-parameter"
    assert _refused(caller.reply("activities", "sort=organiser.name")) == "invalid-parameter"
    assert _refused(caller.reply("activities", "fields=organiser.name")) == "invalid-parameter"


def test_11_the_feed_is_no_door_beside_the_gate(caller: Caller) -> None:
    """CVE-2026-30947, CVE-2026-33421: the live feed skipped permissions."""
    body = caller.reply("changes").body.lower()

    assert not any(word.encode() in body for word in HIDDEN_WORDS if word != "5551234")
    assert str(uid_of("o2")).encode() not in body


def test_12_a_hidden_name_orders_nothing(caller: Caller) -> None:
    """CVE-2020-5289: the caller sorted by an attribute it could not read."""
    nameless = str(uid_of("o1"))

    assert caller.ids("sort=name")[0] == nameless
    assert caller.ids("sort=-name")[-1] == nameless
    assert _refused(caller.reply("organisations", "sort=email")) == "invalid-parameter"


def test_13_a_cursor_says_nothing(caller: Caller) -> None:
    """data-api-builder 3553: the protected sort value lay in the cursor."""
    cursor = caller.get("organisations", "limit=1")["next"].rpartition("cursor=")[2]
    told = base64.urlsafe_b64decode(cursor + "==")
    replay(world_of([said("o1", "list:1", name="Etwas anderes", description="Chanter"), *WORLD[:1], *WORLD[2:]]))

    assert b"geheimnis" not in told.lower()
    assert caller.get("organisations", "limit=1")["next"].rpartition("cursor=")[2] == cursor


def test_14_facets_take_the_same_way_as_lists(caller: Caller) -> None:
    """twenty 25911: the grouping path skipped the check of fields."""
    rows = caller.get("organisations/facets", "", "A")["facets"]["theme"]

    assert {row["value"] for row in rows} == {"culture", "culture/chant", "sport"}
    assert caller.get("organisations/facets", "", "B") == caller.get("organisations/facets")


def test_15_an_order_is_a_word_of_a_list(caller: Caller) -> None:
    """frappe 40515: expressions in order and group."""
    for sort in ("length(name)", "name;--", "email,name", "(select+1)", "name+desc", "NAME", "1"):
        assert _refused(caller.reply("organisations", f"sort={sort}")) == "invalid-parameter"


def test_16_nothing_asks_for_everything(caller: Caller) -> None:
    """platformatic 5119, prisma 711: `*`, omitted columns, counts over hidden fields."""
    assert _refused(caller.reply("organisations", "fields=*")) == "invalid-parameter"
    assert _refused(caller.reply("organisations", "count=email")) == "invalid-parameter"
    found = caller.get(f"organisations/{uid_of('o0')}", "fields=email,phones,addresses,name")
    assert sorted(found) == ["id", "kind", "name"]


def test_17_a_hidden_address_is_not_found_by(caller: Caller) -> None:
    """Admidio, GHSA-68pr-7prh-mpv4: members were found by hidden street and city; here not on the map either."""
    for word in (STREET, CITY, "ruelle"):
        assert caller.ids(f"q={word.replace(' ', '+')}") == []
    assert caller.ids("near=46.5174,6.6389&radius_km=1") == []
    assert caller.ids("bbox=6.6,46.5,6.7,46.6") == []
    assert caller.get("organisations/clusters", "zoom=12")["features"] == []


def test_18_a_slip_of_the_pen_suggests_no_hidden_word(caller: Caller) -> None:
    """CVE-2021-22137, CVE-2020-7020: suggesters and profiles revealed what exists."""
    for word in ("gehemnis", "geheimn", "verborge", "verborgne", "geheimniss"):
        assert caller.ids(f"q={word}") == []
    assert caller.ids("q=chantr") == caller.ids("q=chanter")
    assert caller.ids("q=verborgn", "A") == [client_id("A", str(uid_of("o2")))]


def test_19_a_cursor_of_somebody_else_is_none(caller: Caller) -> None:
    """CVE-2020-7019: a more privileged caller's scroll was taken up."""
    cursor = caller.get("organisations", "limit=1", "A")["next"].rpartition("cursor=")[2]

    readers = ("public", "B")
    stolen = [_uncounted(caller.reply("organisations", f"limit=1&cursor={cursor}", reader)) for reader in readers]
    made_up = [_uncounted(caller.reply("organisations", "limit=1&cursor=AAAA", reader)) for reader in readers]

    assert stolen == made_up
    assert {reply.status for reply in stolen} == {400}


def _uncounted(reply: Reply) -> Reply:
    """A reply but for how many requests the caller has left."""
    return replace(reply, headers=tuple(each for each in reply.headers if not each[0].startswith(b"ratelimit")))


def test_20_what_was_just_written_obeys_too(caller: Caller) -> None:
    """CVE-2021-22134: the newest version came past the check."""
    replay(world_of([*WORLD, said("o0", "list:1", email="secret@example.org", name="Alpha Neu")]))

    assert "email" not in caller.get(f"organisations/{uid_of('o0')}")
    assert caller.get(f"organisations/{uid_of('o0')}")["name"] == "Alpha Neu"


def test_22_pages_are_full_and_counts_are_of_what_is_there(caller: Caller) -> None:
    """NeoWiki 1062, alaveteli 286: totals and short pages showed that something was left out."""
    for reader, there in (("public", 3), ("A", 4), ("B", 3)):
        query, lengths = "limit=2", []
        while query:
            page = caller.get("organisations", query, reader)
            assert page["count"] == there
            lengths.append(len(page["items"]))
            query = (page["next"] or "").partition("?")[2]
        assert lengths == [2, there - 2]


def test_23_and_24_a_holder_learns_nothing_by_naming_somebody(caller: Caller, tmp_path: Path) -> None:
    """opencollective 11094, cockroach 19640: an invitation, a conflict told what was stored."""
    replies = []
    for name in ("Verborgen", "Ganz Neues"):
        path = tmp_path / f"{name}.csv"
        path.write_text(f"Nom;E-mail\n{name};info@x.example.ch\n", encoding="utf-8")
        report = contribute(Intake((path,), f"Holder {len(replies)}", dry_run=True), actor="steward:1").for_holder()
        replies.append(orjson.dumps({**report, "files": None, "file": None, "holder": None}))

    assert replies[0] == replies[1]
    assert b"secret" not in replies[0]


def test_25_a_change_that_hides_shows_no_value(transactional_db: None) -> None:
    """hitobito 2231: the change log showed what had been hidden."""
    replay(world_of([*WORLD, Deliver("A"), Decide("o2", "agreement:A", False), Decide("o3", "public", False)]))
    caller = Caller()
    gone = [item for item in caller.get("changes", "", "A")["items"] if item["state"] == "deleted"]
    caller.asker.close()

    assert gone
    assert {key for item in gone for key in item} <= {"id", "kind", "modified", "state", "tombstone", "deadline"}


def test_26_no_cache_stands_between_readers(caller: Caller) -> None:
    """HarperFast 1565, varnish 38: a shared cache forgot who asked."""
    private = dict(caller.reply("organisations", "", "A").headers)
    public = dict(caller.reply("organisations").headers)

    assert private[b"cache-control"] == b"private, no-store"
    assert public[b"cache-control"] == b"no-cache"
    assert b"Authorization" in public[b"vary"]
    tag = ((b"if-none-match", private[b"etag"]),)
    assert caller.asker.ask(Request("/api/v1/organisations", "", tag), "public").status == 200


def test_27_the_beginning_of_a_word_completes_no_hidden_one(caller: Caller) -> None:
    """CKAN 1580, 691: completion and raw queries listed the private."""
    for word in ("geh", "verb", "secr", "quel"):
        assert caller.ids(f"q={word}") == []
    for name in ("fq", "raw", "filter", "query", "autocomplete"):
        assert _refused(caller.reply("organisations", f"{name}=*:*")) == "unknown-parameter"
