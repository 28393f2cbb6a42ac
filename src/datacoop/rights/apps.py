"""Django's registration of the room of rights: its jobs, and what goes with somebody who is erased."""

from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "datacoop.rights"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say who writes about claims, who looks at websites, and who lets in what waited its week."""
        from datacoop.jobs.actions import register, schedule  # noqa: PLC0415 -- models must be loaded
        from datacoop.records import erasers  # noqa: PLC0415
        from datacoop.rights import claim_mails, claim_sites, erasing  # noqa: PLC0415
        from datacoop.rights.actions import claim_steps, claiming, granting, representing  # noqa: PLC0415

        register(claim_steps.TELL, claim_mails.tell_of_claim)
        register(claim_mails.MAIL_CLAIM, claim_mails.mail_of_claim)
        register(representing.TELL_REMOVAL, claim_mails.tell_of_removal)
        register(claim_mails.MAIL_REMOVAL, claim_mails.mail_of_removal)
        register(representing.TELL_LEFT, claim_mails.tell_of_leaving)
        register(claiming.LOOK, claim_sites.look_at_site)
        register("rights.grant_due", granting.grant_due)
        schedule("rights.grant_due", every_seconds=600)
        register("rights.remove_due", representing.remove_due)
        schedule("rights.remove_due", every_seconds=600)
        erasers.register("rights.claims", at_once=erasing.forget_claims, before=erasing.forget_reasons)
        """Register the clocks of notices, and what goes with somebody who is erased."""
        # Models cannot be imported before Django is ready.
        from datacoop.jobs import actions as jobs  # noqa: PLC0415
        from datacoop.records import erasers  # noqa: PLC0415
        from datacoop.rights import links  # noqa: PLC0415
        from datacoop.rights.actions import forgetting, ticking  # noqa: PLC0415

        jobs.register("rights.make_notices", ticking.make_and_compare)
        jobs.schedule("rights.make_notices", every_seconds=600)
        jobs.register("rights.tick", ticking.tick)
        jobs.schedule("rights.tick", every_seconds=3600)
        jobs.register("rights.tidy", ticking.tidy)
        jobs.schedule("rights.tidy", every_seconds=24 * 3600)
        jobs.register("rights.sweep_links", links.sweep)
        jobs.schedule("rights.sweep_links", every_seconds=24 * 3600)
        erasers.register("rights", at_once=forgetting.forget, before=forgetting.forget_signatures)
