"""What every test stands on: Hypothesis without a stopwatch, and a clean database on either engine."""

import pytest
from hypothesis import HealthCheck, settings

from tests.database.fixtures import (  # noqa: F401 (pytest finds fixtures by name)
    clean_database,
    django_db_keepdb,
    django_db_modify_db_settings,
    django_db_setup,
    empty_database_url,
)

settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


@pytest.fixture
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio, as the served application does."""
    return "asyncio"
