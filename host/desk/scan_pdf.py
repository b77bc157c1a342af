"""A scanned document that comes as PDF: checked page by page, measured in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from tla_sim.host.desk import pdf_probe
from tla_sim.host.desk.errors import PieceRefused
from tla_sim.host.desk.page_look import check_greys
from tla_sim.host.desk.scan_limits import MAX_PAGES, MAX_PIXELS, MIN_DPI, SCAN_AGAIN, TOLERANCE

_PROBE_SECONDS: Final = 60


def check_pdf(raw: bytes, label: str) -> int:
    """The number of pages of a PDF that may travel. Raises PieceRefused."""
    tail = raw[-1024:]
    if b"%%EOF" not in tail or b"startxref" not in tail:
        raise PieceRefused(f"{label} is truncated: a PDF ends with %%EOF", SCAN_AGAIN)
    found = _probe(raw)
    page = found.get("page")
    match found.get("problem"):
        case None:
            pass
        case "password":
            raise PieceRefused(f"{label} is protected by a password", "Give it without protection")
        case "pages":
            raise PieceRefused(
                f"{label} has {found['count']} pages; 1 to {MAX_PAGES} are taken", "Split it into several"
            )
        case "pixels":
            raise PieceRefused(
                f"Page {page} of {label} holds an image of more than {MAX_PIXELS:,} pixels", "Scan at 300 DPI"
            )
        case "size":
            raise PieceRefused(f"Page {page} of {label} has no sensible size", SCAN_AGAIN)
        case "bounds":
            raise PieceRefused(
                f"{label} takes more memory or time to read than a document should", SCAN_AGAIN
            )
        case _:
            raise PieceRefused(f"{label} cannot be read: it is damaged", SCAN_AGAIN)
    pages = found["pages"]
    for number, each in enumerate(pages, 1):
        where = f"Page {number} of {label}"
        if each["dpi"] is not None and each["dpi"] < MIN_DPI * TOLERANCE:
            raise PieceRefused(
                f"{where} is scanned at {each['dpi']:.0f} DPI; at least {MIN_DPI} are needed", SCAN_AGAIN
            )
        check_greys(each["greys"], where)
    return len(pages)


def _probe(raw: bytes) -> dict[str, Any]:
    command = [sys.executable, "-I", str(Path(pdf_probe.__file__)), str(MAX_PAGES), str(MAX_PIXELS)]
    try:
        done = subprocess.run(command, input=raw, capture_output=True, timeout=_PROBE_SECONDS, check=False)
        if done.returncode == 0:
            found: dict[str, Any] = json.loads(done.stdout)
            return found
    except (subprocess.TimeoutExpired, ValueError):
        pass
    return {"problem": "bounds"}
