"""The kinds of files: good ones to start from, changes to them, and how to read and judge one."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Final

from tla_sim.host.park.park_file import parse_park
from tla_sim.host.practice.file import parse_practice
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.host.text_file import certain_text
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.fse import (
    DocumentKind,
    Fse,
    Role,
    SecurityMode,
    SignatureBlock,
    SignatureContext,
)
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.documents.lot import Lot, parse_header
from tla_sim.protocol.documents.verification import verify_fse
from tla_sim.protocol.firmware import MANIFEST, Image
from tla_sim.protocol.groups.declaration import decode_typed, encode_typed
from tla_sim.protocol.groups.lot import LotDocument, LotHeader
from tla_sim.reader_fw.app.software.profile import TLA_1_40
from tla_sim.reader_fw.app.software.profiles import TLA_1_31
from tla_sim.reader_fw.app.software.profiles.factory import image_of
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.tools.cast import practice_path
from tla_sim.tools.cast.people import MORNING
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.fuzz import players
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.mutation import FLAWS, write
from tla_sim.tools.fuzz.targets import (
    card_files,
    card_texts,
    desk_files,
    flash_images,
    galss_files,
    practice_files,
    scanned_images,
    scanned_pdfs,
    trace_files,
)
from tla_sim.tools.fuzz.targets.file_kind import FileKind, tweak_tree
from tla_sim.tools.judge.signatures import ANCHORS
from tla_sim.tools.judge.violation import Violation
from tla_sim.tools.visit.script import parse_script


@cache
def _practice() -> tuple[bytes, ...]:
    with practice_path() as path:
        tree = json.loads(path.read_text("utf-8"))
    for section, rows in tree.items():
        if isinstance(rows, list):
            tree[section] = rows[:6]
    return (json.dumps(tree).encode(),)


def _tweaked_practice(chance: Chance) -> bytes:
    tree = json.loads(_practice()[0])
    for _ in range(1 + chance.below(3)):
        tweak_tree(tree, chance)
    return json.dumps(tree).encode()


def _read_practice(raw: bytes) -> None:
    practice = parse_practice(raw)
    for invoice in prepared_invoices(practice):
        PreparedInvoice.parse(invoice.build())


@cache
def _fses() -> tuple[bytes, ...]:
    """Return sample documents, unsigned to COMPLETE, made with the test keys."""
    from tla_sim.tools.fuzz.targets.sample_fses import signed_documents

    return signed_documents()


def _read_fse(raw: bytes) -> None:
    fse = Fse.parse(raw)
    if fse.build() != raw:
        raise Violation("round trip", "an FSE does not build as it was read")
    if not fse.blocks:
        return
    verify_fse(Document.of(fse), ANCHORS)
    if not any(good.startswith(raw) for good in _fses()):
        raise Violation("signature", "an altered FSE verifies")


def _tweaked_fse(chance: Chance) -> bytes:
    fse = Fse.parse(pick(chance, _fses()))
    blocks = list(fse.blocks)
    if blocks:
        at = chance.below(len(blocks))
        block = blocks[at]
        match chance.below(6):
            case 0:
                blocks.append(block)
            case 1:
                del blocks[at]
            case 2:
                blocks.reverse()
            case 3:
                blocks[at] = replace(block, role=pick(chance, tuple(Role)))
            case 4:
                context = replace(block.context, counter=2**64 - 1, moment=chance.below(2) * (2**64 - 1))
                blocks[at] = replace(block, context=context)
            case _:
                blocks[at] = replace(block, certificate=block.certificate[: chance.below(200)])
    kind, mode = pick(chance, tuple(DocumentKind)), pick(chance, tuple(SecurityMode))
    same = chance.below(2)
    head = Fse(fse.kind if same else kind, fse.mode if same else mode, fse.invoice_bytes).build()
    return head + b"".join(each.build() for each in blocks)


def _read_invoice(raw: bytes) -> None:
    invoice = PreparedInvoice.parse(raw)
    again = PreparedInvoice.parse(invoice.build())
    if again != invoice:
        raise Violation("round trip", "an invoice reads back differently")


def _tweaked_invoice(chance: Chance) -> bytes:
    groups = list(decode_typed(pick(chance, players.invoices()[pick(chance, players.OWNERS)])))
    at, other = chance.below(len(groups)), chance.below(len(groups))
    match chance.below(4):
        case 0:
            del groups[at]
        case 1:
            groups.insert(other, groups[at])
        case 2:
            groups[at], groups[other] = groups[other], groups[at]
        case _:
            groups += [groups[at]] * chance.below(70)
    return encode_typed(groups)


def _read_groups(raw: bytes) -> None:
    groups = decode_typed(raw)
    if decode_typed(encode_typed(groups)) != groups:
        raise Violation("round trip", "groups read back differently")


@cache
def _card_images() -> tuple[bytes, ...]:
    return tuple(image.build() for image, _ in players.cards().values())


def _read_card(raw: bytes) -> None:
    image = CardImage.parse(raw)
    if image.build() != raw:
        raise Violation("round trip", "a card image does not build as it was read")


def _read_firmware(raw: bytes) -> None:
    image = Image.parse(raw)
    if image.build() != raw:
        raise Violation("round trip", "an image of reader software does not build as it was read")
    if raw not in _images():
        raise Violation("signature", "an altered image of reader software is taken")


@cache
def _images() -> tuple[bytes, ...]:
    return tuple(image_of(profile).build() for profile in (TLA_1_40, TLA_1_31))


def _tweaked_manifest(chance: Chance) -> bytes:
    body = write(MANIFEST, chance, pick(chance, FLAWS))
    return b"TLAFW\x01" + len(body).to_bytes(2, "big") + body + bytes(64)


def _read_plan(raw: bytes) -> None:
    plan = FaultPlan.parse(raw.decode("utf-8", "replace"))
    if FaultPlan.parse(str(plan)) != plan:
        raise Violation("round trip", "a fault plan reads back differently")


def _read_script(raw: bytes) -> None:
    parse_script(certain_text(raw).splitlines())


def _read_park(raw: bytes) -> None:
    listed = parse_park(raw)
    if parse_park("".join(f"{line}\n" for line in listed).encode("utf-16")) != listed:
        raise Violation("round trip", "a park file reads back differently")


def _tweaked_park(chance: Chance) -> bytes:
    lines = [pick(chance, ("# Été à Forêt", "", "state:reader", "state:dédié", "pcsc:2")) for _ in range(5)]
    codec = pick(chance, ("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252", "cp850", "mac_roman"))
    return pick(chance, ("\n", "\r\n", "\r")).join(lines).encode(codec)


def _block(raw: bytes) -> None:
    block = SignatureBlock.parse(raw)
    if block.build() != raw:
        raise Violation("round trip", "a signature block does not build as it was read")


def _blocks() -> tuple[bytes, ...]:
    context = SignatureContext("TLA1", 1, MORNING, "1", "2")
    return (SignatureBlock(Role.TITULAIRE, context, b"x" * 30, bytes(256)).build(),)


@cache
def _lots() -> tuple[bytes, ...]:
    """Return a lot: the length of its header, the header, the list."""
    listed = [LotDocument(number=f"{190_305_001 + at}", total=100, digest=bytes(32).hex()) for at in range(3)]
    header = LotHeader(number=1, owner=players.OWNERS[0], kind=1, mode=1)
    lot = Lot.of(header, listed)
    head = lot.header_bytes()
    return (len(head).to_bytes(2, "big") + head + lot.list_bytes(),)


def _read_lot(raw: bytes) -> None:
    size = int.from_bytes(raw[:2], "big")
    head, listed = raw[2 : 2 + size], raw[2 + size :]
    parse_header(head)
    lot = Lot.parse(head, listed)
    if Lot.parse(lot.header_bytes(), lot.list_bytes()) != lot:
        raise Violation("round trip", "a lot reads back differently")


KINDS: Final[dict[str, FileKind]] = {
    "practice": FileKind(_practice, _read_practice, _tweaked_practice),
    "practice-people": practice_files.KIND,
    "fse": FileKind(_fses, _read_fse, _tweaked_fse),
    "invoice": FileKind(lambda: players.invoices()[players.OWNERS[0]], _read_invoice, _tweaked_invoice),
    "groups": FileKind(lambda: players.invoices()[players.OWNERS[1]], _read_groups, _tweaked_invoice),
    "signature-block": FileKind(_blocks, _block),
    "lot": FileKind(_lots, _read_lot),
    "galss": galss_files.KIND,
    "park": FileKind(lambda: (b"# ours\nstate:reader\n",), _read_park, _tweaked_park),
    "lot-file": desk_files.LOT_FILE,
    "arl": desk_files.ARL,
    "scanned-pdf": scanned_pdfs.KIND,
    "scan-image": scanned_images.SCAN,
    "signature-image": scanned_images.SIGNATURE,
    "card": FileKind(_card_images, _read_card),
    "card-text": card_texts.KIND,
    "data-objects": card_files.OBJECTS,
    "certificate": card_files.CERTIFICATE,
    "trace": trace_files.RECORDS,
    "pcapng": trace_files.PCAPNG,
    "flash": flash_images.KIND,
    "firmware": FileKind(_images, _read_firmware, _tweaked_manifest),
    "fault-plan": FileKind(lambda: (b"seed=1,flash.cut@3:half-bits",), _read_plan),
    "visit-script": FileKind(
        lambda: (b"insert vitale x.card\npress VAL\nexpect HOME\nwait 2 s\n",), _read_script
    ),
}
NAMES: Final = tuple(KINDS)
