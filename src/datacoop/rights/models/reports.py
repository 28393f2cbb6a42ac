"""The table of what visitors tell us without an account: an association that is missing, an error, one that is gone."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Report(models.Model):
    """One report, until it is settled; then `text`, `cells` and `email` are emptied.

    `record_uid` is the page it was written on, none for a new one, whose form stands in `cells`. `email` is where the
    answer goes, if one is wanted. `reason` is what whoever settled it answers.
    """

    kind = models.CharField(max_length=5)
    record_uid = models.UUIDField(null=True, db_index=True)
    text = models.TextField(blank=True, default="")
    cells = models.JSONField(default=dict)
    email = models.EmailField(blank=True, default="")
    language = models.CharField(max_length=2)
    created_at = models.DateTimeField()
    state = models.CharField(max_length=8, default="waiting")
    reason = models.CharField(max_length=500, blank=True, default="")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=("add", "error", "gone")), name="rights_report_kind"),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "accepted", "declined")), name="rights_report_state"
            ),
            models.CheckConstraint(
                condition=(Q(kind="add") & Q(record_uid__isnull=True)) | (~Q(kind="add") & Q(record_uid__isnull=False)),
                name="rights_report_about",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "created_at"], name="rights_report_waiting")]

    def __str__(self) -> str:
        return f"report {self.pk}"
