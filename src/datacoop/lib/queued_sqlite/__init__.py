"""A database engine for Django: SQLite with a queue in front of its write lock."""
