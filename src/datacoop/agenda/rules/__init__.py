"""Decisions on plain values: when something happens."""
