"""Scans as PDF, as odd as machines and programs make them, each with the verdict that it must get.

A file that was made whole has a promise in a comment after its header: that it is legible at 200 DPI and must
be taken, or that it must be refused. The comment includes the file's digest, so a file that was changed later
promises nothing: it may get either verdict, but must get one.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from functools import cache
from typing import Any, Final

from PIL import Image

from tla_sim.host.desk.errors import PieceRefused
from tla_sim.host.desk.pdf_apart import LIMITS
from tla_sim.host.desk.pdf_envelope import has_pdf_header
from tla_sim.host.desk.pdf_probe import measure
from tla_sim.host.desk.piece_check import check_piece
from tla_sim.host.desk.scan_pdf import check_pdf
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.targets.file_kind import FileKind
from tla_sim.tools.fuzz.targets.pdf_writer import (
    Drawn,
    Leaf,
    fax,
    flate,
    form,
    jbig2,
    jpeg,
    jpx,
    placed,
    stencil,
    write_pdf,
    written,
)
from tla_sim.tools.fuzz.targets.written_page import written_page
from tla_sim.tools.judge.violation import Violation

_INCHES: Final = (4, 3)
_POINTS: Final = (_INCHES[0] * 72, _INCHES[1] * 72)
_FULL: Final = (_POINTS[0], 0, 0, _POINTS[1], 0, 0)
_FINE: Final = (200, 240, 300)
_COARSE: Final = (72, 100, 150, 185)
_LINES: Final = ("Soins infirmiers a domicile", "matin et soir") * 5

_CODINGS: Final = ("jpeg", "progressive", "colours", "flate", "bits", "jpx", "fax", "jbig2")
_HEADS: Final = (b"", b"", b"\xef\xbb\xbf", b"\r\n\r\n", bytes(128), b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 1023)
_TAILS: Final = (b"\n", b"\n", b"", b"\r\n", bytes(4096), b"\x1a", b" \r\n" * 700, b"\n<!-- served -->\n")
_TURNS: Final = (0, 0, 1, 2, -3, 7, 45, 90, 135, 180, 270)

_PROMISE: Final = b"%promise "
_WORDS: Final = {b"taken  ": True, b"refused": False}
_OPEN: Final = b"0" * 64
"""Takes the digest's place while the digest is computed."""


@cache
def _coded(coding: str, dpi: int) -> Drawn:
    page = written_page(dpi, *_INCHES)
    match coding:
        case "jpeg":
            return jpeg(page)
        case "progressive":
            return jpeg(page, progressive=True)
        case "colours":
            return jpeg(page.convert("RGB"))
        case "flate":
            return flate(page)
        case "jpx":
            return jpx(page)
        case "bits":
            return flate(page.convert("1"))
        case "fax":
            return fax(page.convert("1"))
        case _:
            return jbig2(page.convert("1"))


@cache
def _ground(dpi: int, colour: tuple[int, int, int]) -> Drawn:
    return jpeg(Image.new("RGB", (_INCHES[0] * dpi, _INCHES[1] * dpi), colour))


