"""Mandates from before there were scopes become two, one to correct and one to decide."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def migrated(to: str) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate([("accounts", to)])
    return MigrationExecutor(connection).loader.project_state([("accounts", to)]).apps


@pytest.mark.django_db(transaction=True)
def test_a_mandate_for_everything_becomes_one_to_correct_and_one_to_decide() -> None:
    try:
        before = migrated("0002_codes")
        account = before.get_model("accounts", "Account").objects.create(email="anna@example.org", created_at=NOW)
        mandates = before.get_model("accounts", "Mandate").objects
        subject = uuid.uuid4()
        for scope in ("all", "holder"):
            mandates.create(account=account, subject_uid=subject, scope=scope, valid_from=NOW, proof="letter")

        after = migrated("0004_mandate_scope").get_model("accounts", "Mandate").objects

        found = sorted(after.values_list("scope", "subject_uid", "valid_from", "proof"))
        assert found == [(scope, subject, NOW, "letter") for scope in ("decide", "edit", "holder")]
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
