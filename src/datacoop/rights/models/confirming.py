"""The table of answers that a steward entered and that wait for a code to come back by post."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class PendingAnswer(models.Model):
    """Somebody asked by paper or telephone for more to be shown: done once the code of letter `link_id` comes back.

    `choice` is one of the three; `method` how it reached us; `seen` the last word there was: a later one counts more.
    `printed_by` are all, as revisions name them and parted by blanks, who held the letter's code. No value and no code
    stands here.
    """

    subject_uid = models.UUIDField(db_index=True)
    notice_id = models.BigIntegerField()
    choice = models.CharField(max_length=10)
    method = models.CharField(max_length=10)
    language = models.CharField(max_length=2, blank=True, default="")
    link_id = models.BigIntegerField(unique=True)
    seen = models.BigIntegerField()
    entered_by = models.CharField(max_length=80)
    entered_at = models.DateTimeField()
    printed_at = models.DateTimeField(null=True)
    printed_by = models.TextField(blank=True, default="")
    posted_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(method__in=("paper", "telephone")), name="rights_pending_method"),
        ]

    def __str__(self) -> str:
        return f"pending answer {self.pk}"


class Alert(models.Model):
    """A day on which stewards were written to about notices that run out: one mail a day at most."""

    day = models.DateField(unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"alert {self.day}"
