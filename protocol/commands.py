"""The commands of the reader's own software, Log_SV, each declared once.

Class byte 80, P1 = P2 = 00, request in the data field, response in the response data. Numbers, structures
and the pairing with SSV functions are Project-defined; the functions are those of the public SSV headers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.protocol.command import Authentication, Command, CommandSet
from tla_sim.protocol.fse import DocumentKind, SecurityMode
from tla_sim.protocol.invoice_state import InvoiceState
from tla_sim.protocol.status import Status
from tla_sim.protocol.version import V1_31
from tla_sim.protocol.wire import (
    Record,
    blob8,
    blob16,
    blobs,
    boolean,
    choice,
    fixed,
    records,
    string,
    u8,
    u16,
    u32,
    u64,
)

COMMANDS: Final = CommandSet()

BATCH_BYTES: Final = 28_672
"""How much content one exchange carries on a slow line, in bytes: 30 s at 9600 baud."""

MAX_BATCH_BYTES: Final = 57_344
"""How much content one exchange carries at most, so that the APDU stays below 65,536 bytes."""


@dataclass(frozen=True)
class Empty:
    """No data."""


EMPTY: Final = Record(Empty)


class Capability(IntEnum):
    """Bits of the capability mask of `identify`."""

    PARTIAL_CERTIFICATION = 1
    MULTI_OWNER = 2
    DESK_CERTIFICATION = 4
    DRE = 8
    UPDATE = 16


@dataclass(frozen=True)
class Identity:
    """Who the reader is."""

    manufacturer: str = string("constructeur")
    reader_type: str = string("type de lecteur")
    serial_number: str = string("numéro de série")
    operating_system: str = string("système d'exploitation")
    major: int = u8("major version of the reader software")
    minor: int = u8("minor version of the reader software")
    cdc_major: int = u8("major version of the CDC it follows")
    cdc_minor: int = u8("minor version of the CDC it follows")
    capabilities: int = u32("mask of Capability")
    max_owners: int = u16("owners whose invoices it takes")
    max_invoices: int = u16("invoices it takes")


IDENTIFY = COMMANDS.add(
    Command(
        0x10,
        "identify",
        "Say who the reader is, which version it runs and what it can do.",
        EMPTY,
        Record(Identity),
        ssv="SSV_IdentifierTLA",
        since=V1_31,
        vectors=(
            (Empty(), ""),
            (
                Identity("TLA-SIM", "TLA", "S1", "SIM", 1, 40, 1, 40, 3, 16, 1000),
                "07544C412D53494D03544C410253310353494D0128012800000003001003E8",
            ),
        ),
    )
)


@dataclass(frozen=True)
class Configuration:
    """Group 61, one occurrence for each software component."""

    groups: bytes = blob16("SSV groups")


READ_CONFIGURATION = COMMANDS.add(
    Command(
        0x12,
        "read_configuration",
        "Give the reader's configuration, group 61, one occurrence for each component.",
        EMPTY,
        Record(Configuration),
        ssv="SSV_LireConfig",
        since=V1_31,
        vectors=((Configuration(b"\0\0"), "00020000"),),
    )
)


@dataclass(frozen=True)
class Moment:
    """A date and time."""

    moment: int = u64("milliseconds since 1970-01-01 00:00, reader local time")


READ_CLOCK = COMMANDS.add(
    Command(
        0x14,
        "read_clock",
        "Give the reader's date and time.",
        EMPTY,
        Record(Moment),
        ssv="SSV_LireDateLecteur",
        since=V1_31,
        vectors=((Moment(1_551_776_400_000), "000001694D14C280"),),
    )
)
SET_CLOCK = COMMANDS.add(
    Command(
        0x16,
        "set_clock",
        "Set the reader's date and time; answers what it showed before.",
        Record(Moment),
        Record(Moment),
        ssv="SSV_MajDateLecteur",
        since=V1_31,
        errors=(Status.NO_FREE_SLOT,),
        changes=True,
        vectors=((Moment(1), "0000000000000001"),),
    )
)


@dataclass(frozen=True)
class Diagnostics:
    """The reader's state of health."""

    ps_card: bool = boolean("a card is in the PS slot")
    vitale_card: bool = boolean("a card is in the Vitale slot")
    signature_counter: int = u64("signatures given so far, including values skipped by power cuts")
    boots: int = u32("times the reader was switched on")
    battery: int = u8("battery in per cent")
    tamper: bool = boolean("the case has been opened")
    owners: int = u16("owners with invoices on board")
    invoices: int = u16("invoices on board")
    max_invoices: int = u16("invoices it takes")
    free_bytes: int = u32("free flash in bytes")
    total_bytes: int = u32("flash in bytes")
    max_wear: int = u32("most erasures of one flash sector")
    damaged: int = u16("records found unreadable")


