"""Reading text files from the user in whatever encoding an editor saved them.

UTF-8 with or without byte order mark, UTF-16 in either byte order with or without one (Notepad's "Unicode"),
UTF-32 with one, and Windows-1252 ("ANSI"), which includes Latin-1. Anything else is refused in one sentence
that says what it is. Source: Unicode 15, 23.8 (byte order marks); how text without a mark is told from binary
data is Project-defined.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.sentence import Sentence


class TextEncoding(Enum):
    """The encoding of a text, by its usual name."""

    UTF_8 = "UTF-8"
    UTF_8_MARKED = Sentence("UTF-8 with a byte order mark")
    UTF_16 = "UTF-16"
    UTF_32 = "UTF-32"
    WINDOWS_1252 = "Windows-1252"


class NotText(TlaError):
    """The bytes are not text, or in an unknown encoding; `found` says what is there, and where.

    `line` counts from 1; 0 says that the file has no lines.
    """

    category = Category.BAD_INPUT

    def __init__(self, line: int, found: str) -> None:
        super().__init__("The file is not text: it holds {found}", "Save it as UTF-8 text", found=found)
        self.line = line
        self.found = found


@dataclass(frozen=True)
class Text:
    """A text and its encoding. `odd` and `line` describe the first byte that is not UTF-8, for Windows-1252.

    `doubtful` says that it may be in another single-byte encoding (DOS's, the Macintosh's) or damaged UTF-8:
    some letters may then be wrong.
    """

    text: str
    encoding: TextEncoding
    line: int = 1
    odd: str = ""
    doubtful: bool = False


_MARKS: Final = (
    # UTF-32's little-endian mark begins with UTF-16's.
    (codecs.BOM_UTF32_LE, "utf-32-le", TextEncoding.UTF_32),
    (codecs.BOM_UTF32_BE, "utf-32-be", TextEncoding.UTF_32),
    (codecs.BOM_UTF16_LE, "utf-16-le", TextEncoding.UTF_16),
    (codecs.BOM_UTF16_BE, "utf-16-be", TextEncoding.UTF_16),
)
_KINDS: Final = (
    (b"\x89PNG\r\n\x1a\n", Sentence("a PNG image")),
    (b"\xff\xd8\xff", Sentence("a JPEG image")),
    (b"GIF8", Sentence("a GIF image")),
    (b"II*\0", Sentence("a TIFF image")),
    (b"MM\0*", Sentence("a TIFF image")),
    (b"%PDF-", Sentence("a PDF document")),
    (b"{\\rtf", Sentence("a rich text document")),
    (b"PK\x03\x04", Sentence("a ZIP archive or an office document")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Sentence("an office document")),
    (b"\x1f\x8b", Sentence("compressed data")),
    (b"\x7fELF", Sentence("an executable program")),
    (b"SQLite format 3\0", Sentence("a database file")),
)
_DOS_END: Final = "\x1a"
_MARK: Final = "\ufeff"
_CONTROLS: Final = frozenset(range(0x20)) - set(b"\t\n\v\f\r\x1a\x1b")
_FRENCH: Final = frozenset(
    # Beyond ASCII, what Windows-1252 has for French and names; where the French letters of DOS or the
    # Macintosh lie is left out.
    "\u00a0§«»°²’œÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿ"
)
_IN_PLACE: Final = re.compile("Œ(?=[A-Z])|(?<=[A-Z])Œ|€(?![A-Za-z])|(?<= )–(?= )")
"""The same by what stands beside it: DOS's î, Ç and û are not found there."""

_UTF_8_LEFT: Final = re.compile(rb"[\xc2\xc3][\x80-\xbf]|\xc5[\x92\x93]|\xe2\x80[\x80-\xbf]")
_CHARACTERS: Final = "".join(
    bytes((byte,)).decode("cp1252", "ignore") or bytes((byte,)).decode("latin-1") for byte in range(256)
)


