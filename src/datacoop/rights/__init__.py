"""Procedures of those named in the data, with their clocks: notices, answers, claims, requests."""
