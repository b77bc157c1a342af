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
"""An image that covers this much of its page is the scan of the page."""


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
            dpi = None
            for image in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE]):
                columns, rows = image.get_px_size()
                if columns * rows > max_pixels:
                    return {"problem": "pixels", "page": index + 1}
                left, bottom, right, top = image.get_bounds()
                if (right - left) * (top - bottom) >= _COVERS * width * height:
                    here = min(columns / (right - left), rows / (top - bottom)) * 72
                    dpi = here if dpi is None else min(dpi, here)
            scale = LOOK_PIXELS / max(width, height)
            picture = page.render(scale=scale, grayscale=True).to_pil().convert("L")
        except pdfium.PdfiumError:
            return {"problem": "page", "page": index + 1}
        pages.append({"width": width, "height": height, "dpi": dpi, "greys": picture.histogram()})
    return {"pages": pages}


def main(arguments: list[str]) -> int:
    """Bound this process, read, measure, print."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print(json.dumps(measure(sys.stdin.buffer.read(), int(arguments[0]), int(arguments[1]))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
