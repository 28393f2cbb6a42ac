"""Tables of holders, their lists, the rows known of each, and contributions."""

from __future__ import annotations

import uuid

from django.db import models


class Holder(models.Model):
    """Who keeps lists and shares them."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    name = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField()


class SourceList(models.Model):
    """One list of a holder: how it is read. `source_id` is its number where statements name it."""

    source_id = models.BigIntegerField(primary_key=True)
    holder = models.ForeignKey(Holder, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    mapping = models.JSONField(default=dict)
    country = models.CharField(max_length=2, default="CH")
    created_at = models.DateTimeField()


class Row(models.Model):
    """One row of a list: the record it became, and a digest of what it said. No value is kept here.

    `content` holds until the contribution `next_contribution` is accepted, then `next_content` does; an empty
    digest is a row that is not in the list.
    """

    source_id = models.BigIntegerField()
    key = models.BinaryField()
    record_id = models.BigIntegerField()
    content = models.BinaryField(default=b"")
    next_content = models.BinaryField(null=True)
    next_contribution = models.IntegerField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["source_id", "key"], name="sources_row_key_once"),)
        indexes = (models.Index(fields=["record_id"], name="sources_row_record"),)


class Contribution(models.Model):
    """One delivery of a list. The report holds counts, codes and row numbers, never a value."""

    source_id = models.BigIntegerField()
    number = models.IntegerField()
    state = models.CharField(max_length=10)
    file_names = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=20)
    actor = models.CharField(max_length=80)
    received_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    report = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=["source_id", "-id"], name="sources_contribution_of"),)
