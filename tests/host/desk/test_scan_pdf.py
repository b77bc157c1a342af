"""Scans that come as PDF: what resolution they have, what is read on them, whether they are whole."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Literal

import pikepdf
import pytest
from PIL import Image, ImageFilter

from tla_sim.host.desk.errors import PieceRefused
from tla_sim.host.desk.pdf_apart import LIMITS
from tla_sim.host.desk.pdf_probe import measure
from tla_sim.host.desk.piece_check import check_file
from tla_sim.host.desk.scan_pdf import check_pdf
from tla_sim.tools.fuzz.targets.pdf_writer import (
    Drawn,
    Leaf,
    fax,
    flate,
    form,
    jbig2,
    jpeg,
    jpx,
    placed,
    stencil,
    write_pdf,
    written,
)
from tla_sim.tools.fuzz.targets.written_page import written_page

CASES: Final = Path(__file__).parents[2] / "cases"
A4: Final = (595.28, 841.89)
FULL: Final = (A4[0], 0, 0, A4[1], 0, 0)
INCHES: Final = (A4[0] / 72, A4[1] / 72)
LINES: Final = [f"Soins infirmiers, ligne {line}, matin et soir" for line in range(25)]


def verdict(raw: bytes) -> str:
    """What becomes of a PDF, measured in this process: "taken", or the sentence of its refusal."""
    try:
        kept, _ = check_pdf(raw, "scan", measured_here)
    except PieceRefused as refused:
        return refused.message
    assert kept.startswith(b"%PDF-")
    assert kept.rstrip().endswith(b"%%EOF")
    return "taken"


def measured_here(raw: bytes) -> dict[str, Any]:
    return measure(raw, *LIMITS)


@cache
def sheet(dpi: float, mode: str = "L") -> Image.Image:
    return written_page(dpi, *INCHES).convert(mode)


def ground(dpi: float, colour: tuple[int, int, int] = (250, 248, 240)) -> Image.Image:
    return Image.new("RGB", (round(INCHES[0] * dpi), round(INCHES[1] * dpi)), colour)


def negative(image: Image.Image) -> Image.Image:
    return image.point([255 - level for level in range(256)])


def a4(contents: bytes, entries: str = "", /, **drawn: Drawn) -> bytes:
    return write_pdf(Leaf(*A4, contents, drawn, entries))


def layered(*layers: Drawn, text: bytes = b"") -> bytes:
    """Layers that cover a page of A4, and text over them."""
    names = {f"L{at}": layer for at, layer in enumerate(layers)}
    return a4(b"".join(placed(name, FULL) for name in names) + text, **names)


def scanned(dpi: int) -> str:
    return f"Page 1 of scan is scanned at {dpi} DPI; at least 200 are needed"


CUT: Final = "Page 1 of scan is truncated: its data end early"


@pytest.mark.share(2)
@pytest.mark.parametrize(
    "name",
    [
        "scan-rotated-by-ctm-200dpi",
        "scan-mrc-bg75-mask300",
        "page-72dpi-of-1653x2338",
        "zeros-after-eof",
        "bom-before-pdf-header",
        "born-digital-background",
    ],
)
def test_what_the_field_sends_is_taken(name: str) -> None:
    assert check_file(CASES / f"{name}.pdf").pages == 1


def test_half_a_jpeg_in_a_pdf_is_truncated() -> None:
    with pytest.raises(PieceRefused, match=r"Page 1 of .* is truncated"):
        check_file(CASES / "pdf-with-truncated-jpeg-taken.pdf")


def turned(degrees: float, mirrored: bool = False) -> list[float]:
    """The matrix of an image of A4 turned about the middle of its page."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    side = -1 if mirrored else 1
    a, b, c, d = A4[0] * cos * side, A4[0] * sin * side, -A4[1] * sin, A4[1] * cos
    return [a, b, c, d, (A4[0] - a - c) / 2, (A4[1] - b - d) / 2]


