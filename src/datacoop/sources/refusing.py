"""The one way to refuse a value: a stable code and a plain sentence. The row is taken without the value."""


class ValueRefused(ValueError):
    """`code` is stable; the message is for whoever keeps the list and never repeats the value."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
