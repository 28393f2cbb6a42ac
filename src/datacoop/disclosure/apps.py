"""The disclosure room, as Django knows it."""

from django.apps import AppConfig


class DisclosureConfig(AppConfig):
    """Tables of views and index rows, and the listener that compiles them."""

    name = "datacoop.disclosure"
    label = "disclosure"

    def ready(self) -> None:
        """Listen to the records that change; without this, revisions refuse to commit."""
        from datacoop.disclosure.compile.listening import compile_change  # noqa: PLC0415 -- models must be loaded
        from datacoop.records.signals import records_changed  # noqa: PLC0415

        records_changed.connect(compile_change, dispatch_uid="disclosure.compile")
