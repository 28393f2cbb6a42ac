"""Tables of the room of rights, one file for each procedure."""

from datacoop.rights.models.links import Link

__all__ = ["Link"]