DIAGNOSTICS = COMMANDS.add(
    Command(
        0x18,
        "diagnostics",
        "Report slots, counters, battery, tamper flag, memory and wear.",
        EMPTY,
        Record(Diagnostics),
        since=V1_31,
        vectors=(
            (
                Diagnostics(True, False, 7, 2, 90, False, 1, 4, 1000, 4096, 8192, 3, 0),
                "01000000000000000007000000025A000001000403E80000100000002000000000030000",
            ),
        ),
    )
)


@dataclass(frozen=True)
class PsCardData:
    """The card in the PS slot, and the key under which the next code porteur must be enciphered."""

    profile: int = choice(CardProfile, "CPS or CPE")
    kind: int = choice(CardKind, "test or real")
    serial: str = string("card serial number, hex")
    tries_left: int = u8("wrong codes the card still allows")
    verified: bool = boolean("the code porteur is verified on this link")
    code_key: bytes = fixed(32, "X25519 public key of the reader, good for one verify_code")
    groups: bytes = blob16("groups 1 and 2")


READ_PS_CARD = COMMANDS.add(
    Command(
        0x20,
        "read_ps_card",
        "Read holder and situations from the PS card, and open a channel for its code porteur.",
        EMPTY,
        Record(PsCardData),
        ssv="SSV_LireCartePS",
        since=V1_31,
        errors=(Status.PS_CARD_ABSENT, Status.PS_CARD_UNUSABLE, Status.PS_CARD_EXPIRED),
        vectors=(
            (
                PsCardData(CardProfile.CPE, CardKind.TEST, "AB", 3, False, bytes(32), b"\0\0"),
                "0100024142" + "0300" + "00" * 32 + "00020000",
            ),
        ),
    )
)


@dataclass(frozen=True)
class VitaleRequest:
    """At which date rights are asked."""

    moment: int = u64("milliseconds since 1970-01-01 00:00; 0 for the reader's date")


@dataclass(frozen=True)
class VitaleData:
    """The card in the Vitale slot."""

    kind: int = choice(CardKind, "test or real")
    serial: str = string("card serial number")
    valid: int = u8("beneficiaries with AMO rights at that date")
    groups: bytes = blob16("group 101, then each beneficiary: 104 and its 105 to 109")


READ_VITALE = COMMANDS.add(
    Command(
        0x22,
        "read_vitale",
        "Read insured, beneficiaries and rights from the Vitale card.",
        Record(VitaleRequest),
        Record(VitaleData),
        ssv="SSV_LireDroitsVitale",
        since=V1_31,
        needs=Authentication.PS_CODE,
        errors=(
            Status.VITALE_ABSENT,
            Status.VITALE_MUTE,
            Status.VITALE_WITHDRAWN,
            Status.VITALE_UNUSABLE,
            Status.CARDS_MIXED,
        ),
        vectors=(
            (VitaleRequest(0), "0000000000000000"),
            (VitaleData(CardKind.TEST, "1", 1, b""), "000131010000"),
        ),
    )
)


class CodeEntry(IntEnum):
    """Where the code porteur comes from."""

    KEYPAD = 0
    HOST = 1


@dataclass(frozen=True)
class CodePresentation:
    """A code porteur to verify: typed at the reader, or enciphered by the workstation."""

    entry: int = choice(CodeEntry, "typed on the reader's keypad, or enciphered here")
    host_key: bytes = blob8("X25519 public key of the workstation, 32 bytes; empty for KEYPAD")
    cryptogram: bytes = blob8("AES-256-GCM of the code's digits; empty for KEYPAD")


