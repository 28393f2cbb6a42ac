"""Tables of audiences, agreements, decisions, restrictions and notices."""

from __future__ import annotations

from django.db import models

from datacoop.consent.rules import LONGEST_REASON


class Audience(models.Model):
    """One compiled audience. Numbers grow towards the leaves: a child is always made after its parent.

    A version of terms hears what is said to a class: `heard`. `opens` is the most that a word to it may show, a list of
    `kind.property` as JSON; empty text: whatever the word names.
    """

    id = models.SmallIntegerField(primary_key=True)
    key = models.CharField(max_length=80, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    heard = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    opens = models.TextField(blank=True, default="")


class Agreement(models.Model):
    """One client's signature under some terms, and the key of the ids it sees.

    A `live_only` client shows what it asks for and keeps nothing: it takes no exports and no feed, and owes no word.
    Nothing new that is not public reaches it from `held_at` until it acknowledged what it was to erase long ago.
    It `waited` under a version of its terms that no grant to its class reaches, until it joined at `joined_at`.
    `purposes` (codes with a blank between) and `retention_days` are empty where it signed what the terms say. So many
    requests it may make `per_minute`; empty: as many as any client.
    """

    uid = models.CharField(max_length=40, primary_key=True)
    name = models.CharField(max_length=200)
    terms = models.CharField(max_length=60)
    audience = models.OneToOneField(Audience, models.PROTECT, related_name="+")
    id_key = models.BinaryField()
    hours_to_erase = models.SmallIntegerField()
    signed_at = models.DateTimeField()
    suspended_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True)
    live_only = models.BooleanField(default=False)
    country = models.CharField(max_length=2, blank=True, default="")
    purposes = models.TextField(blank=True, default="")
    retention_days = models.SmallIntegerField(null=True)
    waited = models.ForeignKey(Audience, models.PROTECT, null=True, related_name="+")
    joined_at = models.DateTimeField(null=True)
    per_minute = models.IntegerField(null=True)


class Decision(models.Model):
    """The subject's word: this audience sees (or does not see) this property, from–until. Empty property: the whole.

    How it was given (`rules.DecisionContext`) is empty where nobody said.
    """

    record_id = models.BigIntegerField()
    property = models.CharField(max_length=60, blank=True, default="")
    audience = models.ForeignKey(Audience, models.PROTECT, related_name="+")
    shows = models.BooleanField()
    purpose = models.CharField(max_length=40, blank=True, default="")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    actor = models.CharField(max_length=80)
    reason = models.CharField(max_length=LONGEST_REASON, blank=True, default="")
    method = models.CharField(max_length=20, blank=True, default="")
    capacity = models.CharField(max_length=20, blank=True, default="")
    language = models.CharField(max_length=8, blank=True, default="")
    notice_version = models.CharField(max_length=60, blank=True, default="")
    notice_sha256 = models.CharField(max_length=64, blank=True, default="")
    begin_revision = models.BigIntegerField()
    end_revision = models.BigIntegerField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["record_id"], name="consent_decision_record"),
            # An erasure finds what an account decided, under the writers' lock.
            models.Index(fields=["actor"], name="consent_decision_actor"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True) | models.Q(valid_until__gt=models.F("valid_from")),
                name="consent_decision_ends_after_start",
            ),
        )


class Restriction(models.Model):
    """The subject restricted processing or objected (GDPR 18, 21; LPD 30, 32): nothing is disclosed to anyone.

    `whole`: of nothing that is about this record as its subject either, nor will be.
    """

    record_id = models.BigIntegerField(db_index=True)
    ground = models.CharField(max_length=20)
    whole = models.BooleanField(default=False)
    at = models.DateTimeField()
    begin_revision = models.BigIntegerField()
    end_revision = models.BigIntegerField(null=True)


class Withholding(models.Model):
    """The subject chose that nothing be shown: so little is shown of what is said later of anything about it, too.

    With `source_id` only of what that list speaks of.
    """

    record_id = models.BigIntegerField(db_index=True)
    source_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    begin_revision = models.BigIntegerField()
    end_revision = models.BigIntegerField(null=True)


class NoticeState(models.Model):
    """Whether the subject of a record was told what a source says, and whether they objected."""

    record_id = models.BigIntegerField()
    source_id = models.BigIntegerField()
    delivered_at = models.DateTimeField(null=True)
    objected_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["record_id", "source_id"], name="consent_notice_once_per_source"),
        )


class Unindexed(models.Model):
    """The subject wants no search engine to list the page of a record, whoever may see it."""

    record_id = models.BigIntegerField(db_index=True)
    at = models.DateTimeField()
    begin_revision = models.BigIntegerField()
    end_revision = models.BigIntegerField(null=True)


class Dispute(models.Model):
    """A steward found that neither truth nor error of a property can be shown: a mark stands beside it (LPD 32(3))."""

    record_id = models.BigIntegerField(db_index=True)
    property = models.CharField(max_length=60)
    reason = models.CharField(max_length=LONGEST_REASON)
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()
    begin_revision = models.BigIntegerField()
    end_revision = models.BigIntegerField(null=True)


class Minority(models.Model):
    """A person was known to be under age when their birth date was accepted: until then nothing of them is shown."""

    record_id = models.BigIntegerField(unique=True)
    until = models.DateTimeField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"minority {self.pk}"
