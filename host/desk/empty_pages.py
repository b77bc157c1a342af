"""Empty pages of a scan, such as the backs from a duplex scanner: reported, and left out on request.

The PDF that travels then lacks them; the original is kept as well. Project-defined.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tla_sim.host.desk import page_remover
from tla_sim.host.desk.errors import EmptyPages, PieceRefused
from tla_sim.host.desk.page_look import Seen, check_look
from tla_sim.host.desk.scan_limits import SCAN_AGAIN
from tla_sim.protocol.sentence import Sentence

_SECONDS: Final = 60
EMPTY: Final = (Seen.BLANK, Seen.BLANK_SHEET)


def check_pages(seen: Sequence[Seen], label: str, kept: bytes) -> None:
    """Check that the PDF `kept` may travel with what its pages show.

    Raises `EmptyPages` where only some are empty, `PieceRefused`.
    """
    empty = tuple(number for number, each in enumerate(seen, 1) if each in EMPTY)
    for number, each in enumerate(seen, 1):
        if number not in empty:
            check_look(each, Sentence("Page {number} of {label}", number=number, label=label))
    if len(empty) == len(seen) > 1:
        raise PieceRefused(
            "All {count} pages of {label} are blank", "Scan the other sides", count=len(seen), label=label
        )
    if len(empty) == 1 == len(seen):
        check_look(seen[0], Sentence("Page 1 of {label}", label=label))
    if empty:
        raise EmptyPages(label, empty, kept)


def without_pages(kept: bytes, numbers: Sequence[int], label: str) -> bytes:
    """Return the PDF without some of its pages. Raises `PieceRefused`."""
    command = [sys.executable, "-I", str(Path(page_remover.__file__)), *(str(each) for each in numbers)]
    try:
        done = subprocess.run(command, input=kept, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode != 0:
        raise PieceRefused("The empty pages of {label} cannot be left out", SCAN_AGAIN, label=label)
    return done.stdout
