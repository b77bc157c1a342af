"""The files of a Vitale card. `addresses` names them; this module fills them."""

from __future__ import annotations

from collections.abc import Sequence

from tla_sim.protocol.groups.declaration import Group, encode_typed
from tla_sim.protocol.groups.vitale import Insured
from tla_sim.protocol.tlv import Tlv
from tla_sim.reader_fw.cards import addresses as at
from tla_sim.reader_fw.cards.file_list import FileList, serial_bytes
from tla_sim.reader_fw.cards.image import CardFile


def vitale_files(
    serial: str, insured: Insured, beneficiaries: Sequence[Group], certificate: bytes
) -> tuple[CardFile, ...]:
    """Return the files of a Vitale card; `beneficiaries` are groups 104, each followed by its 105 to 109.

    Raises CodecError when a group does not fit its file.
    """
    files = FileList(b"")
    files.add(0, at.EF_SN, Tlv(0x5A, serial_bytes(serial)).build(), at.EF_SN_SFI)
    df = files.directory(at.VITALE_DF, at.VITALE_AID)
    files.add(df, at.VITALE_INSURED, encode_typed([insured]), at.VITALE_INSURED_SFI)
    files.add(df, at.VITALE_BENEFICIARIES, encode_typed(beneficiaries), at.VITALE_BENEFICIARIES_SFI)
    files.add(df, at.VITALE_CERTIFICATE, certificate, at.VITALE_CERTIFICATE_SFI)
    return files.all()
