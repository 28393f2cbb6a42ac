"""A data cooperative for non-profits: many lists in, one directory out, whoever is named decides."""

__version__ = "0.1.0"