VERIFY_CODE = COMMANDS.add(
    Command(
        0x24,
        "verify_code",
        "Verify the code porteur of the PS card; authenticates this link until the card leaves.",
        Record(CodePresentation),
        EMPTY,
        since=V1_31,
        errors=(
            Status.PS_CARD_ABSENT,
            Status.PS_CARD_UNUSABLE,
            Status.PS_CARD_EXPIRED,
            Status.CODE_WRONG,
            Status.CODE_BLOCKED,
            Status.CONDITIONS_NOT_SATISFIED,
        ),
        changes=True,
        vectors=((CodePresentation(CodeEntry.KEYPAD, b"", b""), "000000"),),
    )
)


@dataclass(frozen=True)
class LoadOpening:
    """Which load comes: the same identifier resumes it."""

    owner: str = string("billing number of the owner")
    load_id: bytes = fixed(16, "identifier of the load: first half of the SHA-256 of its documents' digests")
    count: int = u16("documents in the load")
    total_bytes: int = u32("their content in bytes")


@dataclass(frozen=True)
class LoadOpened:
    """What the reader already has of this load."""

    present: bytes = blob16("bitmap, document 0 in bit 0 of the first byte: 1 when already here")
    free_invoices: int = u16("invoices it still takes, this load not counted")


OPEN_LOAD = COMMANDS.add(
    Command(
        0x30,
        "open_load",
        "Begin or resume loading one owner's invoices; an unfinished other load of that owner is dropped.",
        Record(LoadOpening),
        Record(LoadOpened),
        ssv="SSV_ChargerFacturesPdT",
        since=V1_31,
        errors=(
            Status.NO_FREE_SLOT,
            Status.TOO_MANY_OWNERS,
            Status.NOT_MULTI_OWNER,
            Status.TAMPERED,
        ),
        changes=True,
        vectors=(
            (
                LoadOpening("750000001", bytes(16), 4, 1200),
                "09373530303030303031" + "00" * 16 + "0004000004B0",
            ),
            (LoadOpened(b"\x05", 996), "00010503E4"),
        ),
    )
)


@dataclass(frozen=True)
class LoadedBatch:
    """Some documents of the open load, one behind another."""

    first: int = u16("position of the first one in the load")
    kind: int = choice(DocumentKind, "FSE or DRE, of all of them")
    mode: int = choice(SecurityMode, "secured or degraded, all of them")
    digest: bytes = fixed(32, "SHA-256 over the contents, one behind another, each behind its u16 length")
    contents: tuple[bytes, ...] = blobs("invoices")


@dataclass(frozen=True)
class LoadProgress:
    """How far the load has come."""

    stored: int = u16("documents of the load the reader now has")


LOAD_INVOICE = COMMANDS.add(
    Command(
        0x32,
        "load_invoice",
        "Store prepared invoices of the open load; they count only once the load is committed.",
        Record(LoadedBatch),
        Record(LoadProgress),
        ssv="SSV_ChargerFacturesPdT",
        since=V1_31,
        errors=(
            Status.CONDITIONS_NOT_SATISFIED,
            Status.DIGEST_MISMATCH,
            Status.INVOICE_CONFLICT,
            Status.NOT_OWNER,
            Status.TOO_MANY_OWNERS,
            Status.NO_FREE_SLOT,
            Status.FUNCTION_NOT_SUPPORTED,
            Status.RECORD_DAMAGED,
        ),
        changes=True,
        vectors=(
            (
                LoadedBatch(2, DocumentKind.FSE, 1, bytes(32), (b"ab", b"c")),
                "00020101" + "00" * 32 + "02" + "00026162" + "000163",
            ),
            (LoadProgress(3), "0003"),
        ),
    )
)


@dataclass(frozen=True)
class LoadCommit:
    """The load to make valid."""

    load_id: bytes = fixed(16, "identifier of the load")
    count: int = u16("documents it must have")


COMMIT_LOAD = COMMANDS.add(
    Command(
        0x34,
        "commit_load",
        "Make the open load valid, whole or not at all; repeating it changes nothing.",
        Record(LoadCommit),
        Record(LoadProgress),
        ssv="SSV_ChargerFacturesPdT",
        since=V1_31,
        errors=(Status.CONDITIONS_NOT_SATISFIED, Status.INVOICE_CONFLICT, Status.NO_FREE_SLOT),
        changes=True,
        vectors=((LoadCommit(bytes(16), 4), "00" * 16 + "0004"),),
    )
)


@dataclass(frozen=True)
class ListRequest:
    """Which part of the list."""

    owner: str = string("billing number, empty for all owners")
    first: int = u16("position of the first entry wanted")


