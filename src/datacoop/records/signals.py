"""The only signal in the house: a revision announces the records it touched, before it commits."""

from django.dispatch import Signal

#: Sent with `change: records.rules.Change`. A receiver that raises undoes the revision.
records_changed = Signal()
