"""What is made of an image shows what came in, whatever its mode: compared by samples known beforehand."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image, ImageDraw

from tla_sim.host.desk.flat_image import BITS, on_white
from tla_sim.host.desk.piece_check import check_piece
from tla_sim.host.desk.signature_image import register_signature, signature_of
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.tools.cast.people import NURSE
from tla_sim.tools.fuzz.targets.png_writer import (
    COLOUR,
    COLOUR_ALPHA,
    GREY,
    GREY_ALPHA,
    INDEXED,
    Sample,
    chunk,
    png_file,
)

CASES = Path(__file__).parents[2] / "cases"
SIZE = (320, 240)
TONES = {0: 0.0, 1: 0.25, 2: 0.5, 3: 0.75}
"""Bars of printing, dark handwriting, pencil and faint pencil, by which of four columns they are in."""

PAPER = 0.93
NEAR = 12
"""So many grey levels may be lost to the JPEG inside a PDF."""


def tone(column: int, row: int) -> float:
    """How light a point is: thick bars on paper."""
    inside = 40 <= row < 200 and column % 80 >= 40
    return TONES[column // 80] if inside else PAPER


def expected(levels: int = 256, paper: float = PAPER) -> dict[tuple[int, int], int]:
    """The grey at the middle of each bar and beside it, as so many levels can say it."""
    found = {}
    for column in (20, 60, 100, 140, 180, 220, 260, 300):
        value = tone(column, 120)
        value = paper if value == PAPER else value
        found[column, 120] = round(round(value * (levels - 1)) / (levels - 1) * 255)
    return found


def rendered(pdf: bytes, size: tuple[int, int] = SIZE) -> Image.Image:
    """The page of a PDF, a point of the image to a pixel."""
    with pypdfium2.PdfDocument(pdf) as document:
        width, _ = document[0].get_size()
        picture: Image.Image = document[0].render(scale=size[0] / width).to_pil().convert("L")
    return picture.resize(size)


def grey(image: Image.Image, place: tuple[int, int]) -> int:
    """The tone of one pixel of a grey image."""
    level = image.getpixel(place)
    assert isinstance(level, int)
    return level


def compare(raw: bytes, wanted: dict[tuple[int, int], int]) -> None:
    picture = rendered(check_piece(raw, "scan.png").pdf)
    seen = {place: grey(picture, place) for place in wanted}
    assert all(abs(seen[place] - wanted[place]) <= NEAR for place in wanted), (seen, wanted)


def greys(full: int) -> Sample:
    return lambda column, row: (round(tone(column, row) * full),)


def colours(full: int, *alpha: int) -> Sample:
    return lambda column, row: (*[round(tone(column, row) * full)] * 3, *alpha)


@pytest.mark.share(3)
@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("bits", [2, 4, 8, 16])
def test_grey_of_every_depth_keeps_its_tones(bits: int, interlaced: bool) -> None:
    compare(png_file(SIZE, GREY, bits, greys((1 << bits) - 1), interlaced=interlaced), expected(1 << bits))


@pytest.mark.share(5)
@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("kind", [COLOUR, GREY_ALPHA, COLOUR_ALPHA])
def test_colour_and_alpha_of_every_depth_keep_their_tones(kind: int, bits: int, interlaced: bool) -> None:
    full = (1 << bits) - 1
    alpha = () if kind == COLOUR else (full,)

    def sample(column: int, row: int) -> tuple[int, ...]:
        level = round(tone(column, row) * full)
        return (level, *alpha) if kind == GREY_ALPHA else (level, level, level, *alpha)

    compare(png_file(SIZE, kind, bits, sample, interlaced=interlaced), expected())


@pytest.mark.share(3)
@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("alpha", [b"", b"\xff" * 5, b"\xff\xff\xff\xff\x00", b"\xff\xff\xff\xff\x80"])
def test_palettes_keep_their_tones_and_show_paper_through(bits: int, alpha: bytes) -> None:
    levels = [0.0, PAPER] if bits == 1 else [0.0, 0.25, 0.5, PAPER] if bits == 2 else [*TONES.values(), PAPER]
    alpha = alpha[5 - len(levels) :] if alpha else alpha

    def sample(column: int, row: int) -> tuple[int]:
        value = tone(column, row)
        return (min(range(len(levels)), key=lambda each: abs(levels[each] - value)),)

    palette = chunk(b"PLTE", b"".join(bytes([round(each * 255)] * 3) for each in levels))
    extra = (palette, chunk(b"tRNS", alpha)) if alpha else (palette,)
    hidden = {b"\x00": 1.0, b"\x80": 1 - (1 - PAPER) / 2}.get(alpha[-1:], PAPER)
    wanted = {}
    for place in expected():
        value = levels[sample(*place)[0]]
        wanted[place] = round((hidden if value == PAPER else value) * 255)
    compare(png_file(SIZE, INDEXED, bits, sample, *extra), wanted)


@pytest.mark.share(3)
@pytest.mark.parametrize("bits", [2, 4, 8, 16])
@pytest.mark.parametrize(
    ("hidden", "white"),
    [(PAPER, True), (0.75, True), (0.25, False), (0.0, False)],
)
def test_a_grey_named_transparent_is_white_but_ink_stays(bits: int, hidden: float, white: bool) -> None:
    full = (1 << bits) - 1
    level = round(hidden * full)
    raw = png_file(SIZE, GREY, bits, greys(full), chunk(b"tRNS", struct.pack(">H", level)))
    wanted = expected(1 << bits)
    for place in wanted:
        if white and round(tone(*place) * full) == level:
            wanted[place] = 255
    compare(raw, wanted)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("level", [0.0, 0.25, PAPER])
def test_a_colour_named_transparent_never_takes_the_ink(bits: int, level: float) -> None:
    full = (1 << bits) - 1
    key = round(level * full)
    raw = png_file(SIZE, COLOUR, bits, colours(full), chunk(b"tRNS", struct.pack(">3H", key, key, key)))
    compare(raw, expected(paper=1.0 if bits == 8 and level == PAPER else PAPER))


def test_the_lower_half_of_a_colour_of_16_bits_hides_nothing() -> None:
    """0x1240 is not 0x40, which is the handwriting's upper half."""
    raw = png_file(SIZE, COLOUR, 16, colours(65_535), chunk(b"tRNS", struct.pack(">3H", *[0x1240] * 3)))
    compare(raw, expected())


