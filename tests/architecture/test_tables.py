"""Tables of different rooms: relations point downwards and leave no way back, migrations say what models say."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models import Field, Model

from tests.architecture.source import heights


def _room(model: type[Model]) -> str | None:
    parts = model.__module__.split(".")
    return parts[1] if parts[0] == "datacoop" else None


def _relations() -> list[tuple[str, str, str, str | None]]:
    """(room, room pointed to, field, related name) of relations between two rooms."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            if not isinstance(field, Field) or field.remote_field is None:
                continue
            here, there = _room(model), _room(field.remote_field.model)
            if here and there and here != there:
                found.append((here, there, f"{model._meta.label}.{field.name}", field.remote_field.related_name))
    return found


def test_relations_between_rooms_point_downwards() -> None:
    floor = heights()
    found = [field for here, there, field, _ in _relations() if floor[there] >= floor[here]]

    assert found == []


def test_relations_between_rooms_leave_no_way_back() -> None:
    """Without `+` the lower room's rows would offer the upper room's, and walk round the gate."""
    found = [field for _, _, field, related_name in _relations() if related_name != "+"]

    assert found == []


@pytest.mark.django_db
def test_migrations_are_in_step_with_models() -> None:
    said = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said, verbosity=1)
    except SystemExit:
        pytest.fail(said.getvalue())
