"""Names of people and bodies: their form in transit, and their spelling for each output.

A name travels as its holder writes it, in composed letters. The reader's display, file names and filters know
fewer letters; this module alone says how they spell a name. Project-defined.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final

_REMEMBERED: Final = 4_096

_SAME: Final = {
    **dict.fromkeys("\u2010\u2011\u2012\u2212\ufe63\uff0d", "-"),
    **dict.fromkeys("\u02bc\u02bb\u02b9\u02c8\u201b\uff07", "\u2019"),
    **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u202f", " "),
}
"""Hyphens, apostrophes and blanks that only a typesetter distinguishes from those of a keyboard."""

_CARRIED: Final = str.maketrans(_SAME)

_PLAIN: Final = str.maketrans(
    {
        **_SAME,
        **dict.fromkeys("‘’′´ʼ", "'"),
        **dict.fromkeys("“”„«»", '"'),
        **dict.fromkeys("–—―¬", "-"),
        **{"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ẞ": "SS", "þ": "th", "Þ": "TH"},
        **{"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D"},
        **{"ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T", "ı": "i", "ĸ": "k", "ŋ": "ng", "Ŋ": "NG", "ŉ": "'n"},
        **{"…": "...", "•": "*", "·": ".", "\u2044": "/", "€": "E", "°": "o", "×": "x", "÷": "/", "±": "+-"},
        **{"¡": "!", "¿": "?", "¢": "c", "£": "L", "¤": "o", "¥": "Y", "¦": "|", "§": "S", "¶": "P"},
        **{"µ": "u", "©": "(c)", "®": "(R)", "¨": "", "¯": "", "¸": ""},
    }
)
"""Letters and signs that do not decompose into an ASCII letter and accents."""

_ACCENTS: Final = re.compile("[\u0300-\u036f]+")
_BETWEEN: Final = (" ", "-", "'", ".")
_NOT_IN_FILE_NAMES: Final = re.compile(r"[^a-z0-9]+")
_LONGEST_FILE_NAME: Final = 60


def compose_name(name: str) -> str:
    """Return a name as cards, invoices and lists carry it.

    Letters are composed (Unicode NFC), and there is one kind of hyphen, typographic apostrophe and blank.
    """
    return name if name.isascii() else unicodedata.normalize("NFC", name).translate(_CARRIED)


@lru_cache(_REMEMBERED)
def spell_in_ascii(name: str) -> str:
    """Return a name in ASCII: accents dropped, ligatures spelt out. Other scripts stay as they are."""
    if name.isascii():
        return name
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", name).translate(_PLAIN))
    return _ACCENTS.sub("", apart).translate(_PLAIN)


def find_undrawable(name: str) -> str:
    """Return the characters of a name that no output can show, each once and in order.

    These are other scripts and pictures. Empty for a name that can be shown, if need be without accents.
    """
    if name.isascii() and name.isprintable():
        return ""
    return "".join(dict.fromkeys(each for each in name if not _has_ascii(each)))


def spell_for_font(name: str, drawn: Callable[[str], bool]) -> str:
    """Return a name in the letters of a font; `drawn` says whether it has one.

    Other letters lose as few accents as possible, are spelt out in ASCII, or become a question mark.
    """
    if name.isascii():
        return name
    return "".join(each if drawn(each) else _spell_letter(each, drawn) for each in compose_name(name))


@lru_cache(_REMEMBERED)
def fold_name(name: str) -> str:
    """Return a name as filters compare it: in lower case ASCII, without apostrophes, hyphens or blanks."""
    bare = (name if name.isascii() else spell_in_ascii(name)).lower()
    for between in _BETWEEN:
        bare = bare.replace(between, "")
    return bare


def file_name(name: str) -> str:
    """Return the part of a file name for a name: 1 to 60 of a-z, 0-9 and `-`, never a path."""
    bare = _NOT_IN_FILE_NAMES.sub("-", spell_in_ascii(name).lower()).strip("-")
    return bare[:_LONGEST_FILE_NAME].strip("-") or "nn"


def _has_ascii(letter: str) -> bool:
    return all(" " <= each <= "~" for each in spell_in_ascii(letter))


def _spell_letter(letter: str, drawn: Callable[[str], bool]) -> str:
    # Accents go from the outermost on: an "ế" that the font lacks may still be drawn as "ê".
    parts = unicodedata.normalize("NFD", letter)
    for end in range(len(parts) - 1, 0, -1):
        fewer = unicodedata.normalize("NFC", parts[:end])
        if all(map(drawn, fewer)):
            return fewer
    spelt = spell_in_ascii(letter)
    return spelt if all(map(drawn, spelt)) else "?"


def cut_to_bytes(text: str, most: int) -> str:
    """Return as much of a text as fits in `most` bytes of UTF-8, whole characters only."""
    return text.encode()[:most].decode(errors="ignore")