@dataclass(frozen=True)
class ListedDocument:
    """One document on board."""

    number: str = string("invoice number")
    kind: int = choice(DocumentKind, "FSE or DRE")
    state: int = choice(InvoiceState, "LOADED, PARTIAL, COMPLETE or CANCELLED")
    fingerprint: bytes = fixed(8, "first 8 bytes of the SHA-256 of its content")
    size: int = u16("content in bytes")


@dataclass(frozen=True)
class OwnerDocuments:
    """An owner's documents on board, or a part of them."""

    owner: str = string("billing number")
    documents: tuple[ListedDocument, ...] = records(ListedDocument, "in order of number and kind")


@dataclass(frozen=True)
class DocumentList:
    """A part of the list, in order of owner, number and kind."""

    total: int = u16("documents in the whole list")
    owners: tuple[OwnerDocuments, ...] = records(OwnerDocuments, "from the position asked for")


LIST_INVOICES = COMMANDS.add(
    Command(
        0x40,
        "list_invoices",
        "List what is on board: owner, number, kind, state and fingerprint.",
        Record(ListRequest),
        Record(DocumentList),
        since=V1_31,
        vectors=(
            (ListRequest("", 0), "000000"),
            (
                DocumentList(
                    1,
                    (
                        OwnerDocuments(
                            "1",
                            (ListedDocument("2", DocumentKind.FSE, InvoiceState.LOADED, bytes(8), 9),),
                        ),
                    ),
                ),
                "00010001" + "0131" + "0001" + "0132" + "0101" + "00" * 8 + "0009",
            ),
        ),
    )
)


@dataclass(frozen=True)
class DocumentName:
    """Names one document."""

    owner: str = string("billing number")
    number: str = string("invoice number")
    kind: int = choice(DocumentKind, "FSE or DRE")


@dataclass(frozen=True)
class UnloadRequest:
    """Which documents are wanted."""

    max_bytes: int = u16("content wanted in one answer; one document comes however long it is")
    documents: tuple[DocumentName, ...] = records(
        DocumentName, "in the order wanted; none: the next ones the card may take, not yet given on this link"
    )


@dataclass(frozen=True)
class UnloadedDocument:
    """One document, or why it does not come."""

    status: int = u16("9000, or the status word for this document")
    content: bytes = blob16("the FSE; the invoice of a CANCELLED one; empty on error")


@dataclass(frozen=True)
class UnloadedDocuments:
    """As many of the documents asked for as fit, from the first on; none when there is no next one."""

    documents: tuple[UnloadedDocument, ...] = records(UnloadedDocument, "answers in the order asked")


UNLOAD_FSE = COMMANDS.add(
    Command(
        0x42,
        "unload_fse",
        "Give certified FSEs to their owner or to a card that signed them; they stay until acknowledged.",
        Record(UnloadRequest),
        Record(UnloadedDocuments),
        ssv="SSV_DechargerFacturesPdT, SSV_DechargerFSETLA",
        since=V1_31,
        needs=Authentication.PS_CODE,
        vectors=(
            (UnloadRequest(9, (DocumentName("1", "2", DocumentKind.FSE),)), "000900010131013201"),
            (UnloadedDocuments((UnloadedDocument(0x9000, b"x"),)), "00019000000178"),
        ),
    )
)


@dataclass(frozen=True)
class Acknowledgement:
    """What the host has on disk."""

    digest: bytes = fixed(32, "SHA-256 over the fingerprints of their contents, in order")
    documents: tuple[DocumentName, ...] = records(
        DocumentName, "which; none: all that the last unload_fse on this link gave"
    )


@dataclass(frozen=True)
class Acknowledged:
    """How many left the reader now; those already gone do not count."""

    removed: int = u16("documents removed")


ACKNOWLEDGE_FSE = COMMANDS.add(
    Command(
        0x44,
        "acknowledge_fse",
        "Let documents go that the host has on disk, all or none; those already gone are passed over.",
        Record(Acknowledgement),
        Record(Acknowledged),
        ssv="SSV_DechargerFSETLA",
        since=V1_31,
        needs=Authentication.PS_CODE,
        errors=(
            Status.DIGEST_MISMATCH,
            Status.INVOICE_STATE,
            Status.NOT_OWNER,
            Status.CONDITIONS_NOT_SATISFIED,
            Status.RECORD_DAMAGED,
        ),
        changes=True,
        vectors=(
            (
                Acknowledgement(bytes(32), (DocumentName("1", "2", DocumentKind.FSE),)),
                "00" * 32 + "00010131013201",
            ),
            (Acknowledged(1), "0001"),
        ),
    )
)


