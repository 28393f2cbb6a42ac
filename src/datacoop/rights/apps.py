"""Django's registration of the room of rights: its jobs, and what goes with somebody who is erased."""

from datetime import timedelta

from django.apps import AppConfig

_SOON, _HOURLY, _DAILY = 600, 3600, 24 * 3600
#: A long list, or a slow mail server, takes its time; then another worker takes over.
_LEASE = timedelta(hours=2)


class RightsConfig(AppConfig):
    name = "datacoop.rights"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what each procedure does in the background, and forgets. Models cannot be imported before."""
        _claims()
        _notices()
        _corrections()
        _requests()
        _endings()


def _claims() -> None:
    """Who writes about claims, who looks at websites, and who lets in what waited its week."""
    from datacoop.jobs.actions import register, schedule  # noqa: PLC0415
    from datacoop.records import erasers  # noqa: PLC0415
    from datacoop.rights import claim_mails, claim_sites, erasing  # noqa: PLC0415
    from datacoop.rights.actions import claim_steps, claiming, granting, representing  # noqa: PLC0415

    register(claim_steps.TELL, claim_mails.tell_of_claim, mails=True)
    register(claim_mails.MAIL_CLAIM, claim_mails.mail_of_claim, mails=True)
    register(representing.TELL_REMOVAL, claim_mails.tell_of_removal, mails=True)
    register(claim_mails.MAIL_REMOVAL, claim_mails.mail_of_removal, mails=True)
    register(representing.TELL_LEFT, claim_mails.tell_of_leaving, mails=True)
    register(claiming.LOOK, claim_sites.look_at_site)
    register("rights.grant_due", granting.grant_due)
    schedule("rights.grant_due", _SOON)
    register("rights.remove_due", representing.remove_due)
    schedule("rights.remove_due", _SOON)
    erasers.register("rights.representing", at_once=erasing.leave_others)
    erasers.register("rights.claims", at_once=erasing.forget_claims, before=erasing.forget_reasons)


def _notices() -> None:
    """The clocks of notices."""
    from datacoop.jobs.actions import register, schedule  # noqa: PLC0415
    from datacoop.records import erasers  # noqa: PLC0415
    from datacoop.rights import links  # noqa: PLC0415
    from datacoop.rights.actions import closing, desks, forgetting, ticking  # noqa: PLC0415

    register("rights.make_notices", ticking.make_and_compare, lease=_LEASE)
    schedule("rights.make_notices", _SOON)
    register(desks.TELL, desks.tell_of_desk, mails=True)
    register(closing.MAIL, closing.mail_closing, mails=True)
    register("rights.tick", ticking.tick, lease=_LEASE)
    schedule("rights.tick", _HOURLY)
    register("rights.tidy", ticking.tidy)
    schedule("rights.tidy", _DAILY)
    register("rights.sweep_links", links.sweep)
    schedule("rights.sweep_links", _DAILY)
    erasers.register("rights.notices", at_once=forgetting.forget, before=forgetting.forget_signatures)


def _corrections() -> None:
    """Reports, objections, and the question whether all is still correct."""
    from datacoop.jobs.actions import register, schedule  # noqa: PLC0415
    from datacoop.records import erasers  # noqa: PLC0415
    from datacoop.rights.actions import answering, asking_persons, confirming, objecting, reporting, ruling  # noqa: PLC0415

    register(reporting.ANSWERED, reporting.answer_report, mails=True)
    register(reporting.SWEEP, reporting.sweep_reports)
    schedule(reporting.SWEEP, _DAILY)
    register(reporting.ARRIVED, reporting.tell_of_report, mails=True)
    register(reporting.RETIRED, reporting.tell_of_retiring, mails=True)
    register(confirming.ASK, confirming.ask_if_correct)
    schedule(confirming.ASK, _DAILY)
    register(confirming.ASK_ONE, confirming.ask_one, mails=True)
    register(asking_persons.ASK, asking_persons.ask_persons)
    schedule(asking_persons.ASK, _DAILY)
    register(asking_persons.ASK_ONE, asking_persons.ask_one, mails=True)
    register(ruling.TELL, ruling.tell_of_ruling, mails=True)
    register(answering.TELL_CODE, ruling.tell_of_code, mails=True)
    erasers.register("rights.objections", at_once=objecting.forget)
    erasers.register("rights.reports", at_once=reporting.forget, before=reporting.forget_naming)
    erasers.register("rights.confirmations", at_once=confirming.forget)


def _requests() -> None:
    """The mails about requests, and what is told somebody of everything kept of them."""
    from datacoop.jobs.actions import register  # noqa: PLC0415
    from datacoop.records import erasers, tellers  # noqa: PLC0415
    from datacoop.rights import erasing, telling  # noqa: PLC0415
    from datacoop.rights.actions import settling  # noqa: PLC0415

    register(settling.JOB, settling.tell_settled, mails=True)
    tellers.register("rights", telling.tell)
    erasers.register("rights.requests", at_once=erasing.forget_requests)


def _endings() -> None:
    """What an old backup holds alive that was ended."""
    from datacoop.rights.ending import register_endings  # noqa: PLC0415

    register_endings()
