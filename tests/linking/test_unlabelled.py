"""Kinds without labels: their settings are checked, and weights are estimated from the records alone."""

import random
import subprocess
import sys
from itertools import product
from typing import Any

import pytest

from datacoop.linking.unlabelled.columns import of_person
from datacoop.linking.unlabelled.estimating import NATURAL, Estimate, TooFewRecordsError
from datacoop.linking.unlabelled.settings import Level, SettingsRefused, read, settings_of

GIVEN = ["Amélie", "Bruno", "Chiara", "Dario", "Elsa", "Fabio", "Greta", "Hugo"]
FAMILY = ["Exemplaire", "Muster", "Esempio", "Ejemplo", "Beispiel", "Modèle", "Vorlage", "Campione"]


def _people(count: int, seed: int) -> list[dict[str, str]]:
    draw = random.Random(seed)
    names = list(product(GIVEN, FAMILY))
    return [
        {
            "given_name": names[number % len(names)][0],
            "family_name": names[number % len(names)][1],
            "postcode": str(1000 + draw.randrange(40)),
            "town": draw.choice(["Lausanne", "Renens", "Morges", "Nyon"]),
            "birth_date": f"19{draw.randrange(40, 99)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}",
            "number": f"{draw.randrange(10**6):06}",
        }
        for number in range(count)
    ]


def test_a_weight_is_estimated_without_anybody_having_judged() -> None:
    people = _people(400, 1)
    again = [{**one, "town": "", "birth_date": one["birth_date"][:-1] + "0"} for one in people[:200]]
    lists = [list(map(of_person, people)), list(map(of_person, again))]

    (weighed,) = Estimate(settings_of("person"), lists).weigh()

    found = set(zip(weighed.left, weighed.right, strict=True))
    assert found == {(number, 400 + number) for number in range(200)}
    assert min(weighed.weights) >= NATURAL


@pytest.mark.parametrize("rows", [[], [of_person({"given_name": "Elsa", "birth_date": "1970-01-01"})] * 120])
def test_says_where_there_is_nothing_to_learn_from(rows: list[dict[str, object]]) -> None:
    with pytest.raises(TooFewRecordsError):
        Estimate(settings_of("person"), [rows])


def test_slices_yield_the_same_pairs_bit_by_bit() -> None:
    rows = list(map(of_person, _people(150, 2)))
    estimate = Estimate(settings_of("person"), [rows, [dict(row) for row in rows]])

    whole, parts = list(estimate.weigh(-5)), list(estimate.weigh(-5, slices=3))

    assert len(parts) == 3
    pairs = [
        sorted((a, b) for each in found for a, b in zip(each.left, each.right, strict=True)) for found in (whole, parts)
    ]
    assert pairs[0] == pairs[1] != []


def _settings(**changed: Any) -> dict[str, Any]:
    said = {"comparisons": {"name": {"rare": True, "levels": ["likeness 0.9"]}}, "blocks": [["name 3"]]}
    return {**said, "certain": [["name"]], "found": 0.5, "learnt_from": [["name"]], **changed}


def test_settings_say_what_is_compared() -> None:
    settings = read(_settings(blocks=[["town 5", "each names"]]), "example.yml")

    assert settings.comparisons[0].levels == (Level("likeness", 0.9),)
    assert settings.columns() == {"town": False, "names": True, "name": False}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"comparisons": {"name": {"levels": ["closeness 0.9"]}}}, "a level is one of likeness, slips"),
        ({"comparisons": {"name": {"seldom": True}}}, "nobody knows seldom"),
        ({"blocks": [["name three"]]}, "three"),
        ({"found": "much"}, "much"),
    ],
)
def test_refuses_settings_that_cannot_be_followed(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsRefused, match=words):
        read(_settings(**changed), "example.yml")


def test_refuses_settings_that_lack_something() -> None:
    with pytest.raises(SettingsRefused, match="found is missing"):
        read({name: value for name, value in _settings().items() if name != "found"}, "example.yml")


def test_a_kind_without_settings_is_told_so() -> None:
    with pytest.raises(LookupError, match="no settings for unicorn"):
        settings_of("unicorn")


def test_neither_commands_nor_the_server_load_what_estimates() -> None:
    script = """
import sys, django
django.setup()
import datacoop.cli.commands.bench, datacoop.cli.commands.link, datacoop.linking.unlabelled.estimating
print([name for name in ("splink", "duckdb", "pyarrow", "pyspark") if name in sys.modules])
"""
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "[]"
