"""Log lines without personal data: an exception is told by its type and place, never by its message.

Messages of exceptions carry values (PostgreSQL quotes the offending row), and a log is erased by nobody.
"""

import logging
import re
import traceback
from types import TracebackType

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


#: Such an address is the key to what stands there, and Django's log tells every address that was refused.
_KEY = re.compile(r"(/(?:try|sign-in|upload|n)/)\S+", re.IGNORECASE)
#: The number of a record would say for ever who looked at what of whom, also of somebody who was erased since.
_UID = re.compile(r"(?<=/)[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b", re.IGNORECASE)


class Discreet(logging.Formatter):
    """Formats exceptions as frames and type names, following their causes; leaves out keys and numbers of records."""

    def format(self, record: logging.LogRecord) -> str:
        return _UID.sub("…", _KEY.sub(r"\1…", super().format(record)))

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 (the standard library's name)
        lines: list[str] = []
        error = ei[1]
        while error is not None:
            frames = traceback.extract_tb(error.__traceback__)
            lines += [f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}' for frame in frames]
            lines.append(f"{type(error).__module__}.{type(error).__qualname__}")
            error = error.__cause__ or error.__context__
        return "\n".join(lines)
