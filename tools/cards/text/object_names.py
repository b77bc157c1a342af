"""Names of files and of the data objects in them, for the notes of a card text.

Sources: ISO/IEC 7816-4 §8.2 (EF.DIR, EF.ATR), PKCS #15 v1.1 §6 (object directories, TokenInfo),
`tla_sim.reader_fw.cards.vitale_files`, and `addresses` beside it for what the files are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tla_sim.reader_fw.cards import addresses as at
from tla_sim.reader_fw.cards import ps_data
from tla_sim.reader_fw.cards.ps_data import DataObject

_ANYWHERE: Final = "*"

Ways = Mapping[str, str]
"""Names by the way to the object, the position (or `*`) and tag of each step: `*:61 *:50`."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names in one file: `name` is that of the file or object reached so far, empty if it has none."""

    name: str = ""
    ways: Ways = field(default_factory=dict)
    _reached: tuple[str, ...] = ("",)

    def under(self, position: int, tag: int) -> Names:
        """Return the names of the object with this tag at this position inside."""
        steps = tuple(f"{place}:{tag:02X}" for place in (_ANYWHERE, str(position)))
        reached = tuple(f"{way} {step}".strip() for way in self._reached for step in steps)
        known = tuple(way for way in reached if any(each.startswith(way) for each in self.ways))
        name = next((self.ways[way] for way in reversed(known) if way in self.ways), "")
        return Names(name, self.ways, known)


def _directory(what: str, attributes: Ways) -> Ways:
    """Return the names in a PKCS #15 directory: each entry's common attributes, then its own."""
    return {
        "*:30": what,
        "*:30 0:30": "common attributes",
        "*:30 0:30 *:0C": "label",
        "*:30 0:30 *:03": "flags",
        "*:30 0:30 *:04": "the code that it needs",
        **attributes,
    }


_OBJECT_DIRECTORY: Final = {
    "*:A0": "private keys",
    "*:A4": "certificates",
    "*:A7": "data objects",
    "*:A8": "codes",
    **{f"*:{tag} *:30 *:04": "path" for tag in ("A0", "A4", "A7", "A8")},
}
_TOKEN_INFO: Final = {
    "0:30 0:02": "version",
    "0:30 *:04": "serial number",
    "0:30 *:0C": "manufacturer",
    "0:30 *:80": "label",
    "0:30 *:03": "flags",
    "0:30 *:A2": "algorithms",
    "0:30 *:A2 *:30 0:02": "reference",
    "0:30 *:A2 *:30 1:02": "mechanism",
    "0:30 *:A2 *:30 *:03": "operations",
    "0:30 *:A2 *:30 *:06": "object identifier",
}
_KEYS: Final = _directory(
    "private key",
    {
        "*:30 1:30": "key",
        "*:30 1:30 0:04": "identifier",
        "*:30 1:30 1:03": "usage",
        "*:30 1:30 2:03": "access flags",
        "*:30 1:30 *:02": "key reference",
        "*:30 *:A1 0:30 1:02": "bits",
    },
)
_CERTIFICATES: Final = _directory(
    "certificate",
    {
        "*:30 1:30": "certificate",
        "*:30 1:30 0:04": "identifier",
        "*:30 *:A1 0:30 0:30 *:04": "path",
    },
)
_CODES: Final = _directory(
    "code",
    {
        "*:30 1:30 0:04": "identifier",
        "*:30 *:A1 0:30 0:03": "flags",
        "*:30 *:A1 0:30 1:0A": "kind of characters",
        "*:30 *:A1 0:30 2:02": "fewest digits",
        "*:30 *:A1 0:30 3:02": "stored length",
        "*:30 *:A1 0:30 4:02": "most digits",
        "*:30 *:A1 0:30 *:80": "code reference",
        "*:30 *:A1 0:30 *:04": "padding",
    },
)
_DATA: Final = _directory(
    "data object",
    {
        "*:30 1:30 *:0C": "application",
        "*:30 *:A1 0:30 0:04": "path",
    },
)


def _inside(data: DataObject, what: str, *names: str) -> dict[int, Names]:
    """Return the names in the file of a data object: its templates, and the objects 80, 81 … inside."""
    template = f"*:{data.template:02X}"
    inner = {f"{template} *:{0x80 + place:02X}": name for place, name in enumerate(names)}
    return {data.fid: Names(data.label, {template: what} | inner)}


