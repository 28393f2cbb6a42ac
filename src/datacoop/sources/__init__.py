"""Holders' lists on their way in: reading, mapping, normalising, staging. Must not accept or disclose."""
