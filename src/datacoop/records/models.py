"""Tables of records, statements, merges, revisions and envelopes."""

from __future__ import annotations

from django.db import models


class Revision(models.Model):
    """One change to the world. Numbers are dense: they are given under the writers' lock."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    why = models.CharField(max_length=200)

    class Meta:
        # An erasure finds what an account did.
        indexes = (models.Index(fields=["actor"], name="records_revision_actor"),)


class Source(models.Model):
    """One list of a holder, as far as its statements need it. `accepted` is the last accepted contribution.

    `origin`: the address of another cooperative whose feed the list is.
    """

    uid = models.UUIDField(unique=True)
    holder_uid = models.UUIDField()
    holder = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    authority = models.BooleanField(default=False)
    published = models.BooleanField(default=False)
    page = models.CharField(max_length=500, blank=True, default="")
    page_on = models.DateField(null=True)
    attested_by = models.CharField(max_length=80, blank=True, default="")
    attested_at = models.DateTimeField(null=True)
    licence = models.CharField(max_length=120, blank=True, default="")
    origin = models.CharField(max_length=300, blank=True, default="")
    accepted = models.IntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["holder_uid", "name", "kind"], name="records_source_named_once"),
        )


class Record(models.Model):
    """One real thing. Its number is the head of its random uid; `trace_key` leads to its entries in the ledger."""

    id = models.BigIntegerField(primary_key=True)
    uid = models.UUIDField(unique=True)
    kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField(null=True)
    trace_key = models.BinaryField(null=True, max_length=16)

    class Meta:
        indexes = (models.Index(fields=["kind", "id"], name="records_record_kind"),)


class Statement(models.Model):
    """One value somebody said. Effective while begun, not ended, and its contribution (if any) accepted.

    A contribution stages its statements with `begin_contribution` one above `Source.accepted`, and the statements it
    supersedes with `end_contribution`: moving `accepted` makes all of them true in the same instant (law 7).
    """

    record = models.ForeignKey(Record, models.CASCADE, related_name="+", db_index=False)
    property = models.CharField(max_length=60)
    position = models.SmallIntegerField(default=0)
    value = models.TextField(null=True)
    sealed = models.BinaryField(null=True)
    original = models.TextField(null=True)
    origin = models.SmallIntegerField()
    source = models.ForeignKey(Source, models.PROTECT, null=True, related_name="+", db_index=False)
    since = models.DateTimeField()
    state = models.CharField(max_length=1, default="l")
    mark = models.CharField(max_length=1, default="", blank=True)
    digest = models.BinaryField(null=True)
    refers = models.BigIntegerField(null=True)
    begin_contribution = models.IntegerField(null=True)
    end_contribution = models.IntegerField(null=True)
    begin_revision = models.BigIntegerField(null=True)
    end_revision = models.BigIntegerField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["record", "property"], name="records_statement_record"),
            models.Index(
                fields=["source", "begin_contribution", "record"],
                name="records_statement_begun",
                condition=models.Q(source__isnull=False),
            ),
            models.Index(
                fields=["source", "end_contribution", "record"],
                name="records_statement_ended",
                condition=models.Q(end_contribution__isnull=False),
            ),
            models.Index(fields=["digest"], name="records_statement_digest", condition=models.Q(digest__isnull=False)),
            models.Index(fields=["refers"], name="records_statement_refers", condition=models.Q(refers__isnull=False)),
        )


class Merge(models.Model):
    """Record `loser` is the same real thing as `survivor`. Ended merges stay: that is how a split restores.

    `marked`: the statements of either that became protected because they were made one, each with its mark before and
    after; None where there are none.
    """

    loser = models.ForeignKey(Record, models.CASCADE, related_name="+")
    survivor = models.ForeignKey(Record, models.CASCADE, related_name="+")
    source = models.ForeignKey(Source, models.PROTECT, null=True, related_name="+", db_index=False)
    actor = models.CharField(max_length=80)
    reason = models.CharField(max_length=200)
    begin_contribution = models.IntegerField(null=True)
    begin_revision = models.BigIntegerField(null=True)
    end_revision = models.BigIntegerField(null=True)
    marked = models.JSONField(null=True)


class Envelope(models.Model):
    """The key under which values about one natural person are sealed. Destroying it erases them (law 8)."""

    subject_id = models.BigIntegerField(primary_key=True)
    wrapped = models.BinaryField()


class Suppression(models.Model):
    """A keyed digest by which somebody erased would be known again, and the empty record their rows lead to (law 8)."""

    digest = models.BinaryField(unique=True)
    record_id = models.BigIntegerField(db_index=True)
    at = models.DateTimeField()


class Trace(models.Model):
    """Which entries of the ledger are about a record: the private way to them, destroyed with its key.

    Contributions and deliveries are found from what is kept of them. `note` is the reason a steward gave for looking.
    """

    record_id = models.BigIntegerField()
    entry = models.BigIntegerField()
    revision = models.BigIntegerField(null=True)
    note = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["record_id", "entry"], name="records_trace_once"),)
