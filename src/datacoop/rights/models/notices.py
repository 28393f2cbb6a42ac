"""Tables of notices: who is to be told what a holder says of them, what was sent when, and what came of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Sending(models.Model):
    """Notices of one holder that leave together, in waves, once the holder and a steward have both pressed Send.

    `count`, `cost_cents` (Swiss), `first_on` and `last_on` are what both were shown, with `logo`, if any: one that
    was replaced since is gone from here. With `is_reminder` it reminds of notices that left before, and were not
    answered. Who pressed is named as actions name them: by number.
    """

    holder = models.ForeignKey("sources.Holder", models.PROTECT, related_name="+")
    channel = models.CharField(max_length=8)
    is_reminder = models.BooleanField(default=False)
    text_version = models.PositiveSmallIntegerField()
    text_sha256 = models.CharField(max_length=64)
    logo = models.ForeignKey("rights.Logo", models.SET_NULL, null=True, related_name="+")
    count = models.PositiveIntegerField()
    cost_cents = models.PositiveIntegerField(default=0)
    per_day = models.PositiveIntegerField()
    first_on = models.DateField()
    last_on = models.DateField()
    prepared_by = models.CharField(max_length=80)
    prepared_at = models.DateTimeField()
    holder_pressed_by = models.CharField(max_length=80, blank=True, default="")
    holder_pressed_at = models.DateTimeField(null=True)
    steward_pressed_by = models.CharField(max_length=80, blank=True, default="")
    steward_pressed_at = models.DateTimeField(null=True)
    stopped_by = models.CharField(max_length=80, blank=True, default="")
    stopped_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(channel__in=("mail", "letter", "merge")), name="rights_sending_channel"),
            models.CheckConstraint(
                condition=~Q(holder_pressed_by=F("steward_pressed_by")) | Q(holder_pressed_by=""),
                name="rights_sending_two_hands",
            ),
        ]

    def __str__(self) -> str:
        return f"sending {self.pk}"

    @property
    def moment(self) -> str:
        """The column that says when one of its notices left with it."""
        return "reminded_at" if self.is_reminder else "sent_at"

    def waiting(self) -> models.QuerySet[Notice]:
        """Return what has not left yet. Whoever answers, or wants no more of it, is no longer reminded."""
        if self.is_reminder:
            return Notice.objects.filter(reminder=self, state=Notice.DELIVERED, reminded_at=None, quiet_at=None)
        return Notice.objects.filter(sending=self, state=Notice.WAITING)

    def gone(self) -> models.QuerySet[Notice]:
        """Return what left with it."""
        which = {"reminder" if self.is_reminder else "sending": self, f"{self.moment}__isnull": False}
        return Notice.objects.filter(**which)


class Notice(models.Model):
    """One subject (by record number) is to be told what one holder says of it. Importing makes it and sends nothing.

    `generation` grows each time there is something new to tell; `changed_at` notes that the holder's list said
    something new since. `content` is a keyed digest of what was told. `text_sha256` and `language` are of the text
    that was sent. `reminder` is the sending of the one reminder, where that goes by post. `composed_at`: its
    letter, or its row for the holder's own mail merge, was handed out and waits to be posted. `quiet_at`: whoever
    was told wants no further mail about this content.
    """

    WAITING, SENT, DELIVERED, ANSWERED = "waiting", "sent", "told", "answered"
    RETURNED, KNOWN, LAPSED = "returned", "known", "lapsed"
    #: Not (or no longer) told: the clocks of 20 and 28 days run.
    UNTOLD: ClassVar = (WAITING, SENT, RETURNED)

    subject_id = models.BigIntegerField()
    holder = models.ForeignKey("sources.Holder", models.PROTECT, related_name="+", db_index=False)
    natural = models.BooleanField()
    state = models.CharField(max_length=8, default=WAITING)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True)
    generation = models.PositiveSmallIntegerField(default=1)
    content = models.BinaryField(null=True)
    sending = models.ForeignKey(Sending, models.PROTECT, null=True, related_name="+")
    reminder = models.ForeignKey(Sending, models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=8, blank=True, default="")
    language = models.CharField(max_length=2, blank=True, default="")
    text_version = models.PositiveSmallIntegerField(null=True)
    text_sha256 = models.CharField(max_length=64, blank=True, default="")
    composed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    quiet_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject_id", "holder"], name="rights_notice_once_per_holder"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["holder", "state", "due_at"], name="rights_notice_clock"),
            models.Index(fields=["state", "due_at"], name="rights_notice_due"),
            models.Index(fields=["changed_at"], name="rights_notice_changed", condition=Q(changed_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}"


class NoticedList(models.Model):
    """How far a list is looked through for whom to tell: up to contribution `number`, of which `after` is done.

    A contribution accepted later than `number`, or one that is `unfinished`, has notices to be made.
    """

    source_id = models.BigIntegerField(primary_key=True)
    number = models.IntegerField(default=0)
    after = models.BigIntegerField(default=-1)
    unfinished = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"noticed list {self.source_id}"


class Told(models.Model):
    """Somebody was told this content by this holder: a keyed digest, which outlives the values (and the record)."""

    digest = models.BinaryField(unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"told {self.pk}"
