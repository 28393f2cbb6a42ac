"""The table of the yearly question whether what is said of somebody is still correct."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Confirmation(models.Model):
    """One organisation or person (by record number): when last asked, and when it last answered that all is correct.

    `looked_at`: when there was nothing to ask a person, or no way to. `quiet_at`: the person wants no such mail.
    """

    record_id = models.BigIntegerField(primary_key=True)
    asked_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    quiet_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["asked_at"], name="rights_confirmation_asked")]

    def __str__(self) -> str:
        return f"confirmation {self.pk}"
