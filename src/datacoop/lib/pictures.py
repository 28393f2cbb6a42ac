"""Pictures that others send us: read within limits and drawn anew, so that nothing of their file goes any further.

Only PNG and JPEG: a drawing as SVG may carry scripts and addresses to fetch from.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

#: Bytes of a file, and points of its longer and shorter side: far more than a logo needs, little to unpack.
LARGEST_BYTES = 1_000_000
LONGEST_SIDE, SHORTEST_SIDE = 3000, 16
_FORMATS = ("PNG", "JPEG")
#: What the library raises at files that are cut off, damaged, or made to hurt.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, Image.DecompressionBombError)


class PictureRefused(ValueError):
    """The file is no picture we take; `code` says why: large, format, wide, small, broken."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The picture is refused: {code}.")
        self.code = code


@dataclass(frozen=True)
class Picture:
    """A PNG that we drew ourselves, on white, with its size in points."""

    png: bytes
    width: int
    height: int


def redrawn(content: bytes, *, within: tuple[int, int]) -> Picture:
    """Return a PNG or JPEG drawn anew on white, no larger than `within` (width, height) and without its remarks.

    White, because a dark logo on nothing cannot be read in a dark mail program. Raises: PictureRefused.
    """
    if len(content) > LARGEST_BYTES:
        raise PictureRefused("large")
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
            _check(opened.size)
            whole = ImageOps.exif_transpose(_in_eight_bits(opened)).convert("RGBA")
    except UnidentifiedImageError as unknown:
        raise PictureRefused("format") from unknown
    except _BROKEN as error:
        if isinstance(error, PictureRefused):
            raise
        raise PictureRefused("broken") from error
    whole.thumbnail(within, Image.Resampling.LANCZOS)
    ground = Image.new("RGB", whole.size, "white")
    ground.paste(whole, mask=whole)
    out = io.BytesIO()
    ground.quantize(256).save(out, "PNG", optimize=True)
    return Picture(out.getvalue(), *ground.size)


def _check(size: tuple[int, int]) -> None:
    """Before anything is unpacked: the size stands in the head of the file."""
    if max(size) > LONGEST_SIDE:
        raise PictureRefused("wide")
    if min(size) < SHORTEST_SIDE:
        raise PictureRefused("small")


def _in_eight_bits(opened: Image.Image) -> Image.Image:
    """Greys of sixteen bits are cut off at 255 where they are converted as they are."""
    if not opened.mode.startswith("I"):
        return opened
    return opened.convert("I").point(lambda grey: grey * (1 / 257)).convert("L")
