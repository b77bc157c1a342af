"""The files of a PS card, like those of IAS-ECC CPx cards.

`addresses` names the files; this module fills them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from tla_sim.protocol.card_kind import CardKind, CardModel
from tla_sim.protocol.groups.declaration import encode_typed
from tla_sim.protocol.groups.ps_card import PsCardType, PsHolder, PsSituation
from tla_sim.protocol.tlv import Tlv
from tla_sim.reader_fw.cards import addresses as at
from tla_sim.reader_fw.cards import pkcs15
from tla_sim.reader_fw.cards.data_objects import CODE_REFERENCE, UNBLOCKING_REFERENCE
from tla_sim.reader_fw.cards.file_list import FileList, serial_bytes
from tla_sim.reader_fw.cards.file_system import MF_FID
from tla_sim.reader_fw.cards.image import CardFile
from tla_sim.reader_fw.cards.models import PS_MODELS, PsCardModel
from tla_sim.reader_fw.cards.pki import ORGANISATION
from tla_sim.reader_fw.cards.ps_data import ps_data

_LABEL_DIGITS: Final = 10
"""The digits of the serial number in the card's label, as in published reports: "CPS3v3-2900995235"."""
_EF_ATR: Final = bytes.fromhex(
    "804301B8460404B0ECC147039401804F088025000001FF0100"
    "E01002020104020201040202010002020100780806062B8122F8780282029000"
)
"""That of a real card, as published in OpenSC's history: card capabilities, pre-issuing data, name of the MF,
buffer sizes."""


@dataclass(frozen=True, slots=True)
class PsCertificates:
    """The certificates (DER) on a PS card; empty on the draft of one."""

    authentication: bytes = b""
    signature: bytes = b""
    technical: bytes = b""


def ps_files(
    model: CardModel,
    kind: CardKind,
    serial: str,
    valid: tuple[date, date],
    holder: PsHolder,
    situations: Sequence[PsSituation],
    certificates: PsCertificates,
) -> tuple[CardFile, ...]:
    """Return the files of a PS card. Raises CodecError when a group does not fit its file.

    `valid` are the first and last day of the card.
    """
    generation = PS_MODELS[model]
    number = serial_bytes(serial)
    path = b"".join(fid.to_bytes(2, "big") for fid in (MF_FID, at.PS_DF))
    name = f"{PsCardType(holder.card_type).name} {ORGANISATION[kind]}".encode()
    application = Tlv(0x61, (Tlv(0x4F, at.PS_AID), Tlv(0x50, name), Tlv(0x51, path)))
    label = f"{generation.name}-{serial[-_LABEL_DIGITS:]}"
    data = ps_data(kind, number, valid, holder, situations)
    files = FileList(at.PS_ROOT_AID)
    files.add(0, at.EF_DIR, application.build(), at.EF_DIR_SFI)
    files.add(0, at.EF_ATR, _EF_ATR, at.EF_ATR_SFI)
    files.add(0, at.EF_SN, Tlv(0x5A, number).build(), at.EF_SN_SFI)
    df = files.directory(at.PS_DF, at.PS_AID)
    files.add(df, at.PS_ODF, pkcs15.object_directory())
    files.add(df, at.PS_TOKEN_INFO, pkcs15.token_info(number, ORGANISATION[kind], label))
    files.add(df, at.PS_AODF, _codes())
    files.add(df, at.PS_PRKDF, pkcs15.key_directory(_keys(generation)))
    files.add(df, at.PS_CDF, pkcs15.certificate_directory(_certificates(generation)))
    files.add(df, at.PS_DODF, pkcs15.data_directory(data, mark_modifiable=generation.marks_free_data))
    files.add(df, at.PS_AUTHENTICATION_CERTIFICATE, certificates.authentication)
    files.add(df, at.PS_SIGNATURE_CERTIFICATE, certificates.signature, at.PS_SIGNATURE_CERTIFICATE_SFI)
    files.add(df, at.PS_TECHNICAL_CERTIFICATE, certificates.technical)
    files.add(df, at.PS_HOLDER, encode_typed([holder]), at.PS_HOLDER_SFI)
    files.add(df, at.PS_SITUATIONS, encode_typed(situations), at.PS_SITUATIONS_SFI)
    for each in data:
        files.add(df, each.fid, each.content, read=each.read, write=each.write)
    return files.all()


def _codes() -> bytes:
    return pkcs15.code_directory("Code porteur", CODE_REFERENCE, "Code de déblocage", UNBLOCKING_REFERENCE)


def _keys(model: PsCardModel) -> tuple[pkcs15.KeyEntry, ...]:
    """Return both keys: authentication first, since software not told which one to use takes the first."""
    return (
        pkcs15.KeyEntry(
            "CPS_PRIV_AUT",
            _identifier(model.authentication_number),
            pkcs15.USAGE_SIGN_DECRYPT,
            model.authentication_key,
        ),
        pkcs15.KeyEntry(
            "CPS_PRIV_SIG", _identifier(model.signature_number), pkcs15.USAGE_COMMIT, model.signature_key
        ),
    )


def _certificates(model: PsCardModel) -> tuple[pkcs15.CertificateEntry, ...]:
    return (
        pkcs15.CertificateEntry(
            "Certificat d'Authentification CPS",
            _identifier(model.authentication_number),
            at.PS_AUTHENTICATION_CERTIFICATE,
        ),
        pkcs15.CertificateEntry(
            "Certificat de Signature CPS", _identifier(model.signature_number), at.PS_SIGNATURE_CERTIFICATE
        ),
        pkcs15.CertificateEntry(
            "Certificat Technique CPS", _identifier(model.technical_number), at.PS_TECHNICAL_CERTIFICATE
        ),
    )


def _identifier(number: int) -> bytes:
    return at.PS_AID + bytes((number,))
