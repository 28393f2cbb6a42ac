"""Keep a copy of a cooperative's records in step, as a client or the public: for cron."""

import click

from datacoop.cli.reference_client import main


@click.command(
    help=__doc__, add_help_option=False, context_settings={"ignore_unknown_options": True, "help_option_names": []}
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> int:
    # The client reads its own arguments, as it does where it stands alone.
    try:
        return main(list(arguments), program="datacoop sync")
    except SystemExit as told:
        return int(told.code or 0)
