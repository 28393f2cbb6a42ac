"""The table of holders' logos, as they are printed on what leaves in a holder's name."""

from __future__ import annotations

from django.db import models


class Logo(models.Model):
    """A holder's logo, drawn anew by us. Never edited: another one is another row, and the former one is gone.

    What was prepared with a logo that is gone leaves without any: nothing leaves that two people have not seen.
    """

    holder = models.OneToOneField("sources.Holder", models.PROTECT, related_name="+")
    png = models.BinaryField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64)
    kept_by = models.CharField(max_length=80)
    kept_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"logo {self.pk}"