def _turn(leaf: Leaf, degrees: float, mirrored: bool) -> Leaf:
    """Turn what a page draws, within a form, on a page that is large enough for it."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    a, b = (-cos, -sin) if mirrored else (cos, sin)
    corners = [(a * x - sin * y, b * x + cos * y) for x in (0, leaf.width) for y in (0, leaf.height)]
    left, low = (min(corner[axis] for corner in corners) for axis in (0, 1))
    right, high = (max(corner[axis] for corner in corners) for axis in (0, 1))
    whole = form((a, b, -sin, cos, -left, -low), leaf.contents, **leaf.drawn)
    return Leaf(right - left, high - low, placed("F", (1, 0, 0, 1, 0, 0)), {"F": whole}, leaf.entries)


def _in_units(leaf: Leaf, unit: float) -> Leaf:
    whole = form((1, 0, 0, 1, 0, 0), leaf.contents, **leaf.drawn)
    contents = placed("U", (1 / unit, 0, 0, 1 / unit, 0, 0))
    return Leaf(leaf.width / unit, leaf.height / unit, contents, {"U": whole}, f"/UserUnit {unit}")


def _strips(dpi: int, rows: int) -> Leaf:
    page = written_page(dpi, *_INCHES)
    contents, drawn = b"", {}
    for top in range(0, page.height, rows):
        strip = page.crop((0, top, page.width, min(top + rows, page.height)))
        drawn[f"S{top}"] = flate(strip)
        base = _POINTS[1] * (1 - (top + strip.height) / page.height)
        contents += placed(f"S{top}", (_POINTS[0], 0, 0, strip.height * 72 / dpi, 0, base))
    return Leaf(*_POINTS, contents, drawn)


def _layers(*layers: Drawn, text: bytes = b"") -> Leaf:
    drawn = {f"L{at}": layer for at, layer in enumerate(layers)}
    return Leaf(*_POINTS, b"".join(placed(name, _FULL) for name in drawn) + text, drawn)


def _scan(chance: Chance, dpi: int) -> Leaf:
    """Return a page of this resolution, built in one of the ways in which machines do."""
    coding = pick(chance, _CODINGS)
    whole = _coded(coding, dpi)
    match chance.below(7):
        case 0:
            return _strips(dpi, 1 + chance.below(40))
        case 1:
            return _layers(
                _ground(40, (250, 248, 240)), stencil(_coded(pick(chance, ("fax", "jbig2", "bits")), dpi))
            )
        case 2:
            ink = _ground(pick(chance, (10, 25)), (10, 10, 60))
            return _layers(_ground(50, (250, 250, 250)), ink.with_parts(Mask=stencil(_coded("fax", dpi))))
        case 3:
            return _layers(whole, text=written(_LINES, *_POINTS, mode=3))
        case 4:
            opaque = flate(Image.new("L", (8, 6), 255))
            return _layers(whole.with_parts(SMask=opaque))
        case _:
            return _layers(whole)


def _promised(chance: Chance) -> tuple[Leaf, bool]:
    """Return a page, and whether it must be taken."""
    fine = bool(chance.below(2))
    match chance.below(6):
        case 0:
            leaf, fine = (
                _layers(_ground(pick(chance, (20, 36, 72)), (230, 240, 250)), text=written(_LINES, *_POINTS)),
                True,
            )
        case 1:
            whole = _coded(pick(chance, _CODINGS), pick(chance, _FINE))
            leaf, fine = _layers(whole.cut((1 + chance.below(60)) / 100)), False
        case _:
            leaf = _scan(chance, pick(chance, _FINE if fine else _COARSE))
    if chance.below(2):
        leaf = _turn(leaf, pick(chance, _TURNS), mirrored=not chance.below(4))
    if not chance.below(3):
        leaf = _in_units(leaf, pick(chance, (0.5, 2, 3.25, 10)))
    elif not chance.below(3):
        leaf = replace(leaf, entries=f"/Rotate {pick(chance, (90, 180, 270))}")
    return leaf, fine


def promising(
    leaf: Leaf, right: bool, head: bytes = b"", tail: bytes = b"\n", counted: bool = False
) -> bytes:
    """Return a PDF with the promise that it must be taken, or refused."""
    word = next(word for word, taken in _WORDS.items() if taken is right)
    raw = write_pdf(leaf, head=head, tail=tail, counted=counted, remark=_PROMISE + word + b" " + _OPEN)
    return raw.replace(_OPEN, _digest(raw), 1)


def promise_of(raw: bytes) -> bool | None:
    """Return whether a file must be taken; `None` if it promises nothing or was changed since."""
    at = raw.find(_PROMISE) + len(_PROMISE)
    word, stated = raw[at : at + 7], raw[at + 8 : at + 8 + len(_OPEN)]
    if at < len(_PROMISE) or word not in _WORDS or stated != _digest(raw.replace(stated, _OPEN, 1)):
        return None
    return _WORDS[word]


def _digest(raw: bytes) -> bytes:
    return hashlib.sha256(raw).hexdigest().encode()


def _odd(chance: Chance) -> bytes:
    leaf, right = _promised(chance)
    return promising(leaf, right, pick(chance, _HEADS), pick(chance, _TAILS), bool(chance.below(2)))


@cache
def _good() -> tuple[bytes, ...]:
    pages = [_layers(_coded(coding, 200)) for coding in _CODINGS]
    return tuple(promising(page, True) for page in pages)


def _measured_here(raw: bytes) -> dict[str, Any]:
    return measure(raw, *LIMITS)


def _read(raw: bytes) -> None:
    """Check a file: promises must be kept, and the resulting PDF must be taken again unchanged.

    It is measured in this process: starting another for each file takes longer than all the rest.
    """
    if not has_pdf_header(raw):
        check_piece(raw, "scan")
        return
    promised = promise_of(raw)
    try:
        kept, _ = check_pdf(raw, "scan", _measured_here)
    except PieceRefused as refused:
        if promised:
            raise Violation("verdict", "a sound scan is refused: {reason}", reason=refused.message) from None
        raise
    if promised is False:
        raise Violation("verdict", "a coarse or truncated scan is taken")
    if kept != raw and check_pdf(kept, "scan", _measured_here)[0] != kept:
        raise Violation("verdict", "the resulting PDF is not taken again as it is")


KIND: Final = FileKind(_good, _read, _odd, kept=9)
