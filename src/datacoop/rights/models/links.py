"""The table of links and letter codes: what finds one, never one itself."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Link(models.Model):
    """One way to a subject's page without an account. Token and code follow from `seed` under the secret key.

    Only keyed digests of them stand here, so a copy of the database opens nothing. `held_by` are all, as revisions name
    them and parted by blanks, who were handed a letter or a row with the code. `account_id`: whose link it is, where it
    was sent to somebody who represents its subject; it opens for as long as they do.
    """

    seed = models.UUIDField(unique=True)
    token_digest = models.CharField(max_length=64, unique=True)
    code_digest = models.CharField(max_length=64, unique=True)
    subject_uid = models.UUIDField(db_index=True)
    notice_id = models.BigIntegerField(null=True, db_index=True)
    account_id = models.BigIntegerField(null=True)
    #: How it travels: `mail` to somebody's own address, `shared` to a mailbox several read, `letter` by post.
    channel = models.CharField(max_length=10)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    held_by = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(channel__in=("mail", "shared", "letter")), name="rights_link_channel"
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("made_at")), name="rights_link_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"link {self.pk}"
