"""Image files of reader software on the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tla_sim.host.whole_file import read_start
from tla_sim.protocol.firmware import MAX_IMAGE_BYTES, Image, ImageForeign, ImageRefused
from tla_sim.protocol.sentence import Sentence

SUFFIX: Final = ".tlafw"


def read_image(path: Path) -> Image:
    """Return the verified image in a file, reading no more than an image can have.

    Raises `ImageRefused` and `FileUnusable`.
    """
    raw = read_start(path, MAX_IMAGE_BYTES + 1)
    try:
        if len(raw) > MAX_IMAGE_BYTES:
            raise ImageForeign(
                "It is larger than the {most} bytes that an image can have",
                "Name a {suffix} file",
                most=MAX_IMAGE_BYTES,
                suffix=SUFFIX,
            )
        return Image.parse(raw)
    except ImageRefused as error:
        told = Sentence("{path}: {error}", path=path, error=error.message)
        raise type(error)(told, error.action) from None
