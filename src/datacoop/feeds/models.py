"""Where clients are told that their feed has something new, and what they could not be told yet."""

from __future__ import annotations

import uuid

from django.db import models

from datacoop.feeds.rules import LONGEST_ADDRESS, STATES, WAITING


class Webhook(models.Model):
    """The one address of a client, and what messages to it are signed with, sealed.

    `position` is where its feed ended when it was last told, or gave the address: from there on something is new.
    `gone_at`: the address answered that it wants no more (410); nothing is sent until it is given again.
    """

    agreement = models.CharField(max_length=40, unique=True)
    address = models.CharField(max_length=LONGEST_ADDRESS)
    secret = models.BinaryField()
    former_secret = models.BinaryField(null=True)
    former_until = models.DateTimeField(null=True)
    position = models.JSONField()
    given_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    reached_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"webhook {self.pk}"


class Message(models.Model):
    """That a client's feed had something after `position`, while it waits to be said or was given up; then removed.

    `problem` says why the last attempt failed: a code of `sources.reaching`, with the answer's `status` where it had.
    """

    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="messages")
    position = models.JSONField()
    made_at = models.DateTimeField()
    state = models.CharField(max_length=8, default=WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    problem = models.CharField(max_length=40, blank=True, default="")
    status = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="feeds_message_state"),
            models.UniqueConstraint(
                fields=["webhook"], condition=models.Q(state=WAITING), name="feeds_message_one_waits"
            ),
        )

    def __str__(self) -> str:
        return f"message {self.pk}"

    @property
    def name(self) -> str:
        """What the receiver knows it by: the same at each attempt."""
        return f"msg_{self.uid.hex}"
