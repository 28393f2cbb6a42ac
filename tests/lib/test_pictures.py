"""Pictures are drawn anew within limits: nothing of the file they came in goes any further."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from datacoop.lib.pictures import LARGEST_BYTES, PictureRefused, redrawn

BOX = (480, 160)


def drawn(mode: str = "RGB", size: tuple[int, int] = (600, 200), colour: object = None, **said: object) -> bytes:
    out = io.BytesIO()
    picture = Image.new(mode, size, colour if colour is not None else 0)  # type: ignore[arg-type]
    picture.save(out, str(said.pop("format", "PNG")), **said)  # type: ignore[arg-type]
    return out.getvalue()


def point(png: bytes, at: tuple[int, int] = (1, 1)) -> tuple[int, ...]:
    found = Image.open(io.BytesIO(png)).convert("RGB").getpixel(at)
    assert isinstance(found, tuple)
    return found


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def test_is_no_larger_than_asked_and_keeps_its_shape() -> None:
    found = redrawn(drawn(size=(2000, 500)), within=BOX)
    assert (found.width, found.height) == (480, 120)
    assert Image.open(io.BytesIO(found.png)).size == (480, 120)


def test_a_small_one_is_not_blown_up() -> None:
    assert redrawn(drawn(size=(40, 30)), within=BOX).width == 40


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (drawn("RGBA", colour=(0, 0, 0, 0)), (255, 255, 255)),
        (drawn("RGBA", colour=(10, 20, 30, 255)), (10, 20, 30)),
        (drawn("LA", colour=(0, 0)), (255, 255, 255)),
        (drawn("P", colour=0, transparency=0), (255, 255, 255)),
        (drawn("1", colour=1), (255, 255, 255)),
        (drawn("I;16", colour=257 * 100), (100, 100, 100)),
        (drawn("CMYK", colour=(0, 0, 0, 0), format="JPEG"), (255, 255, 255)),
        (drawn("L", colour=100, format="JPEG"), (100, 100, 100)),
    ],
    ids=["nothing", "colour", "grey nothing", "palette", "two colours", "sixteen bits", "inks", "grey"],
)
def test_is_seen_as_it_was_meant_on_white(content: bytes, seen: tuple[int, ...]) -> None:
    assert all(abs(a - b) <= 2 for a, b in zip(point(redrawn(content, within=BOX).png), seen, strict=True))


def test_is_turned_the_way_its_camera_says() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    assert redrawn(drawn(size=(300, 100), format="JPEG", exif=turned), within=BOX).height > 100


def test_carries_no_remark_and_no_place_with_it() -> None:
    remarks = PngImagePlugin.PngInfo()
    remarks.add_text("Author", "canary-in-the-remarks")
    exif = Image.Exif()
    exif[0x010E] = "canary-in-the-exif"
    for content in (drawn(pnginfo=remarks), drawn(format="JPEG", exif=exif), drawn() + b"canary-behind-the-end"):
        assert b"canary" in content
        assert b"canary" not in redrawn(content, within=BOX).png


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "format"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "format"),
        (b"%PDF-1.7", "format"),
        (drawn(format="GIF"), "format"),
        (drawn(format="TIFF"), "format"),
        (drawn(size=(3001, 100)), "wide"),
        (drawn(size=(100, 15)), "small"),
        (b"\x89PNG" + bytes(LARGEST_BYTES), "large"),
        (drawn(size=(600, 200), colour="red")[:-40], "broken"),
        (drawn(format="JPEG")[:-600], "broken"),
    ],
    ids=["empty", "svg", "pdf", "gif", "tiff", "wide", "small", "large", "cut png", "cut jpeg"],
)
def test_says_what_is_wrong_with_a_file(content: bytes, code: str) -> None:
    with pytest.raises(PictureRefused) as refused:
        redrawn(content, within=BOX)
    assert refused.value.code == code


def test_a_huge_picture_in_a_small_file_is_not_unpacked() -> None:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(10_000_000), 9)) + chunk(b"IEND", b"")
    with pytest.raises(PictureRefused):
        redrawn(bomb, within=BOX)


def test_remarks_that_unpack_without_end_are_refused() -> None:
    remark = b"Comment\x00\x00" + zlib.compress(bytes(80_000_000), 9)
    whole = drawn()
    with pytest.raises(PictureRefused, match="broken"):
        redrawn(whole[:33] + chunk(b"zTXt", remark) + whole[33:], within=BOX)


@given(st.binary(max_size=200), st.integers(0, 400))
def test_damage_is_told_and_never_breaks_anything(noise: bytes, at: int) -> None:
    whole = drawn(size=(64, 64), colour="navy")
    with suppress(PictureRefused):
        assert redrawn(whole[:at] + noise + whole[at + len(noise) :], within=BOX).width <= BOX[0]
