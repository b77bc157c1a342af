"""Application identifiers and files on the cards, shared by the code that issues and that reads them.

The PS cards' application, EF.ATR, EF.DIR, EF.SN, PKCS#15 files, free data and activities are those of IAS-ECC
CPx cards. The Vitale's published names and 2001, 2F00, 2F02, D001 are those that public programs read. The
other data files of PS cards, and the rest of the Vitale, are Project-defined.
"""

from __future__ import annotations

from typing import Final

EF_DIR: Final = 0x2F00
EF_ATR: Final = 0x2F01
EF_SN: Final = 0xD003
EF_DIR_SFI: Final = 0x1E
EF_ATR_SFI: Final = 0x1D
EF_SN_SFI: Final = 0x1C

PS_ROOT_AID: Final = bytes.fromhex("8025000001FF0100")
"""The name of a PS card's MF, according to its EF.ATR."""
PS_AID: Final = bytes.fromhex("E828BD080F8025000001FF0010")
PS_DF: Final = 0x0001
PS_ODF: Final = 0x5031
PS_TOKEN_INFO: Final = 0x5032
PS_AODF: Final = 0x7001
PS_PRKDF: Final = 0x7002
PS_CDF: Final = 0x7005
PS_DODF: Final = 0x7006
PS_AUTHENTICATION_CERTIFICATE: Final = 0xA001
PS_SIGNATURE_CERTIFICATE: Final = 0xA002
PS_TECHNICAL_CERTIFICATE: Final = 0xA003
PS_ID_CARD: Final = 0xD101
PS_NAME: Final = 0xD102
PS_LANGUAGES: Final = 0xD103
PS_INFORMATION: Final = 0xD104
PS_FREE_DATA: Final = 0xD107
PS_FIRST_ACTIVITY: Final = 0xD120
PS_BILLING: Final = 0xD130
PS_HOLDER: Final = 0xD001
PS_SITUATIONS: Final = 0xD002
PS_HOLDER_SFI: Final = 1
PS_SITUATIONS_SFI: Final = 2
PS_SIGNATURE_CERTIFICATE_SFI: Final = 3

VITALE_MF_AID: Final = bytes.fromhex("D2500000024D465F564954414C45")
"""The name of a Vitale's MF: the issuer's number, then MF_VITALE. Source: cardpeek's script."""
VITALE_CARD_NUMBER: Final = 0x2F02
VITALE_IDENTITIES: Final = 0xD001
VITALE_IDENTITIES_SFI: Final = 2
VITALE_PUBLIC_AID: Final = bytes.fromhex("D250000002564954414C45")
"""The Vitale application that public programs select: the issuer's number, then VITALE."""
VITALE_PUBLIC_DF: Final = 0x5601
VITALE_POINTERS: Final = 0x2001
VITALE_POINTERS_SFI: Final = 1
VITALE_NIRS: Final = 0xD002
VITALE_NIRS_SFI: Final = 2

VITALE_AID: Final = b"\xf0TLASIMV"
"""A proprietary identifier without registration (ISO/IEC 7816-4 §8.2.1.2: first digit F)."""
VITALE_DF: Final = 0x5600
VITALE_INSURED: Final = 0x0101
VITALE_BENEFICIARIES: Final = 0x0104
VITALE_CERTIFICATE: Final = 0xA001
VITALE_INSURED_SFI: Final = 1
VITALE_BENEFICIARIES_SFI: Final = 2
VITALE_CERTIFICATE_SFI: Final = 3
VITALE_KEY: Final = 0x81
