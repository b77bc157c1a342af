"""What an image of a scan is known to show, told by the image itself: where ink is and where paper.

The telling is a chunk of a PNG or a comment of a JPEG with the digest of the rest, so that an image that was
changed afterwards tells nothing. Project-defined.
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
"""Behind the signature and IHDR."""

_JPEG_AT: Final = 2


@dataclass(frozen=True)
class KnownInk:
    """Places of ink and of paper on the upright picture, whose size is known too.

    `sound` is an image that must be taken.
    """

    size: tuple[int, int]
    ink: tuple[tuple[int, int], ...]
    paper: tuple[tuple[int, int], ...]
    sound: bool


def told(raw: bytes, known: KnownInk) -> bytes:
    """The image with what it shows told in it."""
    body = sha256(raw).digest() + json.dumps(asdict(known)).encode()
    png = raw.startswith(SIGNATURE)
    at = _PNG_AT if png else _JPEG_AT
    telling = chunk(_CHUNK, body) if png else _COMMENT + (len(body) + 2).to_bytes(2, "big") + body
    return raw[:at] + telling + raw[at:]


def known_ink(raw: bytes) -> KnownInk | None:
    """What an unchanged image tells of itself."""
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
