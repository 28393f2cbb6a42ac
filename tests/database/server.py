"""The PostgreSQL server of one test session is the one the package starts for its measures."""

from datacoop.lib.postgresql import FAST, Missing, Server, programs, url_of

__all__ = ["FAST", "Missing", "Server", "programs", "url_of"]