@dataclass(frozen=True)
class EraseRequest:
    """Whose documents are erased."""

    owner: str = string("billing number")


ERASE = COMMANDS.add(
    Command(
        0x46,
        "erase",
        "Erase an owner's documents; certified ones that were not pulled only with the owner's card.",
        Record(EraseRequest),
        Record(Acknowledged),
        ssv="SSV_EffacerTLA",
        since=V1_31,
        needs=Authentication.PS_CODE,
        errors=(Status.NOT_ACKNOWLEDGED,),
        changes=True,
        vectors=((EraseRequest("1"), "0131"),),
    )
)


@dataclass(frozen=True)
class BeneficiariesRequest:
    """Whose patients."""

    owner: str = string("billing number")


@dataclass(frozen=True)
class Beneficiaries:
    """The patients met on the round, as their Vitale cards say."""

    groups: bytes = blob16("for each Vitale card read: 101, then 104 to 109 of the beneficiaries billed")


UNLOAD_BENEFICIARIES = COMMANDS.add(
    Command(
        0x48,
        "unload_beneficiaries",
        "Give identity and rights of the owner's patients as read from their Vitale cards on the round.",
        Record(BeneficiariesRequest),
        Record(Beneficiaries),
        ssv="SSV_DechargerBeneficiaires",
        since=V1_31,
        needs=Authentication.PS_CODE,
        errors=(Status.NOT_OWNER, Status.RECORD_DAMAGED),
        vectors=((BeneficiariesRequest("1"), "0131"), (Beneficiaries(b""), "0000")),
    )
)

CERTIFICATION_ERRORS: Final = (
    Status.VITALE_ABSENT,
    Status.VITALE_MUTE,
    Status.VITALE_WITHDRAWN,
    Status.VITALE_UNUSABLE,
    Status.CARDS_MIXED,
    Status.PS_CARD_EXPIRED,
    Status.NOT_ENTITLED,
    Status.BENEFICIARY_MISMATCH,
    Status.NO_RIGHTS,
    Status.NO_FREE_SLOT,
    Status.TAMPERED,
)


@dataclass(frozen=True)
class CertifyRequest:
    """One invoice to certify with the cards in the slots."""

    kind: int = choice(DocumentKind, "FSE or DRE")
    mode: int = choice(SecurityMode, "secured or degraded")
    content: bytes = blob16("the invoice")


@dataclass(frozen=True)
class Certified:
    """The certified document; it also stays on board until acknowledged."""

    content: bytes = blob16("the FSE")


CERTIFY = COMMANDS.add(
    Command(
        0x50,
        "certify",
        "Certify one invoice at the desk with the cards in the slots; repeated, answers the same FSE.",
        Record(CertifyRequest),
        Record(Certified),
        ssv="SSV_SecuriserFacture",
        needs=Authentication.PS_CODE,
        errors=(
            *CERTIFICATION_ERRORS,
            Status.NOT_OWNER,
            Status.INVOICE_CONFLICT,
            Status.INVOICE_STATE,
            Status.TOO_MANY_OWNERS,
            Status.RECORD_DAMAGED,
        ),
        changes=True,
        vectors=((CertifyRequest(DocumentKind.FSE, 1, b"x"), "0101000178"), (Certified(b"y"), "000179")),
    )
)


@dataclass(frozen=True)
class FinalSignatureRequest:
    """Partially signed documents of the owner whose card is in the slot."""

    documents: tuple[bytes, ...] = blobs("FSEs")


@dataclass(frozen=True)
class FinalSignature:
    """The signature block to append to one document, or why there is none."""

    status: int = u16("9000, or the status word for this document")
    block: bytes = blob16("the signature block; empty on error")


@dataclass(frozen=True)
class FinalSignatures:
    """One answer for each document, in order."""

    blocks: tuple[FinalSignature, ...] = records(FinalSignature, "in the order sent")


