"""Tables of views, index rows, the feed's counters, what is due, deliveries and tombstones.

The full-text tables differ between the two databases and are made by a migration in SQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    _BigInteger = models.BigIntegerField[int, int]
else:
    _BigInteger = models.BigIntegerField


class RowNumber(_BigInteger):
    """A primary key that is SQLite's own row number: the table lies in its order, without another index."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """Only a column of the type `integer` is the row number."""
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)


class View(models.Model):
    """The document of one record as one audience sees it. `key` is audience << 48 | record.

    `deeper` lists, as `,5,17,`, the audiences below this one that have a row of their own for the record: their
    readers take no notice of this row. `seq` is its place in the feed of the audience `feed`: its own, or, where its
    readers saw the very same in a row above, that row's, so that nothing is told twice. `aliased` remembers that its
    readers once knew the record by ids of their own.
    """

    key = RowNumber(primary_key=True)
    tier = models.SmallIntegerField()
    record_id = models.BigIntegerField()
    kind = models.IntegerField()
    state = models.CharField(max_length=1)
    version = models.IntegerField()
    seq = models.BigIntegerField()
    feed = models.SmallIntegerField()
    modified = models.BigIntegerField()
    digest = models.BinaryField()
    body = models.BinaryField()
    open_body = models.BinaryField(null=True)
    private = models.TextField(blank=True, default="")
    deeper = models.TextField(blank=True, default="")
    aliased = models.BooleanField(default=False)

    class Meta:
        indexes = (models.Index(fields=["record_id", "tier"], name="disclosure_view_record"),)
        constraints = (models.UniqueConstraint(fields=["tier", "feed", "seq"], name="disclosure_view_fed_once"),)


class Entry(models.Model):
    """An index row: one for each theme of a record and its parents, and one with the empty theme for all of them."""

    pk = models.CompositePrimaryKey("record_id", "tier", "theme")
    record_id = models.BigIntegerField()
    tier = models.SmallIntegerField()
    theme = models.CharField(max_length=60)
    kind = models.IntegerField()
    place = models.CharField(max_length=80)
    name = models.BinaryField()
    cell = models.IntegerField(null=True)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    deeper = models.TextField(blank=True, default="")

    class Meta:
        indexes = (
            models.Index(
                fields=["tier", "kind", "theme", "place", "name", "record_id", "deeper"],
                name="disclosure_entry_place",
            ),
            models.Index(fields=["tier", "kind", "theme", "name", "record_id", "deeper"], name="disclosure_entry_name"),
            models.Index(
                fields=["tier", "kind", "theme", "cell", "name", "record_id", "lat", "lon", "deeper"],
                name="disclosure_entry_cell",
                condition=models.Q(cell__isnull=False),
            ),
        )


class Occurrence(models.Model):
    """A date of a record that has a start: one row for each theme, as of `Entry`. Of a recurring one, each date.

    `start` is in seconds since 1970. Views with a recurrence have rows for the months that `Rolling` says.
    """

    pk = models.CompositePrimaryKey("record_id", "tier", "theme", "start")
    record_id = models.BigIntegerField()
    tier = models.SmallIntegerField()
    theme = models.CharField(max_length=60)
    start = models.BigIntegerField()
    kind = models.IntegerField()
    place = models.CharField(max_length=80)
    cell = models.IntegerField(null=True)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    deeper = models.TextField(blank=True, default="")

    class Meta:
        indexes = (
            models.Index(
                fields=["tier", "kind", "theme", "place", "start", "record_id", "deeper"],
                name="disclosure_occurrence_place",
            ),
            models.Index(
                fields=["tier", "kind", "theme", "start", "record_id", "deeper"], name="disclosure_occurrence_start"
            ),
        )


class Rolling(models.Model):
    """A view with a recurrence, by its key, and the instant (seconds since 1970) up to which its dates are indexed."""

    key = models.BigIntegerField(primary_key=True)
    until = models.BigIntegerField(db_index=True)


