"""The preview of a delivery tells how many people would have to be told, beside the tick that keeps them."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from datacoop.records.models import Record
from datacoop.sources.models import KeptRow

LIST = (
    "Nom;NPA;Localité;Président;Notre cote\n"
    "Chœur de la Clairière;1005;Lausanne;Jeanne Exemple;A1\n"
    "Les Amis du Four;1020;Renens;Paul Essai;A2\n"
).encode()
MAPPING = {"name-0": "Nom", "column-0": "name", "name-4": "Notre cote", "column-4": "@own"}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def preview(steward: Client, tmp_path: Path) -> object:
    with override_settings(DATACOOP_DATA_DIR=tmp_path):
        sent = SimpleUploadedFile("liste.csv", LIST)
        answer = steward.post("/steward/upload", {"file": sent, "holder": "Faîtière d’essai", "published": "on"})
        yield str(answer["Location"])


def test_tells_how_many_people_the_file_names(steward: Client, preview: str) -> None:
    html = steward.get(preview).content.decode()

    assert "Personnes nommées dans ce fichier : 2." in html
    assert 'name="with_persons">' in html


def test_keeps_nothing_of_them_without_a_tick(steward: Client, preview: str) -> None:
    steward.post(preview, {**MAPPING, "asks_persons": "1", "step": "import"})

    assert set(Record.objects.values_list("kind", flat=True)) == {"organisation"}


def test_keeps_them_with_a_tick(steward: Client, preview: str) -> None:
    steward.post(preview, {**MAPPING, "asks_persons": "1", "with_persons": "on", "step": "import"})

    assert set(Record.objects.values_list("kind", flat=True)) == {"organisation", "person", "role"}


def test_a_column_can_be_kept_for_its_list_alone(steward: Client, preview: str) -> None:
    html = steward.post(preview, {**MAPPING, "step": "trial"}).content.decode()
    assert '<option value="@own" selected>Gardée chiffrée, pour la liste seule</option>' in html

    steward.post(preview, {**MAPPING, "step": "import"})

    assert KeptRow.objects.filter(sort="own").count() == 2
