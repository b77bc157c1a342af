"""The park file: a list of readers, one URL per line."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tla_sim.host.text_file import NotText, certain_text
from tla_sim.host.whole_file import read_whole
from tla_sim.protocol.errors import Category, TlaError

MAX_PARK_BYTES: Final = 1024 * 1024


class ParkFileUnusable(TlaError):
    """A park file is not text, or its encoding cannot be determined."""

    category = Category.BAD_INPUT


def read_park(path: Path) -> list[str]:
    """Return the URLs in a park file, in their order. Raises `FileUnusable`, `ParkFileUnusable`."""
    try:
        return parse_park(read_whole(path, MAX_PARK_BYTES))
    except NotText as error:
        raise ParkFileUnusable(
            "{path} is not a list of readers: it holds {found}",
            "Save it as UTF-8 text, one URL a line",
            path=path,
            found=error.found,
        ) from None


def parse_park(raw: bytes) -> list[str]:
    """Return the URLs in a park file, without blank lines and those that begin with #. Raises `NotText`."""
    lines = (line.strip() for line in certain_text(raw).splitlines())
    return [line for line in lines if line and not line.startswith("#")]
