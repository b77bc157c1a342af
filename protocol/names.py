"""Names of people and bodies: how they are carried, and what each output makes of them.

A name travels as its holder writes it, in composed letters. The reader's display, file names and filters know
fewer letters than it may have; what they make of one is said here alone. Project-defined.
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
"""Hyphens, apostrophes and blanks that only a typesetter tells from those of a keyboard."""

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
"""Letters and signs that do not come apart into a letter of ASCII and its accents."""

_ACCENTS: Final = re.compile("[\u0300-\u036f]+")
_BETWEEN: Final = (" ", "-", "'", ".")
_NOT_IN_FILE_NAMES: Final = re.compile(r"[^a-z0-9]+")
_LONGEST_FILE_NAME: Final = 60


def compose_name(name: str) -> str:
    """Return a name as cards, invoices and lists carry it: letters composed (Unicode NFC), one kind of
    hyphen, of typographic apostrophe and of blank.
    """
    return name if name.isascii() else unicodedata.normalize("NFC", name).translate(_CARRIED)


@lru_cache(_REMEMBERED)
def spell_in_ascii(name: str) -> str:
    """Return a name in letters of ASCII: accents dropped, ligatures spelt out. What has no such letter
    stays.
    """
    if name.isascii():
        return name
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", name).translate(_PLAIN))
    return _ACCENTS.sub("", apart).translate(_PLAIN)


def find_undrawable(name: str) -> str:
    """Return the characters of a name that no output of ours can show, each once, in their order: another
    script, pictures. Empty for a name that is shown whole or without some accents.
    """
    if name.isascii() and name.isprintable():
        return ""
    return "".join(dict.fromkeys(each for each in name if not _shown(each)))


def spell_for_font(name: str, drawn: Callable[[str], bool]) -> str:
    """Return a name in the letters that a font has: `drawn` says which. The others lose as few accents as
    they can, are spelt out in letters of ASCII, or become a question mark.
    """
    if name.isascii():
        return name
    return "".join(each if drawn(each) else _drawable(each, drawn) for each in compose_name(name))


@lru_cache(_REMEMBERED)
def fold_name(name: str) -> str:
    """Return a name as filters compare it: without regard to case, accents, ligatures, apostrophes, hyphens
    and blanks.
    """
    bare = (name if name.isascii() else spell_in_ascii(name)).lower()
    for between in _BETWEEN:
        bare = bare.replace(between, "")
    return bare


def file_name(name: str) -> str:
    """Return a file name's part made of a name: at most 60 of a-z, 0-9 and `-`, never empty, never a path."""
    bare = _NOT_IN_FILE_NAMES.sub("-", spell_in_ascii(name).lower()).strip("-")
    return bare[:_LONGEST_FILE_NAME].strip("-") or "nn"


def _shown(letter: str) -> bool:
    return all(" " <= each <= "~" for each in spell_in_ascii(letter))


def _drawable(letter: str, drawn: Callable[[str], bool]) -> str:
    parts = unicodedata.normalize("NFD", letter)
    for end in range(len(parts) - 1, 0, -1):
        fewer = unicodedata.normalize("NFC", parts[:end])
        if all(map(drawn, fewer)):
            return fewer
    spelt = spell_in_ascii(letter)
    return spelt if all(map(drawn, spelt)) else "?"
