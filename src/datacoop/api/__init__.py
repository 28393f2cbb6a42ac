"""HTTP API v1: read routes answered before Django, what changes the world through it. Parses, asks once, answers."""
