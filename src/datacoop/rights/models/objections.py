"""Tables of what a subject tells holders: take me out, and this is how it is right."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Objection(models.Model):
    """Somebody objects to being published by one holder, record by record; the holder answers once.

    `note` are the holder's own words to whoever objected.
    """

    record_id = models.BigIntegerField()
    holder = models.ForeignKey("sources.Holder", models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    answer = models.CharField(max_length=8, blank=True, default="")
    note = models.CharField(max_length=500, blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["record_id", "holder"], condition=Q(answered_at__isnull=True), name="rights_objection_open_once"
            ),
            models.CheckConstraint(condition=Q(answer__in=("", "removed", "kept")), name="rights_objection_answer"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="rights_objection_answered_whole",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["holder", "record_id"], name="rights_objection_holder")]

    def __str__(self) -> str:
        return f"objection {self.pk}"


class Passed(models.Model):
    """What a subject says itself of one property is passed on to one holder that names it, whoever else sees it."""

    record_id = models.BigIntegerField()
    holder = models.ForeignKey("sources.Holder", models.PROTECT, related_name="+", db_index=False)
    property = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record_id", "holder", "property"], name="rights_passed_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["holder", "record_id"], name="rights_passed_holder")]

    def __str__(self) -> str:
        return f"passed {self.pk}"
