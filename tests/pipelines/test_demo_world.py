"""The invented cooperative: the same for the same seed, complete, and nobody real in it."""

import csv
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from stdnum.ch import uid as swiss_uid

from datacoop.directory import themes
from datacoop.kinds.definition import kind
from datacoop.pipelines.demo.activities import ZONE
from datacoop.pipelines.demo.decisions import decisions
from datacoop.pipelines.demo.listings import SOLIDARITY
from datacoop.pipelines.demo.lists import write_lists
from datacoop.pipelines.demo.organisations import REFUGE
from datacoop.pipelines.demo.people import SECRETARY, UNFINDABLE, VOLUNTEER
from datacoop.pipelines.demo.words import words
from datacoop.pipelines.demo.world import World, invent

TODAY = date(2026, 11, 23)
LOCALITIES = Path(__file__).parents[3] / "shared" / "data" / "ch-geo" / "AMTOVZ_CSV_WGS84.csv"


@pytest.fixture(scope="module")
def world() -> World:
    return invent(TODAY)


@pytest.fixture(scope="module")
def files(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    paths = write_lists(tmp_path_factory.mktemp("lists"), world)
    return {name: path.read_bytes() for name, path in paths.items()}


class TestSeed:
    def test_same_seed_and_day_give_same_bytes(self, files: dict[str, bytes], tmp_path: Path) -> None:
        again = write_lists(tmp_path, invent(TODAY))

        assert {name: path.read_bytes() for name, path in again.items()} == files

    def test_another_seed_gives_another_world(self, world: World) -> None:
        assert invent(TODAY, seed=7, size=0.2).organisations != world.organisations[:240]

    def test_another_day_keeps_the_organisations(self, world: World) -> None:
        assert invent(TODAY + timedelta(days=9)).organisations == world.organisations


class TestCounts:
    def test_has_what_was_promised(self, world: World) -> None:
        assert len(world.organisations) == 1200
        assert len(world.activities) == 2000
        assert (len(world.needs), len(world.roles), len(world.offers)) == (150, 300, 60)
        assert len(world.listings) == 4
        assert sum(listing.published for listing in world.listings) == 3

    def test_every_organisation_stands_in_a_list_and_a_third_in_several(self, world: World) -> None:
        lists = Counter(key for each in world.listings for key in {row.organisation for row in each.rows})

        assert len(lists) == 1200
        assert sum(count > 1 for count in lists.values()) >= 0.35 * 1200

    def test_some_lists_hold_an_organisation_twice(self, world: World) -> None:
        twice = [each.slug for each in world.listings if len({r.organisation for r in each.rows}) < len(each.rows)]

        assert len(twice) >= 2

    def test_names_can_repeat_without_being_the_same_thing(self, world: World) -> None:
        names = Counter(one.name for one in world.organisations)

        assert sum(count > 1 for count in names.values()) >= 10

    def test_themes_are_those_of_the_directory(self) -> None:
        known = yaml.safe_load(Path(themes.__file__).with_name("themes.yml").read_text("utf-8"))

        assert {recipe.theme for recipe in words().recipes} <= set(known)

    def test_natures_are_those_of_the_kind(self, world: World) -> None:
        assert {one.nature for one in world.organisations} <= set(kind("organisation").property("nature").values)

    def test_activities_lie_within_the_coming_year(self, world: World) -> None:
        days = [activity.start.astimezone(ZONE).date() for activity in world.activities]

        assert min(days) > TODAY
        assert max(days) <= TODAY + timedelta(days=365)
        assert all(activity.end > activity.start for activity in world.activities)

    def test_sentences_have_no_open_slots(self, files: dict[str, bytes]) -> None:
        text = b"".join(content for name, content in files.items() if "union-sportive" not in name or ":" in name)

        assert not re.search(rb"\{[a-z_]+\}", text)


class TestInvented:
    def test_no_address_leads_to_a_real_domain(self, world: World, files: dict[str, bytes]) -> None:
        said = [value for each in world.listings for row in each.rows for value in (row.email, row.website) if value]
        hosts = {re.split(r"@|//", value)[1].split("/")[0] for value in said}
        text = b"".join(content for name, content in files.items() if not name.endswith("sportive"))
        written = re.findall(rb"[\w.-]+@([\w.-]+)|https?://([\w.-]+)", text)
        hosts |= {(a or b).decode() for a, b in written}

        assert hosts
        assert not [host for host in hosts if not re.fullmatch(r"(.+\.)?example\.(org|ch)", host)]

    def test_telephones_stay_in_the_invented_range(self, world: World, files: dict[str, bytes]) -> None:
        phones = {row.phone for each in world.listings for row in each.rows if row.phone}
        text = b"".join(content for name, content in files.items() if not name.endswith("sportive"))

        assert all(re.fullmatch(r"\+41 21 555 \d\d \d\d", phone) for phone in phones)
        assert not re.search(rb"\b0(?!21[ .]555)\d\d[ .]\d{3}[ .]\d\d", text)

    def test_uid_numbers_are_well_formed_and_outside_what_is_given_out(self, world: World) -> None:
        numbers = [one.uid for one in world.organisations if one.uid]

        assert len(numbers) > 100
        assert all(swiss_uid.is_valid(number) and number.startswith("CHE-9") for number in numbers)

    @pytest.mark.real_lists
    @pytest.mark.skipif(not LOCALITIES.exists(), reason="the official list of localities is not here")
    def test_places_are_true(self) -> None:
        with LOCALITIES.open(encoding="utf-8-sig") as file:
            official = {
                (row["PLZ"], row["Ortschaftsname"], row["Gemeindename"], row["BFS-Nr"])
                for row in csv.DictReader(file, delimiter=";")
            }

        for place in words().places:
            assert (place.postal_code, place.locality, place.commune, str(place.bfs)) in official


class TestSituations:
    def test_nearly_all_of_a_published_list_can_be_reached_directly(self, world: World) -> None:
        rows = [row for each in world.listings if each.published for row in each.rows]

        assert all(row.email or row.phone or row.website for row in rows)
        personal = {one.key for one in world.organisations if one.mailbox_is_personal or one.nature == "informal_group"}
        office = [row for row in rows if row.organisation not in personal]
        assert len(office) >= 0.85 * len(rows)

    def test_a_refuge_stands_in_a_list_with_its_address(self, world: World) -> None:
        directory = next(each for each in world.listings if each.slug == SOLIDARITY)

        assert [row for row in directory.rows if row.theme == REFUGE and row.street]

    def test_contacts_of_persons_occur(self, world: World) -> None:
        assert sum(one.mailbox_is_personal for one in world.organisations) > 60
        assert sum(one.care_of for one in world.organisations) > 60
        phones = Counter(one.phone for one in world.organisations if one.phone)
        assert sum(count > 1 for count in phones.values()) >= 10

    def test_holders_contradict_each_other(self, world: World) -> None:
        streets: dict[str, set[str]] = {}
        for listing in world.listings:
            for row in listing.rows:
                streets.setdefault(row.organisation, set()).add(row.street)
        assert sum(len(found - {""}) > 1 for found in streets.values()) >= 30

    def test_a_dozen_organisations_have_decided(self, world: World) -> None:
        made = decisions(world)

        assert len({decided.organisation for decided in made}) >= 12
        assert {"email", "phones", None} <= {decided.property for decided in made if not decided.shows}
        assert any(decided.audience.startswith("agreement:") and decided.shows for decided in made)
        assert any(decided.lasting for decided in made)

    def test_the_characters_have_their_story(self, world: World) -> None:
        committees = [role for role in world.roles if role.person == UNFINDABLE]

        assert len(committees) == 5
        assert not any(role.shown for role in committees)
        assert [role.role for role in world.roles if role.person == SECRETARY] == ["secretary"]
        assert world.offers[0].person == VOLUNTEER
