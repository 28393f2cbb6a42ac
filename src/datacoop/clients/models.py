"""What clients apply for, whom they are written to, and what they were reminded of."""

from __future__ import annotations

from django.db import models

from datacoop.clients.rules import OPEN, STATES

LATE, HELD = STEPS = ("late", "held")


class Contact(models.Model):
    """An address that a client gave, and the language that is read there."""

    agreement = models.CharField(max_length=40)
    email = models.EmailField()
    language = models.CharField(max_length=2)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["agreement", "email"], name="clients_contact_once"),)

    def __str__(self) -> str:
        return f"contact {self.pk}"


class Reminder(models.Model):
    """That a client was reminded: something is not acknowledged in time, or something is held back for it."""

    agreement = models.CharField(max_length=40, db_index=True)
    step = models.CharField(max_length=8)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(step__in=STEPS), name="clients_reminder_step"),)

    def __str__(self) -> str:
        return f"reminder {self.pk}"


class Application(models.Model):
    """What a client asks for and has signed; `agreement` is what its agreement is called once it is approved.

    `purposes` and `properties` (`kind.property`) have blanks between; no properties: all that the terms name. Approved
    by stewards or by a `vote`, whose number, day and place of publication stand here.
    """

    agreement = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    regime = models.CharField(max_length=16)
    terms = models.CharField(max_length=60)
    purposes = models.TextField()
    properties = models.TextField(blank=True, default="")
    retention_days = models.SmallIntegerField()
    hours_to_erase = models.SmallIntegerField()
    live_only = models.BooleanField(default=False)
    applicant = models.BigIntegerField(db_index=True)
    signatory = models.CharField(max_length=200)
    text_version = models.SmallIntegerField()
    text_language = models.CharField(max_length=2)
    text_sha256 = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    state = models.CharField(max_length=10, default=OPEN)
    notice_until = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True, default="")
    vote = models.CharField(max_length=40, blank=True, default="")
    vote_on = models.DateField(null=True)
    vote_at = models.CharField(max_length=300, blank=True, default="")
    told_at = models.DateTimeField(null=True)
    joins_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(state__in=STATES), name="clients_application_state"),)

    def __str__(self) -> str:
        return f"application {self.pk}"


class Assent(models.Model):
    """That a steward approves of an application: two do, or one and three days in which everybody may speak up."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="assents")
    steward = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["application", "steward"], name="clients_assent_once"),)

    def __str__(self) -> str:
        return f"assent {self.pk}"
