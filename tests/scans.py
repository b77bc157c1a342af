"""Scanned documents, good and bad, drawn by code: nothing here comes from a real scanner."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

from fpdf import FPDF
from PIL import Image, ImageDraw

A4_AT_200 = (1654, 2339)


def page(size: tuple[int, int] = A4_AT_200, *, ink: bool = True, paper: int = 255) -> Image.Image:
    """Return a page with some lines of writing."""
    image = Image.new("L", size, paper)
    if ink:
        pen = ImageDraw.Draw(image)
        for row in range(size[1] // 8, size[1] // 2, max(size[1] // 40, 1)):
            pen.line(
                [(size[0] // 8, row), (size[0] * 7 // 8, row + 3)], fill=20, width=max(size[1] // 400, 2)
            )
    return image


def image_bytes(image: Image.Image, kind: str = "JPEG", dpi: int | None = 200) -> bytes:
    """Return the image as a file."""
    out = BytesIO()
    image.save(out, kind, **({} if dpi is None else {"dpi": (dpi, dpi)}))
    return out.getvalue()


def scan_pdf(*images: Image.Image, dpi: float = 200) -> bytes:
    """Return a PDF whose pages are images, as from a scanner."""
    pdf = FPDF(unit="pt")
    pdf.set_creation_date(datetime(2019, 3, 5, tzinfo=UTC))
    for image in images:
        size = (image.width / dpi * 72, image.height / dpi * 72)
        pdf.add_page(format=size)
        pdf.image(image, 0, 0, *size)
    return bytes(pdf.output())


def text_pdf(pages: int = 1, password: str = "") -> bytes:
    """Return a PDF with text and no image."""
    pdf = FPDF()
    pdf.set_creation_date(datetime(2019, 3, 5, tzinfo=UTC))
    pdf.set_font("helvetica", size=24)
    for _ in range(pages):
        pdf.add_page()
        for line in range(8):
            pdf.cell(0, 12, f"Ordonnance du 01/01/2019, ligne {line}", new_x="LMARGIN", new_y="NEXT")
    if password:
        pdf.set_encryption(owner_password="owner", user_password=password)
    return bytes(pdf.output())


def signature_png() -> bytes:
    """Return a flourish, blue on a transparent ground."""
    image = Image.new("RGBA", (1200, 500), (255, 255, 255, 0))
    pen = ImageDraw.Draw(image)
    pen.line(
        [(100, 300), (300, 100), (500, 380), (700, 120), (900, 300), (1100, 180)],
        fill=(20, 20, 120),
        width=10,
    )
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
