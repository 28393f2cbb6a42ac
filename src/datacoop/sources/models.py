"""Tables of holders, their lists, the rows known of each and kept of each, contributions, and files that wait."""

from __future__ import annotations

import uuid

from django.db import models


class Holder(models.Model):
    """Who keeps lists and shares them."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    name = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField()


class SourceList(models.Model):
    """One list of a holder: how it is read, what is expected of it, where it is pulled from.

    `source_id` is its number where statements name it. A list is `kept` once somebody described it, even while
    nothing of it was ever accepted. `pulled_sha256` is of the bytes pulled last, whatever came of them; `good_at` when
    the address last gave a list that stands; `problem` a code with its `detail`, empty while all is well.
    """

    source_id = models.BigIntegerField(primary_key=True)
    holder = models.ForeignKey(Holder, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    mapping = models.JSONField(default=dict)
    country = models.CharField(max_length=2, default="CH")
    created_at = models.DateTimeField()
    kept = models.BooleanField(default=False)
    publisher = models.CharField(max_length=200, blank=True, default="")
    contact = models.CharField(max_length=200, blank=True, default="")
    every_days = models.PositiveIntegerField(null=True)
    rows_from = models.PositiveIntegerField(null=True)
    rows_to = models.PositiveIntegerField(null=True)
    address = models.CharField(max_length=1000, blank=True, default="")
    pull_hours = models.PositiveIntegerField(null=True)
    pull_at = models.DateTimeField(null=True)
    etag = models.CharField(max_length=300, blank=True, default="")
    last_modified = models.CharField(max_length=80, blank=True, default="")
    pulled_sha256 = models.CharField(max_length=64, blank=True, default="")
    checked_at = models.DateTimeField(null=True)
    good_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=40, blank=True, default="")
    detail = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes = (
            models.Index(fields=["pull_at"], name="sources_list_due", condition=models.Q(pull_at__isnull=False)),
        )


class Row(models.Model):
    """One row of a list: the record it became, and a digest of what it said. No value is kept here.

    `content` holds until the contribution `next_contribution` is accepted, then `next_content` does; an empty
    digest is a row that is not in the list. `before_content` is what held until `before_contribution` was accepted:
    what its undoing goes back to.
    """

    source_id = models.BigIntegerField()
    key = models.BinaryField()
    record_id = models.BigIntegerField()
    content = models.BinaryField(default=b"")
    next_content = models.BinaryField(null=True)
    next_contribution = models.IntegerField(null=True)
    before_content = models.BinaryField(null=True)
    before_contribution = models.IntegerField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["source_id", "key"], name="sources_row_key_once"),)
        indexes = (models.Index(fields=["record_id"], name="sources_row_record"),)


class Contribution(models.Model):
    """One delivery of a list, or the undoing of one. The report holds counts, codes and row numbers, never a value.

    `columns` are the headers that were given a meaning; `before` is how the list was read, and what its holder had
    attested, until this contribution; `undoes` is the number of the one it takes back.
    """

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
    columns = models.JSONField(default=list)
    before = models.JSONField(default=dict)
    undoes = models.IntegerField(null=True)

    class Meta:
        indexes = (models.Index(fields=["source_id", "-id"], name="sources_contribution_of"),)


class Marking(models.Model):
    """A standing statement that a contribution marked when it was accepted, and its mark before: for its undoing."""

    source_id = models.BigIntegerField()
    number = models.IntegerField()
    statement_id = models.BigIntegerField()
    before = models.CharField(max_length=1, blank=True, default="")
    after = models.CharField(max_length=1)

    class Meta:
        indexes = (models.Index(fields=["source_id", "number"], name="sources_marking_of"),)


class HeldFile(models.Model):
    """A pulled file that nobody took in yet: a steward is asked. The file lies in `folder` of the data folder."""

    source_id = models.BigIntegerField(unique=True)
    folder = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    fetched_at = models.DateTimeField()
    doubts = models.JSONField(default=list)
    counts = models.JSONField(default=dict)


class KeptRow(models.Model):
    """Cells of one row, sealed under a key of their own: destroying `wrapped` erases them (decision 0017).

    `sort` is `rejected` (a row that could not be taken, whole) or `own` (a holder's own columns). `key` is the row's,
    `digest` a keyed one of the cells; `rest` one of the cells that nothing was wrong with, with the columns at fault
    in `faulty`: by it the row is known again once it is mended.
    """

    source_id = models.BigIntegerField()
    contribution = models.ForeignKey(Contribution, models.CASCADE, related_name="+")
    sort = models.CharField(max_length=8)
    key = models.BinaryField()
    digest = models.BinaryField()
    rest = models.BinaryField(default=b"")
    faulty = models.JSONField(default=list)
    wrapped = models.BinaryField(null=True)
    sealed = models.BinaryField(null=True)
    kept_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=["source_id", "sort", "key"], name="sources_kept_of"),
            models.Index(fields=["kept_at"], name="sources_kept_due", condition=models.Q(wrapped__isnull=False)),
        )


class Submission(models.Model):
    """A delivery that a holder's program sent: what was asked for with it, and what it is told came of it.

    `key` is a digest of the holder's own name for it, under which it may be sent again, `asked` one of all that was
    sent under it. `upload`: the file that waits for somebody's answer. The report holds counts, codes and row numbers;
    file and report are gone after a while.
    """

    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    holder = models.ForeignKey(Holder, models.CASCADE, related_name="+")
    key = models.BinaryField()
    asked = models.BinaryField()
    kind = models.CharField(max_length=40)
    source = models.CharField(max_length=200, blank=True, default="")
    partial = models.BooleanField(default=True)
    dry_run = models.BooleanField(default=False)
    state = models.CharField(max_length=10)
    upload = models.CharField(max_length=60, blank=True, default="")
    questions = models.JSONField(default=list)
    report = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["holder", "key"], name="sources_submission_once"),)
        indexes = (models.Index(fields=["received_at"], name="sources_submission_old"),)


class Feed(models.Model):
    """Another cooperative whose public feed a holder's lists are, one of each kind, and how far it was followed.

    `position` and `retracted` are what its feed of changes and its list of retractions gave to go on from; empty before
    the first time, and where it does not know them any more.
    """

    holder = models.OneToOneField(Holder, models.CASCADE, related_name="+")
    address = models.CharField(max_length=300, unique=True)
    position = models.TextField(blank=True, default="")
    retracted = models.TextField(blank=True, default="")
    pull_hours = models.PositiveIntegerField(null=True)
    pull_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    good_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=40, blank=True, default="")
    detail = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField()