def test_a_black_ground_that_is_named_transparent_is_paper() -> None:
    def sample(column: int, row: int) -> tuple[int]:
        return (0 if tone(column, row) == PAPER else 70,)

    raw = png_file(SIZE, GREY, 8, sample, chunk(b"tRNS", b"\0\0"))
    compare(raw, {place: 255 if tone(*place) == PAPER else 70 for place in expected()})


def test_an_alpha_channel_that_hides_everything_counts_as_none() -> None:
    compare(png_file(SIZE, COLOUR_ALPHA, 8, colours(255, 0)), expected())


def test_ink_that_only_the_alpha_channel_has_is_drawn_on_white() -> None:
    raw = png_file(
        SIZE, COLOUR_ALPHA, 16, lambda column, row: (0, 0, 0, round((1 - tone(column, row)) * 65_535))
    )
    compare(raw, expected())


@pytest.mark.parametrize("used", [8, 10, 12, 14])
def test_a_scanner_of_fewer_bits_than_16_is_scaled_by_those_it_uses(used: int) -> None:
    full = (1 << used) - 1
    wanted = {place: round(tone(*place) * 255) for place in expected()}
    compare(png_file(SIZE, GREY, 16, greys(full)), wanted)


@pytest.mark.parametrize("level", [0, 255, 2_570, 4_095])
def test_a_black_page_of_16_bits_is_black_whatever_bits_it_uses(level: int) -> None:
    with pytest.raises(Exception, match="is black"):
        check_piece(
            png_file(SIZE, GREY, 16, lambda column, row: (level - (column + row) % 3 * level // 99,)), "a"
        )


def test_the_handwriting_of_a_16_bit_scan_is_in_the_pdf() -> None:
    deep, plain = (
        (CASES / name).read_bytes() for name in ("scan-16bit-form-and-ink.png", "scan-8bit-grey-same.png")
    )
    made, same = (rendered(check_piece(raw, "scan.png").pdf, (1653, 2338)) for raw in (deep, plain))
    ink = [255 if level < 120 else 0 for level in range(256)]
    handwriting = (900, 100, 1653, 1000)
    assert made.crop(handwriting).point(ink).histogram()[255] > 10_000
    assert abs(grey(made, (1600, 2300)) - grey(same, (1600, 2300))) <= 2


def fill(mode: str, level: int) -> Any:
    """A colour of that grey in a mode."""
    deep = level * 257
    return {
        "CMYK": (0, 0, 0, 255 - level),
        "YCbCr": (level, 128, 128),
        "LAB": (level, 128, 128),
        "1": 255 if level > 127 else 0,
        "HSV": (0, 0, level),
        "LA": (level, 255),
        "La": (level, 255),
        "PA": (level, 255),
        "RGBA": (level, level, level, 255),
        "RGBa": (level, level, level, 255),
        "RGBX": (level, level, level, 0),
        "RGB": (level, level, level),
        "F": float(deep),
        "I": deep,
    }.get(mode, deep if mode.startswith("I;16") else level)


@pytest.mark.parametrize("mode", Image.MODES)
def test_every_mode_that_pillow_has_keeps_ink_and_paper(mode: str) -> None:
    image = Image.new(mode, (60, 20), fill(mode, 240))
    if mode in ("P", "PA"):
        image.putpalette([each for level in range(256) for each in (level, level, level)])
    for at, level in enumerate((10, 70)):
        image.paste(fill(mode, level), (at * 20, 0, at * 20 + 20, 20))
    flat = on_white(image)
    assert flat.mode in ("1", "L", "RGB")
    seen = [grey(flat.convert("L"), (column, 10)) for column in (10, 30, 50)]
    wanted = [0, 0, 255] if mode == "1" else [10, 70, 240]
    assert all(abs(a - b) <= (8 if mode == "LAB" else 1) for a, b in zip(seen, wanted, strict=True)), seen


@pytest.mark.parametrize(
    ("mode", "values"),
    [
        ("I", (-70_000, 0, 130_000)),
        ("F", (0.0, 0.35, 1.0)),
        ("F", (-1.0, 0.0, 1.857)),
        ("F", (0.0, 89.25, 255.0)),
    ],
)
def test_samples_beyond_16_bits_or_in_fractions_are_scaled_and_not_clipped(
    mode: str, values: tuple[float, ...]
) -> None:
    image = Image.new(mode, (40, 10), values[2])
    image.paste(values[0], (0, 0, 4, 10))
    image.paste(values[1], (4, 0, 8, 10))
    flat = on_white(image)
    seen = [grey(flat, (column, 5)) for column in (2, 6, 20)]
    assert all(abs(a - b) <= 1 for a, b in zip(seen, (0, 89, 255), strict=True)), seen


def test_what_came_in_is_left_alone() -> None:
    image = Image.new("L", (10, 10), 255)
    image.info |= {"transparency": 255, BITS: 8}
    assert on_white(image) is not image
    assert image.info["transparency"] == 255


def jpeg(mode: str, **options: Any) -> bytes:
    image = Image.new("L", SIZE, round(PAPER * 255))
    pen = ImageDraw.Draw(image)
    for at, level in TONES.items():
        pen.rectangle((at * 80 + 40, 40, at * 80 + 79, 199), fill=round(level * 255))
    out = BytesIO()
    image.convert("RGB").convert(mode).save(out, "JPEG", dpi=(200, 200), quality=95, **options)
    return out.getvalue()


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK", "YCbCr"])
@pytest.mark.parametrize("progressive", [False, True])
def test_jpegs_of_every_mode_keep_their_tones(mode: str, progressive: bool) -> None:
    compare(jpeg(mode, progressive=progressive), expected())


def test_a_signature_of_16_bits_keeps_its_ink(tmp_path: Path) -> None:
    image = Image.new("L", (600, 250), 240)
    ImageDraw.Draw(image).line([(50, 150), (150, 50), (350, 190), (550, 60)], fill=70, width=8)
    path = tmp_path / "signature.png"
    path.write_bytes(png_file(image.size, GREY, 16, lambda column, row: (grey(image, (column, row)) * 257,)))
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        register_signature(ledger, NURSE, path)
        kept = signature_of(ledger, NURSE).usable
    assert kept is not None
    with Image.open(BytesIO(kept)) as opened:
        wanted = image.crop((46, 46, 555, 195)).resize(opened.size)
        ink = opened.convert("L").histogram()
        assert abs(sum(ink[:120]) - sum(wanted.histogram()[:120])) < 0.1 * sum(ink[:120])
        assert min(level for level, count in enumerate(ink) if count) >= 60
