"""Write PDFs of scanned pages by hand, so that every part of them can be as odd as a machine makes it."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final

from PIL import Image

_FONT: Final = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
_JBIG2_PAGE: Final = 0x30
_JBIG2_REGION: Final = 0x26


@dataclass(frozen=True)
class Drawn:
    """A stream that a page draws: the entries of its dictionary, its data, and other streams by key."""

    entries: str
    data: bytes = field(repr=False)
    parts: Mapping[str, Drawn] = field(default_factory=dict)
    """The masks of an image (`SMask`, `Mask`), or the images that a form draws, by name."""

    def with_parts(self, **parts: Drawn) -> Drawn:
        """Return the same with other parts."""
        return Drawn(self.entries, self.data, parts)

    def cut(self, share: float) -> Drawn:
        """Return the same with only the first `share` of its data."""
        return Drawn(self.entries, self.data[: int(len(self.data) * share)], self.parts)


@dataclass(frozen=True)
class Leaf:
    """A page: its box in units, its operators, the streams it draws, further entries of its dictionary."""

    width: float
    height: float
    contents: bytes
    drawn: Mapping[str, Drawn] = field(default_factory=dict)
    entries: str = ""


def write_pdf(
    *leaves: Leaf, head: bytes = b"", tail: bytes = b"\n", counted: bool = False, remark: bytes = b"%"
) -> bytes:
    """Return a PDF. `head` stands before it, `counted` in its offsets or not, `tail` after its %%EOF.

    `remark` is a comment after its header.
    """
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = []
    for leaf in leaves:
        names = _names(leaf.drawn, objects)
        contents = _add(objects, _stream("", leaf.contents))
        kids.append(
            _add(
                objects,
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {leaf.width:.5f} {leaf.height:.5f}]"
                f" {leaf.entries} /Contents {contents} 0 R"
                f" /Resources << /XObject << {names} >> /Font << /F {_FONT} >> >> >>".encode(),
            )
        )
    listed = " ".join(f"{kid} 0 R" for kid in kids)
    objects[1] = f"<< /Type /Pages /Kids [{listed}] /Count {len(kids)} >>".encode()
    raw = bytearray(head + b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + remark + b"\n")
    begin = 0 if counted else len(head)
    offsets = []
    for number, each in enumerate(objects, 1):
        offsets.append(len(raw) - begin)
        raw += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = len(raw) - begin
    raw += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    raw += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    raw += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, table)
    return bytes(raw) + tail


def placed(name: str, matrix: Sequence[float]) -> bytes:
    """Return the operators that draw an image or form with a matrix."""
    return b"q %s cm /%s Do Q\n" % (" ".join(f"{each:.5f}" for each in matrix).encode(), name.encode())


def written(lines: Sequence[str], width: float, height: float, mode: int = 0) -> bytes:
    """Return the operators that write lines of text down a page; mode 3 is invisible."""
    step = height / (len(lines) + 4)
    rows = (
        f"BT /F {step * 0.6:.2f} Tf {mode} Tr"
        f" {width / 10:.2f} {height - step * (at + 2):.2f} Td ({line}) Tj ET\n"
        for at, line in enumerate(lines)
    )
    return "".join(rows).encode("latin-1")


def jpeg(image: Image.Image, progressive: bool = False) -> Drawn:
    """Return an image coded as JPEG."""
    out = BytesIO()
    image.save(out, "JPEG", quality=75, progressive=progressive)
    return Drawn(f"{_head(image)} /BitsPerComponent 8 {_space(image)} /Filter /DCTDecode", out.getvalue())


def flate(image: Image.Image) -> Drawn:
    """Return an image deflated."""
    bits = 1 if image.mode == "1" else 8
    return Drawn(
        f"{_head(image)} /BitsPerComponent {bits} {_space(image)} /Filter /FlateDecode",
        zlib.compress(image.tobytes()),
    )


def jpx(image: Image.Image) -> Drawn:
    """Return an image coded as JPEG 2000."""
    out = BytesIO()
    image.save(out, "JPEG2000", irreversible=True, quality_mode="rates", quality_layers=[20])
    return Drawn(f"{_head(image)} {_space(image)} /Filter /JPXDecode", out.getvalue())


def fax(image: Image.Image, ended: bool = True) -> Drawn:
    """Return a black and white image coded as CCITT group 4, with or without its end of block."""
    data = _group_4(image)
    if not ended:
        data = data.rstrip(b"\0")[:-3]
    parameters = f"/K -1 /Columns {image.width} /Rows {image.height} /BlackIs1 false"
    return Drawn(
        f"{_head(image)} /BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /CCITTFaxDecode"
        f" /DecodeParms << {parameters} >>",
        data,
    )


def jbig2(image: Image.Image) -> Drawn:
    """Return a black and white image coded as JBIG2: a page and one generic region in MMR."""
    size = image.width.to_bytes(4, "big") + image.height.to_bytes(4, "big")
    page = size + bytes(8) + b"\0" + bytes(2)
    region = size + bytes(8) + b"\0" + b"\x01" + _group_4(image)
    data = b"".join(
        number.to_bytes(4, "big") + bytes((kind, 0, 1)) + len(body).to_bytes(4, "big") + body
        for number, kind, body in ((0, _JBIG2_PAGE, page), (1, _JBIG2_REGION, region))
    )
    return Drawn(f"{_head(image)} /BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /JBIG2Decode", data)


def stencil(image: Drawn) -> Drawn:
    """Return a one-bit image as a stencil mask."""
    return Drawn(image.entries.replace("/ColorSpace /DeviceGray", "/ImageMask true"), image.data, image.parts)


def form(matrix: Sequence[float], contents: bytes, **drawn: Drawn) -> Drawn:
    """Return a form that draws images."""
    stated = " ".join(f"{each:.5f}" for each in matrix)
    entries = f"/Type /XObject /Subtype /Form /BBox [-9999 -9999 9999 9999] /Matrix [{stated}]"
    return Drawn(entries, contents, drawn)


def _names(drawn: Mapping[str, Drawn], objects: list[bytes]) -> str:
    return " ".join(f"/{name} {_draw(each, objects)} 0 R" for name, each in drawn.items())


def _draw(drawn: Drawn, objects: list[bytes]) -> int:
    parts = _names(drawn.parts, objects)
    if "/Subtype /Form" in drawn.entries:
        parts = f"/Resources << /XObject << {parts} >> >>"
    return _add(objects, _stream(f"{drawn.entries} {parts}", drawn.data))


def _stream(entries: str, data: bytes) -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries.encode(), len(data), data)


def _add(objects: list[bytes], body: bytes) -> int:
    objects.append(body)
    return len(objects)


def _head(image: Image.Image) -> str:
    return f"/Type /XObject /Subtype /Image /Width {image.width} /Height {image.height}"


def _space(image: Image.Image) -> str:
    return f"/ColorSpace {'/DeviceRGB' if image.mode == 'RGB' else '/DeviceGray'}"


def _group_4(image: Image.Image) -> bytes:
    out = BytesIO()
    image.convert("1").save(out, "TIFF", compression="group4", tiffinfo={262: 0, 278: image.height})
    with Image.open(BytesIO(out.getvalue())) as made:
        (at,), (size,) = made.tag_v2[273], made.tag_v2[279]  # type: ignore[attr-defined]
    return out.getvalue()[at : at + size]
