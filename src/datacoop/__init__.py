"""A data cooperative: many lists in, one directory out, and whoever is named decides who sees what."""
