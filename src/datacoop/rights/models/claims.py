"""Tables of claims and of removals: who asks to represent whom, what they showed, who objected, who settled it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from datacoop.accounts.rules import REPRESENTING
from datacoop.rights.rules.claims import METHODS, REMOVAL_STATES, RUNNING, STATES


class Claim(models.Model):
    """An account asks to represent an organisation, named by its plain uid.

    `seed` gives, under the secret key, what is put on a website; `code_id` is the code that was sent last.
    `objected_by`, `settled_by` name by number (`account:7`, `claim:5`, `steward:1`) or as `mailbox`; `reason` is what
    the steward wrote down. While it waits, `settled_by` is the steward on whose word it does. `hands` are all stewards,
    parted by blanks, who printed or posted its letter or said yes to it. The mandates that come of it are `accounts`'
    and say `claim:NUMBER`.
    """

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="+")
    subject_uid = models.UUIDField(db_index=True)
    scope = models.CharField(max_length=8)
    method = models.CharField(max_length=16)
    state = models.CharField(max_length=10, default="open")
    seed = models.UUIDField(default=uuid.uuid4)
    code_id = models.BigIntegerField(null=True)
    language = models.CharField(max_length=2, default="fr")
    #: Of an invitation: by whom, and whether they leave when it is taken up.
    invited_by = models.ForeignKey("accounts.Account", models.SET_NULL, null=True, related_name="+")
    hands_over = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    posted_at = models.DateTimeField(null=True)
    proven_at = models.DateTimeField(null=True)
    #: When it counts, unless somebody objects before.
    due_at = models.DateTimeField(null=True)
    granted_at = models.DateTimeField(null=True)
    frozen_at = models.DateTimeField(null=True)
    objected_by = models.CharField(max_length=40, blank=True, default="")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=80, blank=True, default="")
    reason = models.CharField(max_length=500, blank=True, default="")
    hands = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(scope__in=REPRESENTING), name="rights_claim_scope"),
            models.CheckConstraint(condition=Q(method__in=METHODS), name="rights_claim_method"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="rights_claim_state"),
            # What waits was shown, and has its day.
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(proven_at__isnull=False, due_at__isnull=False),
                name="rights_claim_waits_proven",
            ),
            models.UniqueConstraint(
                fields=["account", "subject_uid"], condition=Q(state__in=RUNNING), name="rights_claim_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "due_at"], name="rights_claim_clock"),
        ]

    def __str__(self) -> str:
        return f"claim {self.pk}"


class Removal(models.Model):
    """One who decides for an organisation proposes that another no more does so, or no more represents it.

    `scope`: `edit` takes everything away, `decide` only the deciding.
    """

    subject_uid = models.UUIDField(db_index=True)
    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="+")
    proposed_by = models.ForeignKey("accounts.Account", models.CASCADE, related_name="+")
    scope = models.CharField(max_length=8)
    state = models.CharField(max_length=10, default="waiting")
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    objected_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=80, blank=True, default="")
    reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(scope__in=REPRESENTING), name="rights_removal_scope"),
            models.CheckConstraint(condition=Q(state__in=REMOVAL_STATES), name="rights_removal_state"),
            models.CheckConstraint(condition=~Q(account=models.F("proposed_by")), name="rights_removal_of_another"),
            models.UniqueConstraint(
                fields=["account", "subject_uid"],
                condition=Q(state__in=("waiting", "frozen")),
                name="rights_removal_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "due_at"], name="rights_removal_clock"),
        ]

    def __str__(self) -> str:
        return f"removal {self.pk}"