def put(matrix: Sequence[float], image: Drawn) -> bytes:
    """A page of A4 with an image placed by a matrix."""
    return a4(placed("I", matrix), I=image)


MATRICES: Final[dict[str, Callable[[Drawn], bytes]]] = {
    **{f"turned {by}": partial(put, turned(by)) for by in (2, -5, 33, 45, 90, 180, 270)},
    "mirrored and deskewed": partial(put, turned(3, mirrored=True)),
    "upside down": partial(put, (A4[0], 0, 0, -A4[1], 0, A4[1])),
    "skewed": partial(put, (A4[0], 20, 0, A4[1], 0, 0)),
    "page turned": lambda image: a4(placed("I", FULL), "/Rotate 90", I=image),
    "form turned": lambda image: a4(
        placed("F", (2, 0, 0, 2, 0, 0)),
        F=form((0, 0.5, -0.5, 0, A4[1] / 2, 0), placed("I", (A4[1], 0, 0, A4[0], 0, -A4[0] / 2)), I=image),
    ),
    "form in a form": lambda image: a4(
        placed("F", (0.5, 0, 0, 0.5, 0, 0)),
        F=form(
            (1, 0, 0, 1, 0, 0),
            placed("G", (4, 0, 0, 4, 0, 0)),
            G=form((0.5, 0, 0, 0.5, 0, 0), placed("I", FULL), I=image),
        ),
    ),
}


@pytest.mark.share(3)
@pytest.mark.parametrize("name", MATRICES)
def test_resolution_is_pixels_over_the_vectors_of_the_matrix(name: str) -> None:
    make = MATRICES[name]
    across = INCHES[::-1] if name == "form turned" else INCHES
    fine, coarse = (jpeg(written_page(dpi, *across)) for dpi in (200, 180))
    assert verdict(make(fine)) == "taken"
    assert verdict(make(coarse)) == scanned(180)


COMPACT: Final[dict[str, Callable[[], bytes]]] = {
    "mask as fax": lambda: layered(jpeg(ground(75)), stencil(fax(sheet(300, "1")))),
    "mask as JBIG2": lambda: layered(jpeg(ground(75)), stencil(jbig2(sheet(300, "1")))),
    "mask of 200": lambda: layered(jpeg(ground(50)), stencil(flate(sheet(200, "1")))),
    "ghosts in the ground": lambda: layered(
        jpeg(sheet(75).filter(ImageFilter.GaussianBlur(2)).convert("RGB")), stencil(fax(sheet(300, "1")))
    ),
    "the writing in the ground, too": lambda: layered(jpeg(sheet(100)), stencil(fax(sheet(300, "1")))),
    "inks under a stencil": lambda: layered(
        jpeg(ground(75)), jpeg(ground(25, (10, 10, 60))).with_parts(Mask=stencil(fax(sheet(300, "1"))))
    ),
    "one ink under a soft mask": lambda: layered(
        jpeg(ground(75)),
        flate(Image.new("RGB", (1, 1), (0, 0, 60))).with_parts(SMask=flate(negative(sheet(300)))),
    ),
    "soft mask as JPEG, no ground": lambda: layered(
        jpeg(ground(25, (10, 10, 60))).with_parts(SMask=jpeg(negative(sheet(200))))
    ),
    "mask in a form": lambda: a4(
        placed("L", FULL) + placed("F", (1, 0, 0, 1, 0, 0)),
        L=jpeg(ground(75)),
        F=form((1, 0, 0, 1, 0, 0), placed("M", FULL), M=stencil(fax(sheet(300, "1")))),
    ),
    "an ink for each band": lambda: banded(sheet(300, "1"), 12),
}