def decode(raw: bytes) -> Text:
    """Return the text in `raw`. Raises `NotText` for binary data and for truncated UTF-16 or UTF-32."""
    for magic, kind in _KINDS:
        if raw.startswith(magic):
            raise NotText(0, kind)
    for mark, codec, encoding in _MARKS:
        if raw.startswith(mark):
            return _wide(raw[len(mark) :], codec, encoding)
    if b"\0" in raw:
        return _unmarked_wide(raw)
    marked = raw.startswith(codecs.BOM_UTF8)
    encoding = TextEncoding.UTF_8_MARKED if marked else TextEncoding.UTF_8
    try:
        return Text(_bare(raw.decode("utf-8-sig")), encoding)
    except UnicodeDecodeError as error:
        return _single_bytes(raw, error.start + marked * len(codecs.BOM_UTF8))


def certain_text(raw: bytes) -> str:
    """Return the text in `raw` if no letter of it can be wrong. Raises `NotText` naming the encoding."""
    text = decode(raw)
    if text.doubtful:
        raise NotText(
            text.line,
            Sentence(
                "{odd}, which is neither UTF-8 nor surely {encoding}",
                odd=text.odd,
                encoding=text.encoding.value,
            ),
        )
    return text.text


def unicode_text(raw: bytes) -> str:
    """Return the text in `raw`, which must be in a Unicode encoding. Raises `NotText` naming the encoding.

    For people's names, which are signed: guessing between single-byte encodings is not good enough for those.
    """
    text = decode(raw)
    if text.encoding is TextEncoding.WINDOWS_1252:
        raise NotText(
            text.line,
            text.odd
            if text.doubtful
            else Sentence("{odd}, as in {encoding}", odd=text.odd, encoding=text.encoding.value),
        )
    return text.text


def _wide(body: bytes, codec: str, encoding: TextEncoding) -> Text:
    try:
        text = body.decode(codec)
    except UnicodeDecodeError as error:
        line = body[: error.start].decode(codec).count("\n") + 1
        raise NotText(
            line, Sentence("{encoding} that breaks off or is damaged", encoding=encoding.value)
        ) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise NotText(line, Sentence("{encoding} with zeros in it", encoding=encoding.value))
    return Text(_bare(text), encoding)


def _unmarked_wide(raw: bytes) -> Text:
    """Return UTF-16 text without its mark, recognised by the zeros on one side of its Latin letters'
    pairs."""
    even = raw[: len(raw) // 2 * 2]
    for codec, side in (("utf-16-le", 1), ("utf-16-be", 0)):
        zeros, letters = even[side::2], even[1 - side :: 2]
        if 0 not in letters and 2 * zeros.count(0) >= len(zeros) > 0:
            text = _wide(raw, codec, TextEncoding.UTF_16)
            if not any(ord(each) in _CONTROLS for each in text.text):
                return text
    raise NotText(*_place(raw, raw.index(b"\0")))


def _single_bytes(raw: bytes, odd: int) -> Text:
    control = next((at for at, byte in enumerate(raw) if byte in _CONTROLS), None)
    if control is not None:
        raise NotText(*_place(raw, control))
    line, said = _place(raw, odd)
    text, _ = codecs.charmap_decode(raw, "strict", _CHARACTERS)
    strange = any(each > "~" and each not in _FRENCH for each in _IN_PLACE.sub("", text))
    doubtful = strange or _UTF_8_LEFT.search(raw) is not None
    return Text(_bare(text), TextEncoding.WINDOWS_1252, line, said, doubtful)


def _place(raw: bytes, at: int) -> tuple[int, str]:
    return raw.count(b"\n", 0, at) + 1, Sentence("byte {raw:02X} at offset {at}", raw=raw[at], at=at)


def _bare(text: str) -> str:
    """Return the text without DOS's end-of-file sign and without repeated byte order marks."""
    return text.removesuffix(_DOS_END).lstrip(_MARK)
