"""Scans and signatures as PNG and JPEG in every mode, depth and oddity, whose ink must not be lost."""

from __future__ import annotations

import struct
from functools import cache
from io import BytesIO
from typing import Any, Final

from tla_sim.host.desk.errors import BadSignatureImage, PieceRefused
from tla_sim.host.desk.piece_check import check_piece
from tla_sim.host.desk.signature_image import normalise_signature
from tla_sim.tools.fuzz.chance import Chance, SeededChance, pick
from tla_sim.tools.fuzz.targets.file_kind import FileKind
from tla_sim.tools.fuzz.targets.known_ink import KnownInk, known_ink, label
from tla_sim.tools.fuzz.targets.png_writer import (
    CHANNELS,
    COLOUR,
    COLOUR_ALPHA,
    DEPTHS,
    DPI_200,
    GREY,
    GREY_ALPHA,
    INDEXED,
    chunk,
    png_file,
)
from tla_sim.tools.judge.violation import Violation

_SIZE: Final = (140, 100)
_BARS: Final = ((30, 42), (70, 76), (100, 110))
"""Columns of ink."""

_ROWS: Final = (20, 80)
_INK_AT: Final = tuple((sum(bar) // 2, 50) for bar in _BARS)
_PAPER_AT: Final = ((15, 50), (55, 50), (88, 50), (125, 50))
_CONTRAST: Final = 50
_USED_BITS: Final = (16, 16, 16, 14, 12, 10, 8)
_ORIENTATIONS: Final = tuple(range(1, 9))
_TAILS: Final = (b"", b"", b"", bytes(3_000), b"\r\n", b"<html>" * 90, b"\xff\xd8\xff\xe0\x00\x10JFIF")
_ODD_CHUNKS: Final = (
    (b"gAMA", struct.pack(">I", 45_455)),
    (b"gAMA", bytes(4)),
    (b"sRGB", b"\0"),
    (b"cHRM", bytes(32)),
    (b"iCCP", b"x\0\0not compressed"),
    (b"tEXt", b"Comment\0scanned"),
    (b"zTXt", b"Comment\0\0broken"),
    (b"iTXt", b"x\0\1\0\0\0broken"),
    (b"tIME", bytes(7)),
    (b"bKGD", bytes(6)),
    (b"sBIT", b"\x0c\x0c\x0c"),
    (b"acTL", struct.pack(">II", 1, 0)),
    (b"eXIf", b"broken"),
    (b"prVt", bytes(40)),
)
_DENSITIES: Final = (struct.pack(">IIB", 11_811, 11_811, 1), b"", bytes(9), struct.pack(">IIB", 1, 1, 0))


def _is_ink(column: int, row: int) -> bool:
    return _ROWS[0] <= row < _ROWS[1] and any(left <= column < right for left, right in _BARS)


def _png(chance: Chance) -> bytes:
    kind = pick(chance, tuple(DEPTHS))
    bits = pick(chance, DEPTHS[kind])
    used = pick(chance, _USED_BITS) if (kind, bits) == (GREY, 16) else bits
    full = (1 << used) - 1
    ink, paper = (full * chance.below(61) // 255, full - full * chance.below(61) // 255)
    chunks: list[bytes] = []
    alphas = (255, 255)
    if kind == INDEXED:
        shades = (chance.below(61), 255 - chance.below(61))
        chunks.append(chunk(b"PLTE", bytes(each for shade in shades for each in [shade] * 3)))
        ink, paper = 0, 1
        chunks += pick(chance, ([], [], [chunk(b"tRNS", b"\xff\0")], [chunk(b"tRNS", b"\xff\x60")]))
    elif kind in (GREY, COLOUR):
        keys = ((), (), (ink,), (paper,), (chance.below(full + 1),))
        key = pick(chance, keys) * (3 if kind == COLOUR else 1)
        chunks += [chunk(b"tRNS", struct.pack(f">{len(key)}H", *key))] if key else []
    else:
        alphas = pick(chance, ((255, 255), (255, 255), (255, 0), (255, 128), (0, 0)))
    chunks += [chunk(*pick(chance, _ODD_CHUNKS)) for _ in range(chance.below(3))]
    turned = pick(chance, _ORIENTATIONS) if chance.below(4) == 0 else 1
    if turned > 1:
        chunks.append(chunk(b"eXIf", _exif(turned)))
    density = pick(chance, _DENSITIES) if chance.below(8) == 0 else DPI_200
    solid = CHANNELS[kind] - (kind in (GREY_ALPHA, COLOUR_ALPHA))
    points = [
        (level,) * solid + ((alpha * full // 255,) if solid < CHANNELS[kind] else ())
        for level, alpha in zip((paper, ink), alphas[::-1], strict=True)
    ]
    raw = png_file(
        _SIZE,
        kind,
        bits,
        lambda column, row: points[_is_ink(column, row)],
        *chunks,
        interlaced=chance.below(3) == 0,
        density=density,
        parts=1 + chance.below(3),
    )
    broken = turned > 1 and any(b"eXIfbroken" in each for each in chunks)
    sound = density == DPI_200 and not broken
    return label(raw + pick(chance, _TAILS), _known(turned, sound))


def _jpeg(chance: Chance) -> bytes:
    from PIL import Image

    ink, paper = chance.below(61), 255 - chance.below(61)
    image = Image.new("L", _SIZE, paper)
    for left, right in _BARS:
        image.paste(ink, (left, _ROWS[0], right, _ROWS[1]))
    mode = pick(chance, ("L", "RGB", "YCbCr", "CMYK"))
    turned = pick(chance, _ORIENTATIONS)
    options: dict[str, Any] = {"quality": 60 + chance.below(40), "dpi": (200, 200)}
    options |= pick(
        chance,
        (
            {},
            {"progressive": True},
            {"optimize": True},
            {"subsampling": chance.below(3)},
            {"restart_marker_blocks": 1 + chance.below(9)},
            {"comment": chance.data(chance.below(60))},
            {"icc_profile": chance.data(chance.below(300))},
        ),
    )
    if chance.below(3) == 0:
        options["exif"] = b"Exif\0\0" + _exif(turned) + b"\xff\xd8\xff\xd9" * chance.below(3)
    else:
        turned = 1
    sound = chance.below(8) > 0
    if not sound:
        options["dpi"] = pick(chance, ((0, 0), (72, 72), (65_535, 1)))
    out = BytesIO()
    image.convert("RGB").convert(mode).save(out, "JPEG", **options)
    return label(out.getvalue() + pick(chance, _TAILS), _known(turned, sound))


def _exif(turned: int) -> bytes:
    """Return TIFF data with nothing but the orientation (Exif 2.32, 4.6.4)."""
    return b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, turned, 0, 0)


def _known(turned: int, sound: bool) -> KnownInk:
    size = _SIZE[::-1] if turned >= 5 else _SIZE
    ink, paper = (tuple(_upright(place, turned) for place in places) for places in (_INK_AT, _PAPER_AT))
    return KnownInk(size, ink, paper, sound)


def _upright(place: tuple[int, int], turned: int) -> tuple[int, int]:
    """Return where a place of the stored picture is on the upright one, by the Exif orientation."""
    column, row = place
    right, down = _SIZE[0] - 1 - column, _SIZE[1] - 1 - row
    return {
        1: (column, row),
        2: (right, row),
        3: (right, down),
        4: (column, down),
        5: (row, column),
        6: (down, column),
        7: (down, right),
        8: (row, right),
    }[turned]


@cache
def _good() -> tuple[bytes, ...]:
    made = [make(SeededChance(f"image {at}")) for at in range(12) for make in (_png, _jpeg)]
    return tuple(raw for raw in made if (known := known_ink(raw)) and known.sound)


def _tweaked(chance: Chance) -> bytes:
    return _png(chance) if chance.below(3) else _jpeg(chance)


def _read_scan(raw: bytes) -> None:
    import pypdfium2

    known = known_ink(raw)
    try:
        made = check_piece(raw, "scan")
    except PieceRefused as refused:
        if known is not None and known.sound:
            raise Violation("taken", "a sound scan with ink on paper is refused", refused.message) from None
        raise
    with pypdfium2.PdfDocument(made.pdf) as document:
        if len(document) != made.pages:
            raise Violation("form", "a piece does not have the number of pages that is reported")
        if known is not None:
            width, _ = document[0].get_size()
            shown = document[0].render(scale=known.size[0] / width).to_pil().convert("L")
            _compare(shown.resize(known.size), known)


def _compare(shown: Any, known: KnownInk) -> None:
    darkest = max(shown.getpixel(place) for place in known.ink)
    lightest = min(shown.getpixel(place) for place in known.paper)
    if lightest - darkest < _CONTRAST:
        raise Violation(
            "ink",
            "ink of the input is missing in the output",
            "{darkest} on {lightest}",
            darkest=darkest,
            lightest=lightest,
        )


def _read_signature(raw: bytes) -> None:
    from PIL import Image

    known = known_ink(raw)
    try:
        made = normalise_signature(raw, "signature")
    except BadSignatureImage as refused:
        if known is not None and known.sound:
            raise Violation("taken", "a sound signature is refused", refused.message) from None
        raise
    if known is not None:
        with Image.open(BytesIO(made)) as kept:
            tones = kept.convert("L").histogram()
        if not sum(tones[:128]) or not sum(tones[150:]):
            raise Violation("ink", "the ink of a signature is missing in what is kept")


SCAN: Final = FileKind(_good, _read_scan, _tweaked, kept=21)
SIGNATURE: Final = FileKind(_good, _read_signature, _tweaked, kept=21)
