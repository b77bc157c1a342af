"""Whether the streams that a PDF's page is drawn from are whole: contents, forms, images and their masks.

Readers show the remaining part of a stream that was cut off, without an error.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

from tla_sim.host.desk.cut_images import TooManyPixels, fax_is_cut, jbig2_is_cut, jpeg_is_cut, jpx_is_cut

_CHUNK: Final = 1 << 20
_COMPONENTS: Final = {
    "/DeviceGray": 1, "/CalGray": 1, "/Indexed": 1, "/Separation": 1, "/DeviceRGB": 3, "/CalRGB": 3,
    "/Lab": 3, "/DeviceCMYK": 4,
}  # fmt: skip
_CODED: Final = ("/DCTDecode", "/JPXDecode", "/JBIG2Decode", "/CCITTFaxDecode")
_SLACK: Final = 200
"""One part in this many may be missing: some writers omit the last bytes of white."""


def cut_stream(page: Any, max_pixels: int) -> bool:
    """Return whether anything that a page (of pikepdf) draws ends early. Raises `TooManyPixels`."""
    return any(
        _image_is_cut(stream, max_pixels) if is_image(stream) else _is_cut(stream)
        for stream in _streams(page.obj)
    )


def is_image(stream: Any) -> bool:
    """Return whether a stream is an image."""
    return bool(stream.get("/Subtype") == "/Image")


def masks_of(image: Any) -> Iterator[Any]:
    """Yield the streams that mask an image, its soft mask before its stencil."""
    import pikepdf

    for key in ("/SMask", "/Mask"):
        mask = image.get(key)
        if isinstance(mask, pikepdf.Stream):
            yield mask


def _streams(page: Any) -> Iterator[Any]:
    """Yield every stream that a page draws, each once."""
    import pikepdf

    contents = page.get("/Contents")
    waiting = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    waiting += _list_drawn(
        pikepdf.Page(page).resources if "/Resources" in page or "/Parent" in page else None
    )
    seen: set[tuple[int, int]] = set()
    while waiting:
        stream = waiting.pop()
        if not isinstance(stream, pikepdf.Stream) or stream.objgen in seen:
            continue
        seen.add(stream.objgen)
        yield stream
        if is_image(stream):
            waiting += masks_of(stream)
        else:
            waiting += _list_drawn(stream.get("/Resources"))


def _list_drawn(resources: Any) -> list[Any]:
    import pikepdf

    found: list[Any] = []
    for kind in ("/XObject", "/Pattern"):
        named = resources.get(kind) if isinstance(resources, pikepdf.Dictionary) else None
        if isinstance(named, pikepdf.Dictionary):
            found += [each for _, each in named.items()]
    return found


def _filters(stream: Any) -> list[str]:
    import pikepdf

    named = stream.get("/Filter")
    if named is None:
        return []
    return [str(each) for each in named] if isinstance(named, pikepdf.Array) else [str(named)]


def _parameters(stream: Any, at: int) -> Any:
    import pikepdf

    found = stream.get("/DecodeParms")
    if isinstance(found, pikepdf.Array):
        found = found[at] if at < len(found) else None
    return found if isinstance(found, pikepdf.Dictionary) else {}


def _is_cut(stream: Any) -> bool:
    return _filters(stream)[:1] == ["/FlateDecode"] and not _inflate(stream.read_raw_bytes())[1]


def _inflate(raw: bytes) -> tuple[int, bool]:
    """Return how many bytes are packed, and whether all are there. The checksum is not verified."""
    unpacker = zlib.decompressobj(wbits=-15)
    size, rest = 0, raw[2:]
    try:
        while rest and not unpacker.eof:
            size += len(unpacker.decompress(rest, _CHUNK))
            rest = unpacker.unconsumed_tail
    except zlib.error:
        return size, False
    return size, unpacker.eof


def _image_is_cut(image: Any, max_pixels: int) -> bool:
    if int(image.Width) * int(image.Height) > max_pixels:
        raise TooManyPixels
    filters = _filters(image)
    if not filters or filters[-1] not in _CODED:
        return _plain_is_cut(image, filters)
    if _is_cut(image):
        return True
    data = _undo_filters(image, filters)
    match filters[-1]:
        case "/DCTDecode":
            return jpeg_is_cut(data, max_pixels)
        case "/JPXDecode":
            return jpx_is_cut(data, max_pixels)
        case "/JBIG2Decode":
            return jbig2_is_cut(data)
        case _:
            return fax_is_cut(data, lambda more: _points(image, more, len(filters) - 1))


def _undo_filters(image: Any, filters: list[str]) -> bytes:
    """Return the data as they reach the last filter, the one that decodes the image."""
    import pikepdf

    raw = bytes(image.read_raw_bytes())
    if len(filters) == 1:
        return raw
    with pikepdf.Pdf.new() as apart:
        packed = apart.make_stream(raw)
        packed.Filter = pikepdf.Array([pikepdf.Name(each) for each in filters[:-1]])
        return bytes(packed.read_bytes(pikepdf.StreamDecodeLevel.all))


def _plain_is_cut(image: Any, filters: list[str]) -> bool:
    """Return whether an uncoded image has fewer bytes than its rows and columns take."""
    import pikepdf

    raw = image.read_raw_bytes()
    if filters == ["/FlateDecode"]:
        size, whole = _inflate(raw)
    elif not filters:
        size, whole = len(raw), True
    else:
        size, whole = len(image.read_bytes(pikepdf.StreamDecodeLevel.all)), True
    needed, row = _measure(image, predicted=filters[:1] == ["/FlateDecode"])
    if needed is None:
        return not whole
    return needed - size > max(row, needed // _SLACK)


def _measure(image: Any, predicted: bool) -> tuple[int | None, int]:
    """Return how many bytes an image takes, and a row of it; `None` where its colour space is not known."""
    import pikepdf

    bits, components = int(image.get("/BitsPerComponent", 1)), 1
    if not image.get("/ImageMask", False):
        space = image.get("/ColorSpace")
        kind = space[0] if isinstance(space, pikepdf.Array) and len(space) else space
        if kind == "/ICCBased":
            components = int(space[1].get("/N", 0))
        elif kind == "/DeviceN":
            components = len(space[1])
        else:
            components = _COMPONENTS.get(str(kind), 0)
    if components == 0:
        return None, 0
    row = -(-int(image.Width) * components * bits // 8)
    if predicted and int(_parameters(image, 0).get("/Predictor", 1)) >= 10:
        row += 1
    return row * int(image.Height), row


def _points(image: Any, data: bytes, at: int) -> bytes:
    """Return the pixels of a fax's data, decoded apart from its page."""
    import pikepdf
    import pypdfium2 as pdfium

    made = BytesIO()
    with pikepdf.Pdf.new() as apart:
        fax = apart.make_stream(data)
        fax.Type, fax.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        fax.Width, fax.Height = int(image.Width), int(image.Height)
        fax.BitsPerComponent, fax.ColorSpace = 1, pikepdf.Name.DeviceGray
        fax.Filter = pikepdf.Name.CCITTFaxDecode
        stated = _parameters(image, at)
        fax.DecodeParms = pikepdf.Dictionary(
            {key: value for key, value in stated.items() if isinstance(value, (bool, int))}
        )
        page = apart.add_blank_page(page_size=(72, 72))
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Fax=fax))
        page.obj.Contents = apart.make_stream(b"q 72 0 0 72 0 0 cm /Fax Do Q")
        apart.save(made)
    with pdfium.PdfDocument(made.getvalue()) as document:
        drawn = next(iter(document[0].get_objects()))
        return bytes(drawn.get_bitmap().buffer)
