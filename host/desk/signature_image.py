"""A PS's digitised signature: one image, registered once, printed on the care sheets of degraded invoices.

The image is cropped to its ink, reduced, converted to grey on white, and kept beside the ledger. While it is
switched off, sheets go on paper.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tla_sim.host.desk.errors import BadSignatureImage, DeskRefused, PieceRefused
from tla_sim.host.desk.flat_image import on_white
from tla_sim.host.desk.image_end import JPEG, PNG
from tla_sim.host.desk.piece_check import shown_name
from tla_sim.host.desk.piece_store import PieceStore
from tla_sim.host.desk.scan_image import open_image
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.ledger.pieces import put_signature, signature_setting, switch_signature
from tla_sim.host.whole_file import FileUnusable, read_whole

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_BYTES: Final = 5 * 1024 * 1024
MAX_PIXELS: Final = 20_000_000
SIZE: Final = (600, 200)
"""The largest size in which it is kept, in pixels."""

_INK: Final = 200
_LEAST_PAPER: Final = 150
_MOST_INK: Final = 0.6


@dataclass(frozen=True)
class DigitalSignature:
    """A PS's setting: the image (PNG) if one is registered, and whether it is switched on."""

    image: bytes | None = field(repr=False)
    switched_on: bool

    @property
    def usable(self) -> bytes | None:
        """The image, if sheets are to carry it."""
        return self.image if self.switched_on else None


def register_signature(ledger: Ledger, owner: str, path: str | os.PathLike[str]) -> None:
    """Register an image as the signature of a billing number's PS, replacing an earlier one.

    Raises `BadSignatureImage`; an earlier one is kept then.

        >>> tla_sim.register_signature(ledger, "75629690", "signature.png")
    """
    _register(ledger, owner, _read_signature(Path(path)))


def register_scan(ledger: Ledger, owner: str, raw: bytes, name: str) -> None:
    """Do the same with the bytes of an image, whose `name` is only shown. Raises as `register_signature`."""
    shown = shown_name(name)
    if len(raw) > MAX_BYTES:
        raise BadSignatureImage(
            "{name} is larger than {most} MiB", "Scan it in grey", name=shown, most=MAX_BYTES // 1024 // 1024
        )
    _register(ledger, owner, normalise_signature(raw, shown))


def _register(ledger: Ledger, owner: str, image: bytes) -> None:
    with PieceStore(ledger).keeping(image) as (digest,), ledger.writing():
        put_signature(ledger, owner, digest)


def switch(ledger: Ledger, owner: str, on: bool) -> None:
    """Switch the digital signature of a PS on or off. Raises `DeskRefused` when none is registered."""
    if on and signature_of(ledger, owner).image is None:
        raise DeskRefused(
            "No signature is registered for {owner}",
            "Register a signature first",
            owner=owner,
        )
    with ledger.writing():
        switch_signature(ledger, owner, on)


def signature_of(ledger: Ledger, owner: str) -> DigitalSignature:
    """Return the setting of a billing number's PS, switched off if there is none. Raises `PieceLost`."""
    setting = signature_setting(ledger, owner)
    image = None if setting.image is None else PieceStore(ledger).get(setting.image)
    return DigitalSignature(image, setting.switched_on)


def _read_signature(path: Path) -> bytes:
    try:
        raw = read_whole(path, MAX_BYTES)
    except FileUnusable as error:
        raise BadSignatureImage(error.message, error.action) from None
    return normalise_signature(raw, path.name)


def normalise_signature(raw: bytes, name: str) -> bytes:
    """Return the PNG to keep for a JPEG or PNG of a signature. Raises `BadSignatureImage`."""
    if not raw.startswith((JPEG, PNG)):
        raise BadSignatureImage("{name} is neither JPEG nor PNG", "Give one of these", name=name)
    try:
        image = on_white(open_image(raw, name, MAX_PIXELS)).convert("L")
    except PieceRefused as error:
        raise BadSignatureImage(error.message, "Scan the signature again, on white paper") from None
    paper = _paper(image)
    image = image.point([min(level * 255 // paper, 255) for level in range(256)])
    ink = image.point([255 if level < _INK else 0 for level in range(256)])
    box = ink.getbbox()
    if box is None:
        raise BadSignatureImage("{name} shows no signature: it is blank", "Sign with a darker pen", name=name)
    cut = image.crop(box)
    share = ink.crop(box).histogram()[255] / (cut.width * cut.height)
    if share > _MOST_INK or min(cut.size) < 8:
        raise BadSignatureImage("{name} shows no signature: it is all dark", "Sign on white paper", name=name)
    cut.thumbnail(SIZE)
    kept = BytesIO()
    cut.save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _paper(image: Image) -> int:
    """Return the grey level of the paper, the median of the image; white where that is too dark for paper."""
    tones = image.histogram()
    passed = level = 0
    while passed * 2 < sum(tones):
        passed += tones[level]
        level += 1
    return level - 1 if level - 1 >= _LEAST_PAPER else 255
