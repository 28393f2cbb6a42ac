"""The pipelines as a Django application; they have no tables."""

from datetime import timedelta

from django.apps import AppConfig

SWEEP_TRIES = "pipelines.sweep_tries"
PULL_LISTS = "pipelines.pull_lists"
FOLLOW_FEEDS = "pipelines.follow_feeds"
_SWEEP_SECONDS = 300
_PULL_SECONDS = 300
#: Many lists in turn may take as long; then another worker takes over.
_PULL_LEASE = timedelta(hours=6)


class PipelinesConfig(AppConfig):
    """Stories across rooms, and what they do on their own."""

    name = "datacoop.pipelines"
    label = "pipelines"
    verbose_name = "Pipelines"

    def ready(self) -> None:
        """Say what is done again and again."""
        from datacoop.jobs.actions import register, schedule  # noqa: PLC0415 -- models must be loaded
        from datacoop.pipelines import following, leaving, submitting  # noqa: PLC0415
        from datacoop.pipelines.pulling import pull_due  # noqa: PLC0415
        from datacoop.pipelines.trying.held import sweep  # noqa: PLC0415
        from datacoop.pipelines.unpublishing import register_endings  # noqa: PLC0415

        register_endings()
        register(SWEEP_TRIES, sweep)
        schedule(SWEEP_TRIES, _SWEEP_SECONDS)
        register(leaving.FINISH, leaving.finish_leaving, lease=_PULL_LEASE)
        register(PULL_LISTS, pull_due, lease=_PULL_LEASE)
        schedule(PULL_LISTS, _PULL_SECONDS)
        register(FOLLOW_FEEDS, following.follow_due, lease=_PULL_LEASE)
        schedule(FOLLOW_FEEDS, _PULL_SECONDS)
        register(submitting.TAKE, submitting.take_submissions, lease=submitting.LEASE)
        register(submitting.SWEEP, submitting.sweep_submissions)
        schedule(submitting.SWEEP, submitting.SWEEP_SECONDS)
