"""Stories that cross rooms, told in order: take in a list, load the demo.

Decides nothing that a room below can decide.
"""
