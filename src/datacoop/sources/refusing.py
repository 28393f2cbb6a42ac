"""The one way to refuse a value: a stable code and a plain sentence. The row is taken without the value."""

from typing import Final

MAX_LINE: Final = 500


class ValueRefused(ValueError):
    """`code` is stable; the message is for whoever keeps the list and never repeats the value."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def is_short(value: object, most: int = MAX_LINE) -> bool:
    """Whether a cell holds at most so many characters: nothing else is worth reading for this property."""
    return not isinstance(value, str | list | dict) or len(value if isinstance(value, str) else str(value)) <= most


def too_long(most: int = MAX_LINE) -> ValueRefused:
    """The refusal of a cell that holds more than its property may."""
    return ValueRefused("too-long", f"Longer than {most} characters.")
