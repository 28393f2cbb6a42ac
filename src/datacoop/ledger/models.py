"""The ledger's tables: the chain and its end, the trees over it, what was signed. Only this room writes them."""

from django.db import models


class Entry(models.Model):
    """One link of the chain. Written once by `actions.append`, never changed, never removed."""

    number = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=64, db_index=True)
    payload = models.JSONField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(number__gte=1), name="ledger_entry_number_from_1"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"


class Head(models.Model):
    """The one row that says where the chain ends, so that a lost tail is seen and two writers collide."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="ledger_head_one_row")]

    def __str__(self) -> str:
        return f"head at {self.number}"


class Checkpoint(models.Model):
    """The signed root of the first `size` entries. `signed` is a compact JWS over what `root`, `at`, `previous` say.

    A `daily` one was taken by the clock and is shown to everybody; any other because somebody asked for a proof.
    """

    size = models.PositiveBigIntegerField(primary_key=True)
    root = models.CharField(max_length=64)
    at = models.DateTimeField()
    previous = models.PositiveBigIntegerField()
    signed = models.TextField()
    daily = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["size"], condition=models.Q(daily=True), name="ledger_checkpoint_daily")]

    def __str__(self) -> str:
        return f"checkpoint at {self.size}"


class Subtree(models.Model):
    """The tree whose root one entry holds, over keyed digests of whom or what the entry concerns.

    `name` says of what (`contribution:7:3`); `entry` is null until the entry is appended.
    """

    name = models.CharField(max_length=100, primary_key=True)
    size = models.PositiveBigIntegerField()
    root = models.CharField(max_length=64)
    entry = models.PositiveBigIntegerField(null=True, unique=True)

    def __str__(self) -> str:
        return f"{self.name} of {self.size}"


class Tile(models.Model):
    """The root over one full stretch of a tree's leaves, so that no proof hashes them all again.

    `tree` is a subtree's name, empty for the tree over the chain. A subtree's tiles hold its leaves, 32 bytes each, in
    the order of the leaves themselves: `first` finds one. The chain's leaves are its entries' hashes.
    """

    tree = models.CharField(max_length=100, blank=True, default="")
    position = models.PositiveBigIntegerField()
    root = models.BinaryField(max_length=32)
    first = models.CharField(max_length=64, blank=True, default="")
    leaves = models.BinaryField(default=b"")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tree", "position"], name="ledger_tile_once")]

    def __str__(self) -> str:
        return f"tile {self.position} of {self.tree or 'the chain'}"
