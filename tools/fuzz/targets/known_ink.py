"""Label an image with what it shows, where ink and where paper, so that a case carries its expected result.

The label is a chunk of a PNG or a comment of a JPEG, with the digest of the rest, so that it no longer counts
once the image was changed. Project-defined.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Final

from tla_sim.tools.fuzz.targets.png_writer import SIGNATURE, chunk

_CHUNK: Final = b"tlIn"
_COMMENT: Final = b"\xff\xfe"
_PNG_AT: Final = 33
"""The offset after the signature and IHDR."""

_JPEG_AT: Final = 2


@dataclass(frozen=True)
class KnownInk:
    """The size of the upright picture, and places of ink and of paper on it.

    A `sound` image must be taken.
    """

    size: tuple[int, int]
    ink: tuple[tuple[int, int], ...]
    paper: tuple[tuple[int, int], ...]
    sound: bool


def label(raw: bytes, known: KnownInk) -> bytes:
    """Return the image with a label of what it shows."""
    body = sha256(raw).digest() + json.dumps(asdict(known)).encode()
    png = raw.startswith(SIGNATURE)
    at = _PNG_AT if png else _JPEG_AT
    telling = chunk(_CHUNK, body) if png else _COMMENT + (len(body) + 2).to_bytes(2, "big") + body
    return raw[:at] + telling + raw[at:]


def known_ink(raw: bytes) -> KnownInk | None:
    """Read the label of an image; `None` if it has none or was changed since."""
    if raw.startswith(SIGNATURE):
        at, head, size, more = _PNG_AT, 8, int.from_bytes(raw[_PNG_AT : _PNG_AT + 4], "big"), 4
        named = raw[_PNG_AT + 4 : _PNG_AT + 8] == _CHUNK
    else:
        at, head, size, more = _JPEG_AT, 4, int.from_bytes(raw[4:6], "big") - 2, 0
        named = raw[_JPEG_AT : _JPEG_AT + 2] == _COMMENT
    body, rest = raw[at + head : at + head + size], raw[:at] + raw[at + head + size + more :]
    if not named or len(body) < 32 or body[:32] != sha256(rest).digest():
        return None
    try:
        tree = json.loads(body[32:])
        width, height = tree["size"]
        ink, paper = ([(int(x), int(y)) for x, y in tree[name]] for name in ("ink", "paper"))
        return KnownInk((width, height), tuple(ink), tuple(paper), bool(tree["sound"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
