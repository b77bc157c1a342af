"""The public codes 8001 to 8011 (hexadecimal) for faults of the GALSS or its galss.ini.

Source: the SSV manual's table of errors as published in programs that show it, and the constants of the
GALSS that the CPS Cryptolib's public sources list. The Cryptolib alone also names 8008 (Caracteristiques),
which the manual has in 800C, and 8009, 800B and 8012 to 8014 (functions of a protocol's library), which a
file cannot show.

By those sources: NbCanaux 0 or too many resources is 8003, no [CANAL] or Protocole 8004, an unknown Protocole
8005, no [PROTOCOLE] or NomLib 8006, TCanal or Index 8007, Config of [PROTOCOLE0] 800A, Caracteristiques and
io_comm.ini 800C, no [CONFIG] or NbCanaux 800D, a PAD or LAD outside 0 to 255 800F and 8010, a name or alias
that is missing or over 8 characters 8011. Inferred: NbCanaux that is not a number is 800D and a large one
8003; [PROTOCOLE0] and [PROTOCOLE1] that are missing are 8006, others 8005; NbPAD and sections of PADs are
800F, NbLAD and sections of LADs 8010, NbAlias and a name that stands twice 8011; TempoInit is 800A; a section
or key that stands twice has the code of what it says; a file that is not text or not an INI file is 8001.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Final, Self


class GalssCode(IntEnum):
    """A code that the field's libraries return, and its meaning in both languages."""

    en: str
    fr: str

    def __new__(cls, number: int, en: str, fr: str) -> Self:
        member = int.__new__(cls, number)
        member._value_ = number
        member.en = en
        member.fr = fr
        return member

    FILE = (0x8001, "galss.ini is missing or cannot be read", "galss.ini absent ou illisible")
    SERVER = (0x8002, "the GALSS's server is missing", "serveur du GALSS absent")
    CHANNELS = (0x8003, "NbCanaux is 0, or too many resources", "NbCanaux nul, ou trop de ressources")
    CHANNEL = (
        0x8004,
        "a section CANAL or its Protocole is missing",
        "section CANAL ou son Protocole absents",
    )
    PROTOCOL = (0x8005, "Protocole is unknown", "Protocole inconnu")
    LIBRARY = (
        0x8006,
        "a section PROTOCOLE or its NomLib is missing",
        "section PROTOCOLE ou son NomLib absents",
    )
    CHANNEL_KIND = (0x8007, "TCanal or Index is missing or wrong", "TCanal ou Index absents ou faux")
    PROTOCOL_START = (0x800A, "the protocol does not start: Config", "le protocole ne démarre pas : Config")
    PORT = (
        0x800C,
        "the port, Caracteristiques or io_comm.ini is wrong",
        "port, Caracteristiques ou io_comm.ini faux",
    )
    CONFIG = (0x800D, "the section CONFIG or NbCanaux is missing", "section CONFIG ou NbCanaux absents")
    VERSIONS = (0x800E, "versions that do not fit each other", "versions incompatibles")
    PAD = (0x800F, "PAD is missing or not 0 to 255", "PAD absent ou hors de 0 à 255")
    LAD = (0x8010, "LAD is missing or not 0 to 255", "LAD absent ou hors de 0 à 255")
    NAME = (
        0x8011,
        "NomLAD or NomAlias is missing or over 8 characters",
        "NomLAD ou NomAlias absent ou de plus de 8 caractères",
    )


_OF_KEYS: Final = {
    "nbcanaux": GalssCode.CONFIG,
    "nomlib": GalssCode.LIBRARY,
    "config": GalssCode.PROTOCOL_START,
    "tempoinit": GalssCode.PROTOCOL_START,
    "tcanal": GalssCode.CHANNEL_KIND,
    "index": GalssCode.CHANNEL_KIND,
    "protocole": GalssCode.CHANNEL,
    "caracteristiques": GalssCode.PORT,
    "nbpad": GalssCode.PAD,
    "pad": GalssCode.PAD,
    "nblad": GalssCode.LAD,
    "lad": GalssCode.LAD,
    "nomlad": GalssCode.NAME,
    "nbalias": GalssCode.NAME,
}
_OF_SECTIONS: Final = (
    (r"CONFIG", GalssCode.CONFIG),
    (r"PROTOCOLE\d+", GalssCode.LIBRARY),
    (r"CANAL\d+", GalssCode.CHANNEL),
    (r"CANAL\d+\.PAD\d+", GalssCode.PAD),
    (r"CANAL\d+\.PAD\d+\.LAD\d+", GalssCode.LAD),
)


def code_of_key(key: str) -> GalssCode:
    """Return the code for a mistake in a key of galss.ini, ignoring case."""
    small = key.lower()
    if re.fullmatch(r"(?:nom)?alias\d+", small):
        return GalssCode.NAME
    return _OF_KEYS.get(small, GalssCode.FILE)


def code_of_section(name: str) -> GalssCode:
    """Return the code for a mistake in a whole section of galss.ini, ignoring case."""
    found = (code for pattern, code in _OF_SECTIONS if re.fullmatch(pattern, name, re.IGNORECASE | re.ASCII))
    return next(found, GalssCode.FILE)