def banded(page: Image.Image, count: int) -> bytes:
    """A coarse ground and inks of a few pixels, each under the mask of its own band of a page."""
    contents, drawn = placed("L", FULL), {"L": jpeg(ground(75))}
    for at in range(count):
        top, end = (page.height * each // count for each in (at, at + 1))
        mask = stencil(fax(page.crop((0, top, page.width, end))))
        drawn[f"B{at}"] = flate(Image.new("RGB", (8, 2), (at, 0, 60))).with_parts(Mask=mask)
        place = (A4[0], 0, 0, A4[1] * (end - top) / page.height, 0, A4[1] * (1 - end / page.height))
        contents += placed(f"B{at}", place)
    return a4(contents, **drawn)


@pytest.mark.share(7)
@pytest.mark.parametrize("name", COMPACT)
def test_a_compact_scan_is_judged_by_the_layer_that_carries_the_ink(name: str) -> None:
    assert verdict(COMPACT[name]()) == "taken"


def coarse_and(*more: Drawn, dpi: int = 75, under: Sequence[Drawn] = (), text: bytes = b"") -> bytes:
    return layered(*under, jpeg(sheet(dpi)), *more, text=text)


A4_AT_300: Final = (2480, 3508)
COARSE: Final[dict[str, tuple[int, Callable[[], bytes]]]] = {
    "with a finer logo": (
        75,
        lambda: a4(
            placed("L", FULL) + placed("M", (120, 0, 0, 60, 40, 770)),
            L=jpeg(sheet(75)),
            M=jpeg(written_page(300, 1.6, 0.8)),
        ),
    ),
    "under a finer clear mask": (75, lambda: coarse_and(stencil(fax(Image.new("1", A4_AT_300, 255))))),
    "under a finer image that nobody sees": (
        75,
        lambda: coarse_and(jpeg(sheet(200)).with_parts(SMask=flate(Image.new("L", A4_AT_300, 0)))),
    ),
    "over a finer image that it hides": (75, lambda: coarse_and(under=[jpeg(sheet(300))])),
    "with an opaque soft mask": (
        75,
        lambda: layered(jpeg(sheet(75)).with_parts(SMask=flate(Image.new("L", A4_AT_300, 255)))),
    ),
    "with a mask as coarse": (150, lambda: layered(jpeg(ground(75)), stencil(fax(sheet(150, "1"))))),
    "with the invisible text of OCR": (100, lambda: coarse_and(dpi=100, text=written(LINES, *A4, mode=3))),
    "over the visible text of OCR": (
        100,
        lambda: a4(written(LINES, *A4) + placed("L", FULL), L=jpeg(sheet(100))),
    ),
    "with a stamp of text": (150, lambda: coarse_and(dpi=150, text=written(["Page 1/1"] + [""] * 60, *A4))),
    "below half a letter": (
        100,
        lambda: a4(
            placed("L", (A4[0], 0, 0, A4[1] / 2, 0, 0)) + written(LINES[:10] + [""] * 14, *A4),
            L=jpeg(written_page(100, INCHES[0], INCHES[1] / 2)),
        ),
    ),
}


@pytest.mark.share(3)
@pytest.mark.parametrize("name", COARSE)
def test_a_coarse_scan_is_refused_whatever_else_is_on_its_page(name: str) -> None:
    dpi, make = COARSE[name]
    assert verdict(make()) == scanned(dpi)


@pytest.mark.share(3)
@pytest.mark.parametrize("dpi", [20, 36, 50, 72, 96, 150])
@pytest.mark.parametrize("kind", ["plain", "photograph"])
def test_text_over_a_coarse_picture_is_no_scan(dpi: int, kind: str) -> None:
    picture = ground(dpi, (225, 235, 250))
    if kind == "photograph":
        clouds = Image.effect_noise((picture.width // 8, picture.height // 8), 120)
        picture = clouds.resize(picture.size, Image.Resampling.BICUBIC).convert("RGB")
    assert verdict(layered(jpeg(picture), text=written(LINES, *A4))) == "taken"


def test_a_page_of_one_point_a_pixel_counts_as_a4() -> None:
    def page(dpi: int) -> bytes:
        image = sheet(dpi)
        place = (image.width, 0, 0, image.height, 0, 0)
        return write_pdf(Leaf(*image.size, placed("I", place), {"I": jpeg(image)}))

    assert verdict(page(200)) == "taken"
    assert verdict(page(300)) == "taken"
    assert verdict(page(100)) == scanned(100)


def in_units(unit: float, box: float, dpi: int) -> bytes:
    """A page `box` times as large as A4 in units of `unit` points, scanned at `dpi` for A4."""
    width, height = (side * box / unit for side in A4)
    leaf = Leaf(
        width, height, placed("I", (width, 0, 0, height, 0, 0)), {"I": jpeg(sheet(dpi))}, f"/UserUnit {unit}"
    )
    return write_pdf(leaf)


@pytest.mark.share(3)
@pytest.mark.parametrize("unit", [0.5, 2, 2.0, 3.5, 10])
def test_the_unit_of_a_page_scales_it(unit: float) -> None:
    assert verdict(in_units(unit, 1, 200)) == "taken"
    assert verdict(in_units(unit, 1, 100)) == scanned(100)


def test_a_page_that_states_its_unit_is_as_large_as_it_says() -> None:
    assert verdict(in_units(2, 2, 200)) == scanned(100)
    assert verdict(a4(placed("I", FULL), "/UserUnit /Odd", I=jpeg(sheet(200)))) == "taken"


def in_strips(dpi: int, rows: int, rounded: bool = False) -> bytes:
    """A page in strips of a few rows, their places in whole points or not."""
    page = sheet(dpi)
    contents, drawn = b"", {}
    for top in range(0, page.height, rows):
        strip = page.crop((0, top, page.width, min(top + rows, page.height)))
        base, above = (A4[1] * (1 - row / page.height) for row in (top + strip.height, top))
        if rounded:
            base, above = round(base), round(above)
        drawn[f"S{top}"] = flate(strip)
        contents += placed(f"S{top}", (A4[0], 0, 0, above - base, 0, base))
    return a4(contents, **drawn)


@pytest.mark.share(2)
@pytest.mark.parametrize("rows", [1, 8, 16, 300])
def test_strips_of_a_few_rows_have_the_resolution_of_their_page(rows: int) -> None:
    assert verdict(in_strips(200, rows)) == "taken"
    assert verdict(in_strips(100, rows)) == scanned(100)


def test_strips_in_whole_points_have_the_resolution_that_they_have_together() -> None:
    assert verdict(in_strips(200, 8, rounded=True)) == "taken"
    assert verdict(in_strips(150, 8, rounded=True)) == scanned(150)


def test_tiles_have_the_resolution_of_their_page() -> None:
    for dpi, right in ((200, "taken"), (100, scanned(100))):
        page, size, point = sheet(dpi), 128, 72 / dpi
        contents, drawn = b"", {}
        for top in range(0, page.height, size):
            for left in range(0, page.width, size):
                tile = page.crop((left, top, min(left + size, page.width), min(top + size, page.height)))
                drawn[f"T{left}x{top}"] = flate(tile)
                base = A4[1] - (top + tile.height) * point
                place = (tile.width * point, 0, 0, tile.height * point, left * point, base)
                contents += placed(f"T{left}x{top}", place)
        assert verdict(a4(contents, **drawn)) == right


CODINGS: Final[dict[str, Callable[[], Drawn]]] = {
    "JPEG": lambda: jpeg(sheet(200)),
    "JPEG in colours": lambda: jpeg(sheet(200, "RGB")),
    "progressive JPEG": lambda: jpeg(sheet(200), progressive=True),
    "deflated": lambda: flate(sheet(200)),
    "deflated, one bit": lambda: flate(sheet(200, "1")),
    "JPEG 2000": lambda: jpx(sheet(200)),
    "fax": lambda: fax(sheet(200, "1")),
    "fax without an end": lambda: fax(sheet(200, "1"), ended=False),
    "JBIG2": lambda: jbig2(sheet(200, "1")),
    "not coded": lambda: Drawn(
        flate(sheet(200)).entries.replace("/Filter /FlateDecode", ""), sheet(200).tobytes()
    ),
}


@pytest.mark.share(3)
@pytest.mark.parametrize("name", CODINGS)
def test_an_image_whose_data_end_early_is_refused_as_truncated(name: str) -> None:
    whole = CODINGS[name]()
    assert verdict(layered(whole)) == "taken"
    for share in (0.98, 0.7, 0.3):
        assert verdict(layered(whole.cut(share))) == CUT


def test_a_jpeg_cut_off_is_found_behind_an_end_and_within_another_filter() -> None:
    whole = jpeg(sheet(200))
    half = whole.data[: len(whole.data) // 2]
    assert verdict(layered(Drawn(whole.entries, half + b"\xff\xd9"))) == CUT
    assert verdict(layered(Drawn(whole.entries, whole.data[:-2]))) == "taken"
    for data, right in ((whole.data, "taken"), (half, CUT)):
        packed = flate(Image.frombytes("L", (len(data), 1), data)).data
        entries = whole.entries.replace("/DCTDecode", "[/FlateDecode /DCTDecode]")
        assert verdict(layered(Drawn(entries, packed))) == right
    assert verdict(layered(Drawn(entries, packed).cut(0.5))) == CUT


def test_masks_contents_and_later_pages_must_be_whole_too() -> None:
    ink, mask = flate(Image.new("RGB", (1, 1), (0, 0, 60))), flate(negative(sheet(300)))
    assert verdict(layered(jpeg(ground(75)), ink.with_parts(SMask=mask.cut(0.5)))) == CUT
    cut = stencil(fax(sheet(300, "1")).cut(0.5))
    assert verdict(layered(jpeg(ground(75)), jpeg(ground(25)).with_parts(Mask=cut))) == CUT
    leaf = Leaf(*A4, placed("I", FULL), {"I": jpeg(sheet(200))})
    later = Leaf(*A4, placed("I", FULL), {"I": jpeg(sheet(200)).cut(0.5)})
    assert verdict(write_pdf(leaf, later)) == CUT.replace("Page 1", "Page 2")
    drawing = form((1, 0, 0, 1, 0, 0), written(LINES, *A4))
    packed = flate(Image.frombytes("L", (len(drawing.data), 1), drawing.data)).data
    whole = Drawn(drawing.entries + " /Filter /FlateDecode", packed)
    assert verdict(a4(placed("F", (1, 0, 0, 1, 0, 0)) + written(LINES, *A4), F=whole.cut(0.5))) == CUT


def protected(user: str, revision: Literal[2, 3, 4, 6]) -> bytes:
    made = BytesIO()
    aes = revision >= 4
    allowed = pikepdf.Permissions(extract=False, print_highres=False, print_lowres=False)
    encryption = pikepdf.Encryption(
        owner="owner", user=user, R=revision, aes=aes, metadata=aes, allow=allowed
    )
    with pikepdf.open(BytesIO(layered(jpeg(sheet(200))))) as pdf:
        pdf.save(made, encryption=encryption)
    return made.getvalue()


@pytest.mark.share(3)
@pytest.mark.parametrize("revision", [2, 3, 4, 6])
def test_protection_against_printing_alone_is_taken_off(revision: Literal[2, 3, 4, 6]) -> None:
    raw = protected("", revision)
    kept, pages = check_pdf(raw, "scan", measured_here)
    with pikepdf.open(BytesIO(kept)) as pdf:
        assert (pdf.is_encrypted, pages) == (False, 1)
        assert bytes(pdf.pages[0].Resources.XObject.L0.read_raw_bytes()) == jpeg(sheet(200)).data
    assert check_pdf(raw, "scan", measured_here)[0] == kept
    assert check_pdf(kept, "scan", measured_here)[0] == kept
    assert verdict(protected("user", revision)) == "scan is protected by a password"