class Facet(models.Model):
    """One value of a record that lists can be filtered by, beside the fixed slots."""

    pk = models.CompositePrimaryKey("record_id", "tier", "name", "value")
    record_id = models.BigIntegerField()
    tier = models.SmallIntegerField()
    name = models.CharField(max_length=60)
    value = models.CharField(max_length=120)
    kind = models.IntegerField()
    deeper = models.TextField(blank=True, default="")

    class Meta:
        indexes = (
            models.Index(
                fields=["tier", "kind", "name", "value", "record_id", "deeper"], name="disclosure_facet_value"
            ),
        )


class Counter(models.Model):
    """The feed's dense counter of one audience."""

    tier = models.SmallIntegerField(primary_key=True)
    seq = models.BigIntegerField()


class Clock(models.Model):
    """One row: the first instant (microseconds since 1970) from which readers must settle before they answer."""

    id = models.SmallIntegerField(primary_key=True)
    next_due = models.BigIntegerField()


class Due(models.Model):
    """A record whose views change at a given instant without anybody acting."""

    record_id = models.BigIntegerField(primary_key=True)
    at = models.BigIntegerField(db_index=True)


class Pending(models.Model):
    """An accepted contribution whose views are still being compiled, narrowing first, resumable at `after`."""

    source_id = models.BigIntegerField()
    number = models.IntegerField()
    narrowing = models.BooleanField()
    after = models.BigIntegerField(default=-1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["source_id", "number"], name="disclosure_pending_once"),)


class Delivery(models.Model):
    """The fact that an agreement received a version of a view; and how often again and when last, to the minute."""

    audience_id = models.SmallIntegerField()
    key = models.BigIntegerField()
    version = models.IntegerField()
    first_at = models.DateTimeField()
    repeats = models.IntegerField(db_default=0)
    last_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["key", "audience_id", "version"], name="disclosure_delivery_once"),
        )


class DeliveredHour(models.Model):
    """That the first deliveries of one agreement in one hour are in the ledger, under one entry (law 9).

    `hour` is its beginning; `last_id` the last delivery that was looked at, for all agreements, when it was entered.
    """

    audience_id = models.SmallIntegerField()
    hour = models.DateTimeField()
    last_id = models.BigIntegerField()
    entry = models.BigIntegerField()

    class Meta:
        indexes = (models.Index(fields=["last_id"], name="disclosure_hour_last"),)
        constraints = (models.UniqueConstraint(fields=["audience_id", "hour", "last_id"], name="disclosure_hour_once"),)


class Tombstone(models.Model):
    """What an agreement received and must erase, until when. The client acknowledges it.

    `said` is its word (`acknowledging.STATES`), empty until then; `legal_basis` on what it keeps what it retained.
    """

    uid = models.UUIDField(unique=True)
    audience_id = models.SmallIntegerField()
    record_id = models.BigIntegerField()
    properties = models.TextField()
    deletion = models.BooleanField()
    issued_at = models.DateTimeField()
    deadline = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    said = models.CharField(max_length=10, blank=True, default="")
    legal_basis = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes = (models.Index(fields=["audience_id", "record_id"], name="disclosure_tombstone_of"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(acknowledged_at__isnull=True, said="", legal_basis="")
                | models.Q(acknowledged_at__isnull=False, said="erased", legal_basis="")
                | (models.Q(acknowledged_at__isnull=False, said="retained") & ~models.Q(legal_basis="")),
                name="disclosure_tombstone_said",
            ),
        )


class Retraction(models.Model):
    """What the public saw of a record and a revision took away: the whole record, or the properties named.

    Numbers are dense, in the order of the revisions.
    """

    number = RowNumber(primary_key=True)
    record_id = models.BigIntegerField()
    properties = models.TextField()
    deletion = models.BooleanField()
    at = models.DateTimeField()
