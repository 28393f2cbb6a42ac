"""The table of messages written to organisations, waiting for a steward."""

from django.db import models
from django.db.models import Q

from . import rules


class RelayMessage(models.Model):
    """A visitor's message to a record, named by its plain uid, or to the cooperative (none); erased when settled."""

    record_uid = models.UUIDField(null=True)
    sender_name = models.CharField(max_length=rules.LONGEST_NAME, blank=True)
    sender_email = models.EmailField(blank=True)
    text = models.TextField(max_length=rules.LONGEST_MESSAGE, blank=True)
    language = models.CharField(max_length=2)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, default="waiting")

    class Meta:
        indexes = [models.Index(fields=["state", "created_at"], name="directory_message_waiting")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=rules.STATES), name="directory_message_state"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk} ({self.state})"
