"""Exports are compared with what the API streams."""

from tests.api.conftest import caller

__all__ = ["caller"]
