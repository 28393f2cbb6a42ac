"""The table of requests: what somebody asked under their rights, by when it is owed, and what came of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from datacoop.rights.rules.requests import DONE, ERASE, GROUNDS, KINDS, LATER, RECEIVED, REFUSED, STATES


class Request(models.Model):
    """One request of a subject, named by record number. Who asked and who settled are named as actions name them.

    `words` (what is to be corrected) and `reply` (what a steward answered) are sealed under keys of their own. Of an
    erasure that was carried out stays that there was one, and when: neither for whom nor who asked.
    """

    subject_id = models.BigIntegerField(null=True, db_index=True)
    kind = models.CharField(max_length=8)
    state = models.CharField(max_length=8, default=RECEIVED)
    asked_by = models.CharField(max_length=80, blank=True, default="")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    language = models.CharField(max_length=2, blank=True, default="")
    words = models.BinaryField(null=True)
    extended_at = models.DateTimeField(null=True)
    later_because = models.CharField(max_length=12, blank=True, default="")
    settled_by = models.CharField(max_length=80, blank=True, default="")
    settled_at = models.DateTimeField(null=True)
    refused_because = models.CharField(max_length=12, blank=True, default="")
    reply = models.BinaryField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "due_at"], name="rights_request_clock")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="rights_request_kind"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="rights_request_state"),
            models.CheckConstraint(
                condition=Q(state=REFUSED, refused_because__in=GROUNDS) | (~Q(state=REFUSED) & Q(refused_because="")),
                name="rights_request_refused_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(extended_at__isnull=True, later_because="")
                | Q(extended_at__isnull=False, later_because__in=LATER),
                name="rights_request_later_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(state=RECEIVED, settled_at__isnull=True)
                | (~Q(state=RECEIVED) & Q(settled_at__isnull=False)),
                name="rights_request_settled_once",
            ),
            models.CheckConstraint(
                condition=Q(subject_id__isnull=False) | Q(kind=ERASE, state=DONE, asked_by="", settled_by=""),
                name="rights_request_whose",
            ),
        ]

    def __str__(self) -> str:
        return f"request {self.pk} ({self.kind})"