_ACTIVITY: Final = (
    "activity",
    "number of the situation",
    "mode of practice",
    "status",
    "kind of structure identifier",
    "name of the structure",
    "identifier of the structure",
    "sector",
)
_BILLING: Final = (
    "billing situation",
    "number of the situation",
    "billing number",
    "its key",
    "convention",
    "speciality",
    "tariff zone",
    "IK zone",
    "first agreement",
    "second agreement",
    "third agreement",
    "replaced number",
    "its key",
    "rights: 1 invoices, 2 lots",
)
_APPLICATIONS: Final = {
    "*:61": "application",
    "*:61 *:4F": "application identifier",
    "*:61 *:50": "label",
    "*:61 *:51": "path",
}
_ATR: Final = {
    "*:43": "card service data",
    "*:46": "pre-issuing data",
    "*:47": "card capabilities",
    "*:4F": "name of the MF",
    "*:E0": "buffer sizes",
}

_ON_EVERY_CARD: Final = {
    at.EF_DIR: Names("EF.DIR", _APPLICATIONS),
    at.EF_ATR: Names("EF.ATR", _ATR),
    at.EF_SN: Names("EF.SN", {"*:5A": "card serial number"}),
}
_ON_PS_CARDS: Final = {
    at.PS_ODF: Names("EF(ODF)", _OBJECT_DIRECTORY),
    at.PS_TOKEN_INFO: Names("EF(TokenInfo)", _TOKEN_INFO),
    at.PS_AODF: Names("EF(AODF)", _CODES),
    at.PS_PRKDF: Names("EF(PrKDF)", _KEYS),
    at.PS_CDF: Names("EF(CDF)", _CERTIFICATES),
    at.PS_AUTHENTICATION_CERTIFICATE: Names("certificate of the authentication key"),
    at.PS_SIGNATURE_CERTIFICATE: Names("certificate of the signature key"),
    at.PS_DODF: Names("EF(DODF)", _DATA),
    at.PS_TECHNICAL_CERTIFICATE: Names("technical certificate"),
    at.PS_FREE_DATA: Names(ps_data.FREE_LABEL),
    **_inside(ps_data.ID_CARD, "card", "type", "serial number", "first day", "last day", "test or real"),
    **_inside(ps_data.NAME, "name", "civility", "last name", "first name"),
    **_inside(ps_data.LANGUAGES, "languages", "language"),
    **_inside(
        ps_data.INFORMATION, "holder", "kind of number", "number", "last name", "first name", "speciality"
    ),
    **_inside(ps_data.BILLING, *_BILLING),
    **{fid: names for each in ps_data.ACTIVITIES for fid, names in _inside(each, *_ACTIVITY).items()},
    at.PS_HOLDER: Names("holder"),
    at.PS_SITUATIONS: Names("billing situations"),
}
_IDENTITIES: Final = {
    "*:65": "person",
    "*:65 *:80": "name",
    "*:65 *:81": "first name",
    "*:65 *:82": "birth date",
}
_NIRS: Final = {"*:65": "person", "*:65 *:90": "nationality", "*:65 *:93": "NIR and key"}
_POINTERS: Final = {
    "*:E0": "pointers",
    "*:E0 *:A0": "directories",
    "*:E0 *:A0 *:82": "entry, identifier, name",
    "*:E0 *:80": "file: its name, its directory's entry, its identifier",
}
_ON_VITALES: Final = {
    at.VITALE_INSURED: Names("insured"),
    at.VITALE_BENEFICIARIES: Names("beneficiaries"),
    at.VITALE_CERTIFICATE: Names("certificate of the card's key"),
    at.VITALE_CARD_NUMBER: Names("card number", {"*:5A": "card serial number"}),
    at.VITALE_IDENTITIES: Names("identities, for public programs", _IDENTITIES),
    at.VITALE_NIRS: Names("NIRs, for public programs", _NIRS),
    at.VITALE_POINTERS: Names("pointers, for public programs", _POINTERS),
}


def names_of(fid: int, *, vitale: bool) -> Names:
    """Return the names in the file with this identifier, empty for a file that nothing declares."""
    own = (_ON_VITALES if vitale else _ON_PS_CARDS).get(fid)
    return own or _ON_EVERY_CARD.get(fid) or Names()
