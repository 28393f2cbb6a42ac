"""From bytes to text that can be read: the encoding of a file, and characters that nobody sees. No file access.

UTF-8 is proved, not guessed. A file of two encodings (lines pasted from elsewhere) is read as UTF-8, and what is
none as the encoding whose letters people use.
"""

import codecs
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import charset_normalizer

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_USUAL: Final = frozenset("éèêëàâäùûüîïôöçœæßñíóúáìòÉÈÊÀÂÄÔÖÜÛÎÇŒÙ’‘“”«»–—…·°€ºª§²³½´ ­•áÁ")
_ONE_BYTE: Final = ("cp1252", "iso8859_15", "mac_roman", "cp850")
#: Encodings of other languages, recognised by their letters where the usual ones make no sense.
_OTHERS: Final = [
    "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp852", "cp866", "koi8_r", "koi8_u",
    "iso8859_2", "iso8859_5", "iso8859_7", "iso8859_9", "mac_latin2", "mac_cyrillic", "cp932", "euc_jp", "euc_kr",
    "gb18030", "big5",
]  # fmt: skip
#: Bytes that make a letter or mark in UTF-8 and that nobody writes side by side in a one-byte encoding.
_WHOLE: Final = re.compile(rb"[\xc3\xc5][\x80-\xbf]|\xe2[\x80-\x82][\x80-\xbf]|\xf0\x9f[\x80-\xbf]{2}")
#: Of what every encoding writes alike only the ends are kept: they tell inside of a word from outside.
_ASCII_RUN: Final = re.compile(rb"([\x00-\x7f])[\x00-\x7f]+([\x00-\x7f])")
#: Signs that stand inside a word only where the encoding was mistaken.
_INSIDE: Final = re.compile(r"[a-zà-ÿ](?:[A-ZÀ-Ý]|[½¼¾¤¦¨´¸])[a-zà-ÿ]")
_ODD_BYTES: Final = 200_000
_SAMPLE_BYTES: Final = 20_000
_SURE: Final = 0.6


@dataclass(frozen=True)
class Decoding:
    """How to decode a file: codec and error handler; `certain` unless recognised by its letters alone.

    `odd_line` is the first line, counted from 1, that is not of the encoding of the rest.
    """

    codec: str
    errors: str = "strict"
    certain: bool = True
    odd_line: int | None = None
    other: str | None = None

    @property
    def name(self) -> str:
        return "utf-8-bom" if self.codec == "utf-8-sig" else self.codec

    def text(self, data: bytes) -> str:
        return data.decode(self.codec, self.errors)


def decoding_of(chunks: Iterable[bytes]) -> Decoding:
    """The decoding of a text of which the chunks are all the bytes, in order."""
    search = _Search()
    for chunk in chunks:
        marked = search.look(chunk)
        if marked:
            return Decoding(marked, "replace")
    return search.verdict()


