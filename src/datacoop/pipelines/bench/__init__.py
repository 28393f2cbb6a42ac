"""Measures: a made-up corpus, the production server under load, its limits in the same run, one table."""
