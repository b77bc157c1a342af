"""Drawing a page of a PDF, in a process of its own with bounded memory and time.

Run as a script: the PDF on standard input, the number of the page and the longest side in pixels as
arguments, the PNG on standard output. It imports nothing of this project, so that it starts quickly and a
hostile file can harm only this process.
"""

from __future__ import annotations

import resource
import sys
from typing import Final

MAX_MEMORY: Final = 1536 * 1024 * 1024
MAX_SECONDS: Final = 20
NO_PAGE: Final = 3
"""The exit status where the PDF does not have that page."""


def main(arguments: list[str]) -> int:
    """Bound this process, read, draw, write."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import pypdfium2 as pdfium

    number, side = (int(each) for each in arguments)
    with pdfium.PdfDocument(sys.stdin.buffer.read()) as document:
        document.init_forms()  # without it what stands in a form's fields, signatures too, is not drawn
        if not 1 <= number <= len(document):
            return NO_PAGE
        page = document[number - 1]
        picture = page.render(scale=side / max(page.get_size())).to_pil()
    picture.save(sys.stdout.buffer, "PNG")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
