"""A sheet is taken on whatever it lies; a blank one, a black page and a negative are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageOps

from tests.host.desk.scenes import PICTURE, lit_from_one_side, noisy, on_table, sheet, wood
from tests.scans import image_bytes, page
from tla_sim.host.desk.errors import PieceRefused
from tla_sim.host.desk.page_look import Seen, check_look, look_at
from tla_sim.host.desk.piece_check import check_piece

CASES = Path(__file__).parents[2] / "cases"

SURROUNDINGS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "black table": lambda each: on_table(each, 12),
    "brown table": lambda each: on_table(each, 60),
    "grey table": lambda each: on_table(each, 115),
    "wooden table": lambda each: on_table(each, wood()),
    "wooden table, little of it": lambda each: on_table(each, wood(), share=0.85),
    "turned by 3 degrees": lambda each: on_table(each, 30, angle=3, share=0.6),
    "turned by 25 degrees": lambda each: on_table(each, 30, angle=25, share=0.4),
    "turned by 90 degrees": lambda each: on_table(each, 30, angle=90, picture=PICTURE[::-1]),
    "in a corner, under an open lid": lambda each: on_table(each, 5, at=(0, 0), share=0.45),
    "beyond one edge": lambda each: on_table(each, 40, at=(0.5, -0.2), share=0.55),
    "a quarter of the picture": lambda each: on_table(each, 25, share=0.26),
    "most of the picture": lambda each: on_table(each, 25, share=0.95),
    "lit from one side": lambda each: lit_from_one_side(on_table(each, 60)),
    "in bad light": lambda each: on_table(each, 80).point([round(level * 0.6) for level in range(256)]),
    "a camera's noise": lambda each: noisy(on_table(each, wood(), angle=-4)),
    "black and white": lambda each: on_table(each, 12, angle=2).convert("1", dither=Image.Dither.NONE),
}


@pytest.mark.share(11)
@pytest.mark.parametrize("scene", SURROUNDINGS)
@pytest.mark.parametrize("ink", [20, 60, 130])
@pytest.mark.parametrize("paper", [250, 215])
def test_a_written_sheet_is_seen_on_any_table(scene: str, ink: int, paper: int) -> None:
    assert look_at(SURROUNDINGS[scene](sheet(ink=ink, paper=paper))).seen is Seen.WRITING


@pytest.mark.share(7)
@pytest.mark.parametrize("scene", SURROUNDINGS)
@pytest.mark.parametrize("paper", [250, 215])
def test_a_blank_sheet_is_blank_on_any_table(scene: str, paper: int) -> None:
    picture = SURROUNDINGS[scene](sheet(ink=None, paper=paper))
    assert look_at(picture).seen is Seen.BLANK_SHEET
    with pytest.raises(PieceRefused, match="blank") as refused:
        check_look(look_at(picture).seen, "photo.jpg")
    assert "crop it to the sheet" in refused.value.action


def with_a_picture() -> Image.Image:
    image = sheet(lines=4)
    ImageDraw.Draw(image).rectangle((150, 700, 1_100, 1_600), fill=30)
    return image


def with_a_band() -> Image.Image:
    image = sheet(lines=8)
    ImageDraw.Draw(image).rectangle((0, 0, image.width, 220), fill=25)
    return image


def with_a_frame() -> Image.Image:
    image = sheet()
    pen = ImageDraw.Draw(image)
    pen.rectangle((4, 4, image.width - 5, image.height - 5), outline=0, width=6)
    pen.line((0, 900, image.width, 900), fill=0, width=6)
    return image


def tinted_form() -> Image.Image:
    image = sheet(paper=190, lines=14)
    pen = ImageDraw.Draw(image)
    for row in range(300, 1_500, 300):
        pen.rectangle((700, row, 1_200, row + 120), fill=255)
    return image


def shadowed(image: Image.Image) -> Image.Image:
    """A scanner's shadow at two edges."""
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 9, image.height), fill=60)
    pen.rectangle((0, image.height - 12, image.width, image.height), fill=30)
    return image


