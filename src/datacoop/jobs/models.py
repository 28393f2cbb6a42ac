"""The table of background work. Only this room touches it."""

from django.db import models
from django.db.models import Q

#: The reason of a job that waits for somebody to say, after a restore, whether its mail is to leave.
HELD = "restored"


class Job(models.Model):
    """One piece of work: waiting, running under a lease, or dead. Finished ones are removed."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DEAD = "dead"

    name = models.CharField(max_length=64)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    every_seconds = models.PositiveIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.CharField(max_length=32, default="", blank=True)
    reason = models.CharField(max_length=100, default="", blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at", "id"], condition=~Q(state="dead"), name="jobs_job_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(every_seconds__isnull=False), name="jobs_job_one_periodic"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk} {self.state}"
