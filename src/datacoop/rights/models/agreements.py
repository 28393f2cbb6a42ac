"""The table of contribution agreements: on what footing a holder shares its lists, and until when."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class ContributionAgreement(models.Model):
    """A holder signed one version of the text; never edited, only ended by what leaves or by a later one.

    `signed_by` is who pressed or entered it, by number; `signatory` the name and function under the text. `bases` is
    the legal basis for each group of columns. `paper_on` is the date of a paper that a steward keeps. `leaves` says
    what becomes of the lists after the exit: they are taken back, or kept without the holder's name.
    """

    holder = models.ForeignKey("sources.Holder", models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=2)
    sha256 = models.CharField(max_length=64)
    bases = models.JSONField(default=dict)
    signatory = models.CharField(max_length=200)
    signed_by = models.CharField(max_length=80)
    signed_at = models.DateTimeField()
    paper_on = models.DateField(null=True)
    leaves = models.CharField(max_length=10)
    ended_by = models.CharField(max_length=80, blank=True, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["holder"], condition=Q(ended_at__isnull=True), name="rights_agreement_one_in_force"
            ),
            models.CheckConstraint(condition=Q(leaves__in=("withdraw", "keep")), name="rights_agreement_leaves"),
        ]

    def __str__(self) -> str:
        return f"contribution agreement {self.pk}"
