"""What stands behind an image does not count; an image without its end is truncated, whatever follows."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from random import Random
from zlib import compress

import pypdfium2
import pytest
from PIL import Image

from tests.scans import image_bytes, page, signature_png
from tla_sim.host.desk.errors import PieceRefused
from tla_sim.host.desk.image_end import image_end
from tla_sim.host.desk.piece_check import check_piece
from tla_sim.host.desk.signature_image import register_signature, signature_of
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.tools.cast.people import NURSE
from tla_sim.tools.fuzz.targets.png_writer import COLOUR, chunk, png_file

TAILS = {
    "zeros": bytes(5_000),
    "one zero": b"\0",
    "a web page": b"<html>" * 1_000,
    "line ends": b"\r\n\r\n",
    "chance": Random(1).randbytes(70_000),
    "another JPEG": image_bytes(page()),
    "another PNG": image_bytes(page(), "PNG"),
    "a film": b"\0\0\0\x18ftypmp42" + bytes(9_000),
    "a chunk": chunk(b"teSt", bytes(30)),
    "half a JPEG": image_bytes(page())[:3_000],
}


def with_thumbnail() -> bytes:
    """A JPEG with a small one inside its EXIF data, an end of its own in it."""
    small = BytesIO()
    page((160, 120)).save(small, "JPEG")
    out = BytesIO()
    page().save(
        out, "JPEG", dpi=(200, 200), exif=b"Exif\0\0" + b"MM\0*\0\0\0\x08\0\0\0\0\0\0" + small.getvalue()
    )
    return out.getvalue()


def progressive() -> bytes:
    out = BytesIO()
    page().convert("RGB").save(out, "JPEG", dpi=(200, 200), progressive=True)
    return out.getvalue()


def with_two_pictures() -> bytes:
    """A multi-picture file, as telephones write it."""
    out = BytesIO()
    page().save(out, "MPO", save_all=True, append_images=[page((160, 120))], dpi=(200, 200))
    return out.getvalue()


WHOLE = {
    "PNG": image_bytes(page(), "PNG"),
    "JPEG": image_bytes(page()),
    "progressive": progressive(),
    "with a thumbnail": with_thumbnail(),
}


@pytest.mark.share(7)
@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("tail", TAILS)
def test_what_follows_the_end_does_not_count(kind: str, tail: str) -> None:
    assert image_end(WHOLE[kind] + TAILS[tail]).at == len(WHOLE[kind])
    assert check_piece(WHOLE[kind] + TAILS[tail], "scan").pdf == check_piece(WHOLE[kind], "scan").pdf


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("tail", ["zeros", "a web page", "line ends"])
def test_a_tail_does_not_make_whole_what_was_cut_off(kind: str, tail: str, share: float) -> None:
    cut = WHOLE[kind][: int(len(WHOLE[kind]) * share)]
    with pytest.raises(PieceRefused, match=r"truncated|damaged"):
        check_piece(cut + TAILS[tail], "scan")


def test_of_a_multi_picture_file_the_first_is_taken() -> None:
    raw = with_two_pictures()
    assert image_end(raw).at is not None
    with pypdfium2.PdfDocument(check_piece(raw, "photo.jpg").pdf) as document:
        assert [round(side) for side in document[0].get_size()] == [595, 842]


def test_a_png_may_hold_any_bytes() -> None:
    """The two bytes that begin a JPEG's scan are in a large PNG by chance, as often as it likes."""
    random = Random(2)
    noise = random.randbytes(400 * 400 * 3)
    raw = png_file(
        (400, 400),
        COLOUR,
        8,
        lambda column, row: (
            (0, 0, 0) if row % 40 < 9 else tuple(200 + each % 50 for each in noise[column : column + 3])
        ),
        chunk(b"teSt", b"\xff\xda" * 3_000),
    )
    assert check_piece(raw, "scan").pages == 1


def test_a_chunk_that_claims_more_than_there_is_ends_nothing() -> None:
    raw = WHOLE["PNG"]
    at = raw.index(b"IDAT") - 4
    assert image_end(raw[:at] + b"\x7f" + raw[at + 1 :]).at is None
    assert image_end(b"\x89PNG\r\n\x1a\n" + chunk(b"\0\0\0\0", b"")).at is None
    assert image_end(compress(b"")).at is None


def test_a_signature_may_have_a_tail_as_well(tmp_path: Path) -> None:
    path = tmp_path / "signature.png"
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        path.write_bytes(signature_png())
        register_signature(ledger, NURSE, path)
        plain = signature_of(ledger, NURSE).usable
        path.write_bytes(signature_png() + bytes(5_000))
        register_signature(ledger, NURSE, path)
        assert signature_of(ledger, NURSE).usable == plain
    assert plain is not None
    assert Image.open(BytesIO(plain)).mode == "L"


@pytest.mark.parametrize("kind", [kind for kind in WHOLE if kind != "PNG"])
def test_half_a_jpeg_with_an_end_of_its_own_is_truncated(kind: str) -> None:
    with pytest.raises(PieceRefused, match="truncated"):
        check_piece(WHOLE[kind][: len(WHOLE[kind]) // 2] + b"\xff\xd9", "scan")
