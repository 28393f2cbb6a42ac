"""Tables of linking: what is compared of each record, the keys of its blocks, look-alikes, people's judgements.

Contacts are stored as keyed digests only. Rows belong to a contribution like the statements they come from: they count
once it is accepted, and stop counting with the one that ends them.
"""

from __future__ import annotations

from django.db import models


class ProfileRow(models.Model):
    """The profile of a record as one contribution left it: as lists, and as the row of numbers that is compared.

    `keys` are the numbers of its rows in `Key`, eight bytes each, lowest byte first.
    """

    record_id = models.BigIntegerField(db_index=True)
    source_id = models.BigIntegerField()
    begin_contribution = models.IntegerField()
    end_contribution = models.IntegerField(null=True)
    packed = models.TextField()
    encoded = models.BinaryField()
    keys = models.BinaryField()
    version = models.SmallIntegerField(default=1)

    class Meta:
        indexes = (
            models.Index(fields=["source_id", "begin_contribution"], name="linking_profile_begun"),
            models.Index(
                fields=["source_id", "end_contribution"],
                name="linking_profile_ended",
                condition=models.Q(end_contribution__isnull=False),
            ),
        )


class Key(models.Model):
    """A number that records likely to be one have in common: the inverted index of blocks.

    It is the first 64 bits of a digest, keyed where it stands for a contact. Two that fall together cost a comparison.
    """

    pk = models.CompositePrimaryKey("number", "profile")
    number = models.BigIntegerField()
    # Fifteen for each profile: neither constraint nor index. Whoever deletes profiles deletes their keys, by `keys`.
    profile = models.ForeignKey(ProfileRow, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)


class LookAlike(models.Model):
    """Two records that a person should look at.

    `reasons` never holds values: `codes` of what both have in common, `veto` of what forbids to merge them.
    """

    OPEN = "open"
    JUDGED = "judged"

    first = models.BigIntegerField()
    second = models.BigIntegerField(db_index=True)
    reasons = models.JSONField()
    weight = models.FloatField()
    found_at = models.DateTimeField()
    state = models.CharField(max_length=6, default=OPEN)
    source_id = models.BigIntegerField(null=True)
    contribution = models.IntegerField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["first", "second"], name="linking_lookalike_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="linking_lookalike_ordered"),
        )
        indexes = (models.Index(fields=["state", "-weight"], name="linking_lookalike_review"),)


class Judgement(models.Model):
    """What a person said of two records, remembered for ever; only another judgement takes its place."""

    first = models.BigIntegerField()
    second = models.BigIntegerField(db_index=True)
    verdict = models.CharField(max_length=9)
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["first", "second"],
                name="linking_judgement_standing",
                condition=models.Q(reversed_at__isnull=True),
            ),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="linking_judgement_ordered"),
        )
