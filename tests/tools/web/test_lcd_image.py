from __future__ import annotations

from io import BytesIO
from xml.etree import ElementTree

from PIL import Image

from tla_sim.reader_fw.board.display import fold
from tla_sim.tools.web.lcd_font import GLYPHS, HEIGHT, WIDTH, font
from tla_sim.tools.web.lcd_image import draw_png, draw_svg, draw_text

SCREEN = ("TLA 1.40 05/03 08:00", "INSEREZ LA CARTE    ", "VITALE <DU> PATIENT ", "A CERTIFIER        0")
SVG = "{http://www.w3.org/2000/svg}"


def test_every_character_that_the_display_shows_has_a_glyph_of_its_own() -> None:
    shown = {fold(chr(code)) for code in range(0x20, 0x7F)}
    assert set(GLYPHS) == shown
    assert len(set(GLYPHS.values())) == len(GLYPHS)


def test_glyphs_keep_to_their_dots() -> None:
    assert all(len(rows) == HEIGHT and max(rows) < 1 << WIDTH for rows in GLYPHS.values())
    assert font()["glyphs"] == {char: list(rows) for char, rows in GLYPHS.items()}


def test_the_svg_draws_each_character_once_and_says_the_text() -> None:
    drawn = ElementTree.fromstring(draw_svg(SCREEN))
    assert drawn.findtext(f"{SVG}title") == "\n".join(line.rstrip() for line in SCREEN)
    assert len(drawn.findall(f".//{SVG}use")) == len("".join(SCREEN).replace(" ", ""))
    assert len(drawn.findall(f".//{SVG}path")) == len(set("".join(SCREEN)) - {" "})


def test_the_png_has_a_pixel_of_ink_where_a_dot_is() -> None:
    picture = Image.open(BytesIO(draw_png(SCREEN)))
    assert picture.size == (508, 168)
    ink = [picture.getpixel((4 * (4 + column) + 1, 4 * 4 + 1)) for column in range(WIDTH)]
    assert ink == [bits >> (WIDTH - 1 - at) & 1 for at in range(WIDTH) for bits in (GLYPHS["T"][0],)]


def test_a_screen_that_is_off_shows_nothing_and_has_another_ground() -> None:
    off = Image.open(BytesIO(draw_png(SCREEN, on=False))).convert("RGB")
    assert len(off.getcolors() or ()) == 1
    assert off.getpixel((0, 0)) != Image.open(BytesIO(draw_png(SCREEN))).convert("RGB").getpixel((0, 0))
    assert ElementTree.fromstring(draw_svg(SCREEN, on=False)).find(f".//{SVG}use") is None


def test_text_is_four_lines() -> None:
    assert draw_text(SCREEN).splitlines() == list(SCREEN)