def on_a_photograph() -> Image.Image:
    """Writing on a picture that fills the page, dark here and less dark there."""
    image = Image.linear_gradient("L").point([70 + each // 4 for each in range(256)]).resize(PICTURE)
    image.paste(10, mask=ImageOps.invert(sheet(PICTURE, paper=255, ink=0, stroke=8)))
    return image


def one_line(ink: int = 40) -> Image.Image:
    return sheet(ink=ink, lines=1)


WRITTEN: dict[str, Callable[[], Image.Image]] = {
    "plain": sheet,
    "one line": one_line,
    "pencil": lambda: sheet(ink=170, stroke=4),
    "faint pencil": lambda: sheet(ink=190, stroke=5),
    "a thick pen": lambda: sheet(ink=30, stroke=20, lines=3),
    "a large dark picture": with_a_picture,
    "a dark band at its head": with_a_band,
    "a frame at its edges": with_a_frame,
    "a tinted form": tinted_form,
    "a printed photograph": on_a_photograph,
    "yellowed paper": lambda: sheet(paper=185),
    "green paper": lambda: sheet(paper=120, ink=20),
    "red paper": lambda: sheet(paper=95, ink=15),
    "a shadow at its edges": lambda: shadowed(sheet()),
    "in uneven light": lambda: lit_from_one_side(sheet(), 0.4),
    "a camera's noise": lambda: noisy(sheet(ink=90)),
    "black and white": lambda: sheet(ink=0, paper=255).convert("1"),
    "a small slip": lambda: sheet((420, 300), stroke=2, lines=4),
    "a long ticket": lambda: sheet((640, 2_600)),
}


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_sheet_that_fills_the_picture_is_seen(kind: str) -> None:
    assert look_at(WRITTEN[kind]()).seen is Seen.WRITING


UNWRITTEN: dict[str, tuple[Callable[[], Image.Image], Seen]] = {
    "white": (lambda: sheet(ink=None, paper=255), Seen.BLANK),
    "yellowed": (lambda: sheet(ink=None, paper=185), Seen.BLANK),
    "green": (lambda: sheet(ink=None, paper=120), Seen.BLANK),
    "what shines through": (lambda: sheet(ink=225), Seen.BLANK),
    "a scanner's shadows": (lambda: shadowed(sheet(ink=None)), Seen.BLANK),
    "uneven light": (lambda: lit_from_one_side(sheet(ink=None)), Seen.BLANK),
    "a camera's noise": (lambda: noisy(sheet(ink=None)), Seen.BLANK),
    "black": (lambda: sheet(ink=None, paper=0), Seen.BLACK),
    "nearly black": (lambda: noisy(sheet(ink=None, paper=35)), Seen.BLACK),
    "black with specks": (lambda: on_table(sheet(ink=None), 10, share=0.004), Seen.BLACK),
    "black with a light patch": (lambda: on_table(sheet(ink=None), 10, share=0.05), Seen.BLACK),
    "a negative": (lambda: ImageOps.invert(sheet(paper=255, ink=0)), Seen.BLACK),
    "a negative, close": (lambda: ImageOps.invert(sheet(paper=250, ink=10, lines=40, stroke=7)), Seen.BLACK),
}


@pytest.mark.parametrize("kind", UNWRITTEN)
def test_what_is_not_written_on_is_called_by_its_name(kind: str) -> None:
    make, seen = UNWRITTEN[kind]
    assert look_at(make()).seen is seen


def test_a_photograph_of_a_sheet_on_a_dark_desk_is_taken_as_it_is() -> None:
    checked = check_piece((CASES / "photo-on-dark-desk.jpg").read_bytes(), "photo-on-dark-desk.jpg")
    with pypdfium2.PdfDocument(checked.pdf) as document:
        picture = document[0].render(scale=1).to_pil().convert("L")
    assert picture.getpixel((5, 5)) < 60
    assert picture.getpixel((picture.width // 2, picture.height * 3 // 4)) > 200


def test_a_photograph_has_the_resolution_of_its_sheet() -> None:
    """Of a picture without a true resolution the sheet is taken for an A4 page."""
    near = image_bytes(on_table(sheet((2_000, 2_828)), 25, picture=(2_480, 3_508), share=0.6), dpi=72)
    assert check_piece(near, "photo.jpg").pages == 1
    far = image_bytes(on_table(sheet((2_000, 2_828)), 25, picture=(2_480, 3_508), share=0.3), dpi=72)
    with pytest.raises(PieceRefused, match=r"has 16\d DPI on the sheet that it shows"):
        check_piece(far, "photo.jpg")
    scanned = image_bytes(
        on_table(sheet((1_200, 1_690)), 5, picture=(1_654, 2_339), share=0.3, at=(0, 0)), dpi=200
    )
    assert check_piece(scanned, "scan.jpg").pages == 1


def test_the_page_of_the_other_tests_is_seen() -> None:
    assert look_at(page()).seen is Seen.WRITING


def signed(box: tuple[int, int, int, int], width: int, ink: int) -> Image.Image:
    """An A4 page at 200 DPI with nothing on it but a stroke up and down, as initials are."""
    image = page(ink=False)
    left, top, right, bottom = box
    middle = (left + right) // 2
    stroke = [(left, bottom), (left + 20, top), (middle, bottom), (right - 20, top), (right, bottom)]
    ImageDraw.Draw(image).line(stroke, fill=ink, width=width)
    return image


@pytest.mark.parametrize("width", [5, 8])
@pytest.mark.parametrize("ink", [0, 60, 110])
@pytest.mark.parametrize("box", [(900, 1_800, 1_070, 1_910), (1_000, 300, 1_280, 440)])
def test_initials_alone_are_writing(box: tuple[int, int, int, int], width: int, ink: int) -> None:
    assert look_at(signed(box, width, ink)).seen is Seen.WRITING


def test_dust_alone_is_none() -> None:
    image = page(ink=False)
    for at in range(200, 1_500, 130):
        ImageDraw.Draw(image).ellipse((at, at, at + 5, at + 5), fill=0)
    assert look_at(image).seen is Seen.BLANK
