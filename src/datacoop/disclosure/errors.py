"""What reading can meet."""


class Due(Exception):
    """Something is due: settle it (`actions.settle`) and ask again, or answer 503."""
