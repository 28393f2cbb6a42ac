"""Entity resolution: which records of several lists are one organisation.

Hands ids, codes and scores upwards, never values.
"""