class _Search:
    """Reads the chunks once and keeps what tells encodings apart."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._odd, self._sample = bytearray(), bytearray()
        self._first, self._lines, self._codec = True, 1, "utf-8"
        self.broken: int | None = None

    def look(self, chunk: bytes) -> str | None:
        """Take the next bytes; the encoding, if these say it themselves."""
        if self._first:
            self._first = False
            marked = _marked(chunk)
            if marked and marked != "utf-8-sig":
                return marked
            self._codec = marked or "utf-8"
        if self.broken is None:
            self._prove(chunk)
        if self.broken is not None or len(self._odd) < _ODD_BYTES:
            self._keep(chunk)
        return None

    def _prove(self, chunk: bytes) -> None:
        pending = len(self._decoder.getstate()[0])
        try:
            self._decoder.decode(chunk)
        except UnicodeDecodeError as error:
            self.broken = self._lines + _ends(chunk[: max(0, error.start - pending)])
        self._lines += _ends(chunk)

    def _keep(self, chunk: bytes) -> None:
        if len(self._odd) < _ODD_BYTES:
            self._odd += _ASCII_RUN.sub(rb"\1 \2", chunk)
        if len(self._sample) < _SAMPLE_BYTES:
            for line in chunk.splitlines(keepends=True):
                if not line.isascii() and len(self._sample) < _SAMPLE_BYTES:
                    self._sample += line[:2_000]

    def verdict(self) -> Decoding:
        if self.broken is None:
            # The last bytes may be half a letter: the file was cut.
            return Decoding(self._codec, "replace" if self._decoder.getstate()[0] else "strict")
        odd = bytes(self._odd)
        rest = _WHOLE.sub(b" ", odd)
        whole, strays = len(_WHOLE.findall(odd)), len(re.findall(rb"[\x80-\xff]+", rest))
        if whole and (whole * 50 >= strays or self._codec == "utf-8-sig"):
            other = _one_byte(rest)
            return Decoding(self._codec, f"{_HANDLER}{other}", certain=False, odd_line=self.broken, other=other)
        return Decoding(self._guess(odd), "replace", certain=False)

    def _guess(self, odd: bytes) -> str:
        best = _one_byte(odd)
        high = sum(1 for byte in odd if byte > 0x7F)
        if _score(odd, best) >= 2 * _SURE * high:
            return best
        match = charset_normalizer.from_bytes(bytes(self._sample), cp_isolation=_OTHERS).best()
        return match.encoding if match else best


def _ends(data: bytes) -> int:
    return data.count(b"\n") or data.count(b"\r")


def _marked(start: bytes) -> str | None:
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name
    sample = start[:2000]
    zeros = [sample[offset::4].count(0) * 4 / max(1, len(sample)) for offset in range(4)]
    if len(sample) < 8 or sum(zeros) < 1.2:
        return None
    if min(zeros[1], zeros[2]) > 0.9 and max(zeros[0], zeros[3]) > 0.9:
        return "utf-32-le" if zeros[3] > zeros[0] else "utf-32-be"
    if abs(zeros[0] + zeros[2] - zeros[1] - zeros[3]) < 1:
        return None
    return "utf-16-le" if zeros[1] + zeros[3] > zeros[0] + zeros[2] else "utf-16-be"


def is_wide(start: bytes) -> bool:
    """Whether the zeros in a text are halves of its letters (UTF-16, UTF-32)."""
    return (_marked(start) or "").startswith(("utf-16", "utf-32"))


def _one_byte(odd: bytes) -> str:
    return max(_ONE_BYTE, key=lambda name: _score(odd, name))


def _score(odd: bytes, name: str) -> int:
    text = odd.decode(name, errors="replace")
    total = 0
    for char, count in Counter(text).items():
        if char < "\x80":
            continue
        total += count * (2 if char in _USUAL else -2 if char == "\ufffd" or char < "\xa0" else -1)
    return total - 3 * len(_INSIDE.findall(text))


_HANDLER: Final = "otherwise-"


def _register(name: str) -> None:
    """An error handler that reads as `name` what is no UTF-8; half a letter becomes U+FFFD."""

    def as_other(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        text = error.object[error.start : error.end].decode(name, errors="replace")
        return "".join(char if char < "\x80" or char in _USUAL else "\ufffd" for char in text), error.end

    codecs.register_error(f"{_HANDLER}{name}", as_other)


for _name in _ONE_BYTE:
    _register(_name)

_UNSEEN: Final = re.compile(
    "(?P<flag>\U0001f3f4[\U000e0020-\U000e007f]+)"
    "|(?P<ends>[\x0b\x0c])"
    "|(?P<windows>[\x80-\x9f])"
    "|[\x00-\x08\x0e-\x1f\x7f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]+"
    "|(?<![\u0600-\u1fff\u2190-\U0010ffff])[\u200c\u200d]+|[\u200c\u200d]+(?![\u0600-\u1fff\u2190-\U0010ffff])"
)


def visible(text: str) -> str:
    """The text without what nobody sees: NUL and control characters, zero-width and direction marks.

    Joiners stay where they shape a letter or an emoji. Control characters of a mistaken Latin-1 become the
    Windows signs that were meant. Line breaks and tabs stay.

    >>> visible("Ch\\u200boeur\\x00 d\\x92\\u202e\\u00e9t\\u00e9")
    'Choeur d’été'
    """
    # Of what nobody sees only the two Hangul fillers count as printable.
    if text.isprintable() and (text.isascii() or not ("\u115f" in text or "\u1160" in text)):
        return text
    return _UNSEEN.sub(_shown, text)


def _shown(match: re.Match[str]) -> str:
    if match["ends"]:
        return "\n"
    if match["windows"]:
        return match["windows"].encode("latin-1").decode("cp1252", errors="ignore")
    return match["flag"] or ""
