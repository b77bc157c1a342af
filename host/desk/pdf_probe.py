"""What a PDF looks like inside, measured in a process of its own with bounded memory and time.

Run as a script: the PDF on standard input, JSON on standard output. It imports nothing of this project, so
that it starts quickly and a hostile file can hurt nothing but this process.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any, Final

MAX_MEMORY: Final = 1536 * 1024 * 1024
MAX_SECONDS: Final = 20
LOOK_PIXELS: Final = 900
"""The longest side of a page as it is looked at."""

_PASSWORD: Final = 4
_COVERS: Final = 0.25
"""Images that cover this much of a page are its scan: one of them, or many strips together."""

_STRIP: Final = 0.005
"""What covers less of a page than this is no strip of a scan."""


def measure(raw: bytes, max_pages: int, max_pixels: int) -> dict[str, Any]:
    """`problem` with a word, or `pages`: for each its size in points, its scan's DPI, its grey levels."""
    import pypdfium2 as pdfium
    import pypdfium2.raw as pdfium_c

    try:
        document = pdfium.PdfDocument(raw)
    except pdfium.PdfiumError as error:
        return {"problem": "password" if getattr(error, "err_code", 0) == _PASSWORD else "unreadable"}
    if pdfium_c.FPDF_GetSecurityHandlerRevision(document) != -1:
        return {"problem": "password"}
    if not 1 <= len(document) <= max_pages:
        return {"problem": "pages", "count": len(document)}
    pages = []
    for index in range(len(document)):
        try:
            page = document[index]
            width, height = page.get_size()
            if not (10 <= width <= 14_400 and 10 <= height <= 14_400):
                return {"problem": "size", "page": index + 1}
            images = []
            for image in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE]):
                columns, rows = image.get_px_size()
                if columns * rows > max_pixels:
                    return {"problem": "pixels", "page": index + 1}
                wide, high = extent(image)
                if wide > 0 and high > 0:
                    images.append((wide * high / (width * height), min(columns / wide, rows / high) * 72))
            scale = LOOK_PIXELS / max(width, height)
            picture = page.render(scale=scale, grayscale=True).to_pil().convert("L")
        except pdfium.PdfiumError:
            return {"problem": "page", "page": index + 1}
        dpi = resolution(images)
        pages.append({"width": width, "height": height, "dpi": dpi, "greys": picture.histogram()})
    return {"pages": pages}


def extent(image: Any) -> tuple[float, float]:
    """Width and height of an image on its page, in points, whatever forms it stands in."""
    box = image.get_bounds()
    form = image.container
    while form is not None:
        box = form.get_matrix().on_rect(*box)
        form = form.container
    left, bottom, right, top = box
    return right - left, top - bottom


def resolution(images: list[tuple[float, float]]) -> float | None:
    """The least DPI of a page's scan, of images by the share of the page that they cover and their DPI."""
    whole = [dpi for share, dpi in images if share >= _COVERS]
    if whole:
        return min(whole)
    strips = [(share, dpi) for share, dpi in images if share >= _STRIP]
    if sum(share for share, _ in strips) >= _COVERS:
        return min(dpi for _, dpi in strips)
    return None


def main(arguments: list[str]) -> int:
    """Bound this process, read, measure, print."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print(json.dumps(measure(sys.stdin.buffer.read(), int(arguments[0]), int(arguments[1]))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
