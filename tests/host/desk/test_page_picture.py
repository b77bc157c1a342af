"""A page of a kept PDF as a picture."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from tests.scans import page, scan_pdf, text_pdf
from tla_sim.host.desk.page_picture import SIDE, PageNotDrawn, UnknownPage, draw_page


def test_each_page_is_drawn() -> None:
    pdf = scan_pdf(page(), page(ink=False))
    drawn, blank = (Image.open(BytesIO(draw_page(pdf, number))) for number in (1, 2))
    assert drawn.format == "PNG"
    assert max(drawn.size) == SIDE
    assert drawn.convert("L").getextrema() == (20, 255)
    assert blank.convert("L").getextrema() == (255, 255)


@pytest.mark.parametrize("number", [-1, 0, 3])
def test_a_page_that_is_not_there(number: int) -> None:
    with pytest.raises(UnknownPage, match=f"no page {number}"):
        draw_page(text_pdf(2), number)


def test_what_is_no_pdf_is_not_drawn() -> None:
    with pytest.raises(PageNotDrawn):
        draw_page(b"%PDF-1.7 and nothing else", 1)