SIGN_FINAL = COMMANDS.add(
    Command(
        0x52,
        "sign_final",
        "Sign partially signed FSEs finally with their owner's CPS; refuses any other card.",
        Record(FinalSignatureRequest),
        Record(FinalSignatures),
        ssv="SSV_SecuriserFacture",
        needs=Authentication.PS_CODE,
        errors=(Status.PS_CARD_EXPIRED, Status.TAMPERED),
        changes=True,
        vectors=(
            (FinalSignatureRequest((b"x",)), "01000178"),
            (FinalSignatures((FinalSignature(0x9207, b""),)), "000192070000"),
        ),
    )
)


@dataclass(frozen=True)
class LotSignatureRequest:
    """Lots of the owner whose card is in the slot."""

    lots: tuple[bytes, ...] = blobs("headers of lots, group 9210")


SIGN_LOT = COMMANDS.add(
    Command(
        0x54,
        "sign_lot",
        "Sign lots with their owner's CPS, if it is entitled to sign lots; refuses any other card.",
        Record(LotSignatureRequest),
        Record(FinalSignatures),
        ssv="SSV_FormaterLot",
        needs=Authentication.PS_CODE,
        errors=(Status.PS_CARD_EXPIRED, Status.TAMPERED),
        changes=True,
        vectors=(
            (LotSignatureRequest((b"x",)), "01000178"),
            (FinalSignatures((FinalSignature(0x9208, b""),)), "000192080000"),
        ),
    )
)


_BEGUN_UPDATE: Final = (Status.TAMPERED, Status.CONDITIONS_NOT_SATISFIED)
"""What the commands of an update that was opened may answer."""


@dataclass(frozen=True)
class UpdateOpening:
    """Which software comes: opening the same image again resumes it."""

    head: bytes = blob16("signed manifest of the image, as the image file begins")


@dataclass(frozen=True)
class UpdateOpened:
    """What the reader already has of this image."""

    present: bytes = blob16("bitmap, chunk 0 in bit 0 of the first byte: 1 when already here")


OPEN_UPDATE = COMMANDS.add(
    Command(
        0x60,
        "open_update",
        "Begin or resume taking new reader software in; what runs and what is on board stay as they are.",
        Record(UpdateOpening),
        Record(UpdateOpened),
        ssv="SSV_ChargerAppli",
        since=V1_31,
        errors=(
            Status.TAMPERED,
            Status.IMAGE_INVALID,
            Status.IMAGE_FOREIGN,
            Status.VERSION_REFUSED,
            Status.INVOICES_ON_BOARD,
        ),
        changes=True,
        vectors=((UpdateOpening(b"ab"), "00026162"), (UpdateOpened(b"\x05\x00"), "00020500")),
    )
)


@dataclass(frozen=True)
class UpdateBlock:
    """One chunk of the software."""

    position: int = u16("position of the chunk in the image, from 0")
    content: bytes = blob16("its bytes, 4,096 or, in the last one, fewer")


@dataclass(frozen=True)
class UpdateProgress:
    """How far the update has come."""

    present: int = u16("chunks of the image the reader now has")


UPDATE_BLOCK = COMMANDS.add(
    Command(
        0x62,
        "update_block",
        "Take one chunk of the open update in, checked against its signed manifest.",
        Record(UpdateBlock),
        Record(UpdateProgress),
        ssv="SSV_ChargerAppli",
        since=V1_31,
        errors=(*_BEGUN_UPDATE, Status.DIGEST_MISMATCH),
        changes=True,
        vectors=((UpdateBlock(3, b"ab"), "000300026162"), (UpdateProgress(4), "0004")),
    )
)


@dataclass(frozen=True)
class UpdateActivation:
    """The image to run."""

    image_id: bytes = fixed(32, "SHA-256 of its signed manifest")


@dataclass(frozen=True)
class ActivatedUpdate:
    """What the reader runs from now on."""

    major: int = u8("major version")
    minor: int = u8("minor version")


ACTIVATE_UPDATE = COMMANDS.add(
    Command(
        0x64,
        "activate_update",
        "Check the image that was taken in as a whole, and run it: the reader starts again once it answered.",
        Record(UpdateActivation),
        Record(ActivatedUpdate),
        ssv="SSV_ChargerAppli",
        since=V1_31,
        errors=(*_BEGUN_UPDATE, Status.IMAGE_INVALID, Status.INVOICES_ON_BOARD),
        changes=True,
        vectors=((UpdateActivation(bytes(32)), "00" * 32), (ActivatedUpdate(1, 40), "0128")),
    )
)
