"""Writing a PDF again without some of its pages, in a process of its own with bounded memory and time.

Run as a script: the PDF on standard input, the numbers of the pages to leave out as arguments, the new PDF on
standard output. It imports nothing of this project, so that it starts quickly and a hostile file can harm
only this process.
"""

from __future__ import annotations

import re
import resource
import sys
from hashlib import sha256
from io import BytesIO
from typing import Final

MAX_MEMORY: Final = 1536 * 1024 * 1024
MAX_SECONDS: Final = 20

_ID: Final = re.compile(rb"/ID ?\[ ?<[0-9A-Fa-f]{32}> ?<[0-9A-Fa-f]{32}> ?\]")


def without_pages(raw: bytes, numbers: list[int]) -> bytes:
    """Return the PDF without these pages, counted from 1. The same PDF always gives the same bytes."""
    import pypdfium2 as pdfium

    made = BytesIO()
    with pdfium.PdfDocument(raw) as document:
        for number in sorted(numbers, reverse=True):
            document.del_page(number - 1)
        document.save(made)
    return _settle(made.getvalue(), raw)


def _settle(made: bytes, source: bytes) -> bytes:
    """Return the PDF with an identity (ISO 32000-1, 14.4) derived from its source instead of from chance."""
    found = list(_ID.finditer(made))
    if not found:
        return made
    name = sha256(source).hexdigest()[:32].upper().encode()
    begin, end = found[-1].span()
    return made[:begin] + (b"/ID[<%s><%s>]" % (name, name)).ljust(end - begin) + made[end:]


def main(arguments: list[str]) -> int:
    """Bound this process, read, leave out, write."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.buffer.write(without_pages(sys.stdin.buffer.read(), [int(each) for each in arguments]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
