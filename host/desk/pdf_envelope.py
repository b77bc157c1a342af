"""Bytes around a PDF in its file: before its header, and padding and others after its end.

Readers look for the header in the first 1,024 bytes and for %%EOF in the last 1,024 (Adobe's implementation
notes 13 and 18 to PDF Reference 1.7, appendix H). Copiers fill the last block with NULs. The file is cut to
the PDF itself before it travels, so that strict readers open it and a signature in it stays valid.
"""

from __future__ import annotations

import re
from typing import Final

from tla_sim.host.desk.errors import PieceRefused
from tla_sim.host.desk.scan_limits import SCAN_AGAIN

REACH: Final = 1024
_HEADER: Final = b"%PDF-"
_END: Final = b"%%EOF"
_PADDING: Final = bytes(range(33)) + b"\x7f\xff"
_UPDATE: Final = re.compile(rb"\d+\s+\d+\s+obj|\bxref\b|trailer\s*<<|startxref")
"""Marks after %%EOF that only an update has: an update without its own end was cut off."""


def has_pdf_header(raw: bytes) -> bool:
    """Return whether a PDF begins within the first 1,024 bytes."""
    return _HEADER in raw[: REACH + len(_HEADER) - 1]


def cut_to_pdf(raw: bytes, label: str) -> bytes:
    """Return the PDF in a file, from its header to its end. Raises `PieceRefused` for a truncated one.

    `raw` itself is returned if nothing but line ends surrounds the PDF.
    """
    begin = raw.find(_HEADER)
    end = raw.rstrip(_PADDING).rfind(_END)
    end = -1 if end < 0 else end + len(_END)
    rest = raw[end:].rstrip(_PADDING)
    near = raw[max(begin, end - REACH) : end]
    if end < begin or len(rest) > REACH or _UPDATE.search(rest) or b"startxref" not in near:
        raise PieceRefused("{label} is truncated: a PDF ends with %%EOF", SCAN_AGAIN, label=label)
    if begin == 0 and not raw[end:].strip(b"\r\n"):
        return raw
    return raw[begin:end] + b"\n"
