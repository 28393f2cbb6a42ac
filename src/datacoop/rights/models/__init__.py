"""Tables of the room of rights, one file for each procedure."""

from datacoop.rights.models.links import Link
from datacoop.rights.models.notices import Notice, NoticedList, Sending, Told

__all__ = ["Link", "Notice", "NoticedList", "Sending", "Told"]
