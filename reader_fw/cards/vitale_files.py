"""The files of a Vitale 2, in two forms generated from the same data. `addresses` names them.

One form is the house's own: the groups of the SSV, and a certificate. The other is what public programs read
without being told of us (cardpeek's script, the PC/SC client of the Rufus practice software, a Node reader):
names and birth dates under the MF, NIRs and pointers in a DF with the published identifier, and no health
insurance rights. Its files 2F00, 2F02, 2001, D001 and its tags are those of these programs; identifier 5601
and D002, the nationality, the pointers' names and the cuts are Project-defined.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from tla_sim.protocol.groups.declaration import Group, encode_typed
from tla_sim.protocol.groups.vitale import Beneficiary, Insured
from tla_sim.protocol.names import spell_for_font
from tla_sim.protocol.tlv import Tlv, build_all
from tla_sim.reader_fw.cards import addresses as at
from tla_sim.reader_fw.cards.file_list import FileList, serial_bytes
from tla_sim.reader_fw.cards.file_system import MF_FID
from tla_sim.reader_fw.cards.image import CardFile

NAME_BYTES: Final = 56
"""The most of each name in D001, so that one person's object keeps a length of one byte, 127 at most."""
LEAST_IDENTITY_BYTES: Final = 0x80
"""The least size of D001, filled up with 00: a public program reads 7C bytes of it from any card."""

_NATIONALITY: Final = b"FRA"
_PERSON: Final = 0x65
_POINTER_NAME_BYTES: Final = 8


class _Directory(NamedTuple):
    """A directory in the pointers file: number of its entry, name, identifier."""

    entry: int
    aid: bytes
    fid: int


class _Pointer(NamedTuple):
    """A file in the pointers file: its name, the entry of its directory, its identifier."""

    name: str
    entry: int
    fid: int


_DIRECTORIES: Final = (
    _Directory(1, at.VITALE_MF_AID, MF_FID),
    _Directory(2, at.VITALE_PUBLIC_AID, at.VITALE_PUBLIC_DF),
)
_POINTERS: Final = (
    _Pointer("IDENTITE", 1, at.VITALE_IDENTITIES),
    _Pointer("NUMSERIE", 1, at.EF_SN),
    _Pointer("NIR", 2, at.VITALE_NIRS),
)


def vitale_files(
    serial: str, insured: Insured, beneficiaries: Sequence[Group], certificate: bytes
) -> tuple[CardFile, ...]:
    """Return the files of a Vitale card; `beneficiaries` are groups 104, each followed by its 105 to 109.

    Raises CodecError when a group does not fit its file.
    """
    number = Tlv(0x5A, serial_bytes(serial)).build()
    people = [each for each in beneficiaries if isinstance(each, Beneficiary)]
    files = FileList(at.VITALE_MF_AID)
    files.add(0, at.EF_SN, number, at.EF_SN_SFI)
    df = files.directory(at.VITALE_DF, at.VITALE_AID)
    files.add(df, at.VITALE_INSURED, encode_typed([insured]), at.VITALE_INSURED_SFI)
    files.add(df, at.VITALE_BENEFICIARIES, encode_typed(beneficiaries), at.VITALE_BENEFICIARIES_SFI)
    files.add(df, at.VITALE_CERTIFICATE, certificate, at.VITALE_CERTIFICATE_SFI)
    files.add(0, at.EF_DIR, _applications(), at.EF_DIR_SFI)
    files.add(0, at.VITALE_CARD_NUMBER, number)
    files.add(0, at.VITALE_IDENTITIES, _identities(people), at.VITALE_IDENTITIES_SFI)
    public = files.directory(at.VITALE_PUBLIC_DF, at.VITALE_PUBLIC_AID)
    files.add(public, at.VITALE_POINTERS, _pointers(), at.VITALE_POINTERS_SFI)
    files.add(public, at.VITALE_NIRS, _nirs(insured, people), at.VITALE_NIRS_SFI)
    return files.all()


def spell_in_latin_1(name: str) -> bytes:
    """Return a name in ISO 8859-1, composed; what that lacks is spelt out (œ is oe), or a question mark."""
    return spell_for_font(name, _in_latin_1).encode("latin-1")


def _in_latin_1(letter: str) -> bool:
    return letter.isprintable() and ord(letter) < 0x100


def _applications() -> bytes:
    return build_all(
        Tlv(0x61, (Tlv(0x4F, aid), Tlv(0x50, label), Tlv(0x51, _fids(MF_FID, fid))))
        for aid, label, fid in (
            (at.VITALE_PUBLIC_AID, b"VITALE", at.VITALE_PUBLIC_DF),
            (at.VITALE_AID, b"TLA-SIM", at.VITALE_DF),
        )
    )


def _identities(people: Sequence[Beneficiary]) -> bytes:
    content = build_all(
        Tlv(
            _PERSON,
            (
                Tlv(0x80, spell_in_latin_1(each.usual_name)[:NAME_BYTES]),
                Tlv(0x81, spell_in_latin_1(each.first_name)[:NAME_BYTES]),
                Tlv(0x82, each.birth_date.encode("ascii")),
            ),
        )
        for each in people
    )
    return content.ljust(LEAST_IDENTITY_BYTES, b"\x00")


def _nirs(insured: Insured, people: Sequence[Beneficiary]) -> bytes:
    return build_all(
        Tlv(_PERSON, (Tlv(0x90, _NATIONALITY), Tlv(0x93, spell_in_latin_1(_nir(insured, each)))))
        for each in people
    )


def _nir(insured: Insured, who: Beneficiary) -> str:
    # A child without a NIR of its own is billed under the insured's.
    if who.certified_nir:
        return who.certified_nir + who.certified_nir_key
    return insured.nir + insured.nir_key


def _pointers() -> bytes:
    directories = tuple(Tlv(0x82, _fids(each.entry, each.fid) + each.aid) for each in _DIRECTORIES)
    files = tuple(
        Tlv(0x80, each.name.encode().ljust(_POINTER_NAME_BYTES) + _fids(each.entry, each.fid))
        for each in _POINTERS
    )
    return Tlv(0xE0, (Tlv(0xA0, directories), *files)).build()


def _fids(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(2, "big") for number in numbers)
