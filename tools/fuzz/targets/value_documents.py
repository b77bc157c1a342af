"""Values that are prepared, signed or installed, chosen field by field: groups to software images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.fse import (
    DocumentKind,
    Fse,
    Role,
    SecurityMode,
    SignatureBlock,
    find_missing_roles,
)
from tla_sim.protocol.documents.invoice import PreparedInvoice, names_in
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.lot import Lot, parse_header, verify_lot
from tla_sim.protocol.documents.verification import verify_fse
from tla_sim.protocol.firmware import MAGIC, MANIFEST, Component, Image, SignedManifest, sign_image
from tla_sim.protocol.groups.declaration import decode_typed, encode_typed
from tla_sim.protocol.groups.dictionary import DICTIONARY
from tla_sim.protocol.groups.invoice import AmcBody, Prescription
from tla_sim.protocol.groups.kinds import Kind
from tla_sim.protocol.groups.line import GroupData, decode_groups, encode_groups
from tla_sim.protocol.groups.lot import LotDocument, LotHeader, LotPiece
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.app.software.profiles import PROFILES, find_profile
from tla_sim.reader_fw.app.software.profiles.factory import image_of, update_key
from tla_sim.reader_fw.cards.pki import Authority, Holder, KeyUse, ShippedKeys, key_usage, policies
from tla_sim.tools.cast.people import DAY
from tla_sim.tools.fuzz import players
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.judge.signatures import ANCHORS
from tla_sim.tools.judge.violation import Violation

_TEXTS: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.TEXT: ("A", "é", "", "A" * 300, "a\x1fb", "\x1d"),
    Kind.DIGITS: ("1", "75600001", "1a", "", "9" * 300, "٣"),
    Kind.DATE: ("20190305", "20190230", "2019", "", "2019030a"),
    Kind.BIRTH: ("19422000", "19550230", "1955", "", "1955081a", "1955081٣"),
    Kind.MOMENT: ("20190305080000", "20190305250000", "2019", ""),
    Kind.CENTS: ("1000", "-5", "1.5", "", "9" * 20),
    Kind.NUMBER: ("7", "-1", "x", "", "-"),
    Kind.FLAG: ("0", "1", "2", ""),
    Kind.BYTE: ("7", "255", "256", "x", ""),
    Kind.BINARY: ("00ff", "AB", "0", "0g", "00 ff", "", "00" * 60_001),
}
_VALUES: Final[dict[Kind, tuple[Any, ...]]] = {
    Kind.TEXT: ("A", "é", "", "A" * 300, "a\x1fb", "\x1d", "\ud800"),
    Kind.DIGITS: ("1", "75600001", "1a", "9" * 300),
    Kind.DATE: (date(2019, 3, 5), date.min, "2019"),
    Kind.BIRTH: (BirthDate("19550812"), BirthDate("19429931"), "1955", "\ud8001955"),
    Kind.MOMENT: (datetime(2019, 3, 5, 8, tzinfo=UTC).replace(tzinfo=None), "x"),
    Kind.CENTS: (1_000, 0, -5, 10**20),
    Kind.NUMBER: (7, 0, -1, 10**20),
    Kind.FLAG: (True, False),
    Kind.BYTE: (7, 0, 255, 256, -1),
    Kind.BINARY: (b"\x00\xff", b"", b"\x1d", b"A" * 60_001),
}
_CENTS: Final = (0, 1_000, 1_001, -1, 10**11)


def _same(again: object, value: object, wrong: Sentence) -> None:
    if again != value:
        raise Violation("round trip", wrong)


def _texts(chance: Chance) -> None:
    """Build groups from texts, by the kind of each field, mostly sound ones."""
    declaration = pick(chance, tuple(DICTIONARY.values()))
    fields = [""] * declaration.fields[-1].number
    sound = chance.below(3)
    for field in declaration.fields:
        texts = _TEXTS[field.kind]
        fields[field.number - 1] = texts[0] if sound else pick(chance, texts)
    fields = [*fields, "x"] if not chance.below(12) else fields[: len(fields) - chance.below(3)]
    number = declaration.number if chance.below(8) else pick(chance, (0, 9_999, 65_536, -1))
    groups = (GroupData(number, tuple(fields)),) * (1 + chance.below(3))
    raw = encode_groups(groups)
    _same(decode_groups(raw), groups, Sentence("groups read back differently"))
    known = decode_typed(raw)
    _same(decode_typed(encode_typed(known)), known, Sentence("typed groups read back differently"))
    declaration.type.from_data(GroupData(pick(chance, (number, 1)), tuple(fields)))


def _group(chance: Chance) -> None:
    """Build a typed group from values that may not fit."""
    declaration = pick(chance, tuple(DICTIONARY.values()))
    odd = not chance.below(2)
    values = {}
    for field in declaration.fields:
        choices = _VALUES[field.kind]
        values[field.name] = pick(chance, choices) if odd and not chance.below(3) else choices[0]
    group = declaration.type(**values)
    _same(decode_typed(encode_typed((group,))), (group,), Sentence("a typed group reads back differently"))


def _invoice(chance: Chance) -> None:
    """Build an invoice with varied sums, acts and optional groups."""
    sound = PreparedInvoice.parse(pick(chance, players.invoices()[pick(chance, players.OWNERS)]))
    changes: dict[str, Any] = {}
    match chance.below(6):
        case 0:
            amount = pick(chance, _CENTS)
            act = replace(sound.acts[0], amount=amount)
            changes = {"acts": (act,), "totals": replace(sound.totals, total=amount, fund=amount)}
        case 1:
            changes = {
                "totals": replace(sound.totals, insured=pick(chance, _CENTS), fund=pick(chance, _CENTS))
            }
        case 2:
            changes = {"totals": replace(sound.totals, to_pay=pick(chance, _CENTS))}
        case 3:
            acts = sound.acts * pick(chance, (0, 2, 60, 61, 200))
            total = sum(act.amount for act in acts)
            changes = {"acts": acts, "totals": replace(sound.totals, total=total, fund=total)}
        case 4:
            changes = {
                "amc": AmcBody(identifier="1"),
                "prescription": Prescription(last_name="P", prescribed_on=DAY),
            }
        case _:
            changes = {}
    invoice = replace(sound, **changes)
    raw = invoice.build()
    names = names_in(raw)
    if chance.below(4):
        _same(PreparedInvoice.parse(raw), invoice, Sentence("an invoice reads back differently"))
    else:
        groups = list(decode_groups(raw))
        del groups[chance.below(len(groups))]
        names_in(encode_groups(groups))
    _same(names, (invoice.owner, invoice.number), Sentence("the names of an invoice read back differently"))


def _signed() -> tuple[Fse, ...]:
    from tla_sim.tools.fuzz.targets.sample_fses import signed_documents

    return tuple(Fse.parse(raw) for raw in signed_documents())


def _document(chance: Chance) -> None:
    """Rebuild signed documents with other signatures, contexts, kinds or contents."""
    documents = _signed()
    fse, other = pick(chance, documents), pick(chance, documents)
    blocks = list(fse.blocks)
    spoilt = chance.below(9)
    if blocks:
        at = chance.below(len(blocks))
        block = blocks[at]
        context = block.context
        match spoilt:
            case 0:
                blocks[at] = replace(block, context=replace(context, counter=pick(chance, (0, 1, 2**64))))
            case 1:
                blocks[at] = replace(block, context=replace(context, reader_serial="TLA9"))
            case 2:
                blocks[at] = replace(block, context=replace(context, ps_serial="9", vitale_serial="9"))
            case 3:
                blocks[at] = replace(block, role=pick(chance, tuple(Role)))
            case 4:
                blocks[at] = replace(block, signature=block.signature[: chance.below(256)])
            case 5 if other.blocks:
                blocks[at] = pick(chance, other.blocks)
            case 6:
                blocks[at] = replace(block, context=replace(context, moment=context.moment + 1))
            case _:
                pass
    kind, mode = (
        (fse.kind, fse.mode)
        if chance.below(4)
        else (pick(chance, tuple(DocumentKind)), pick(chance, tuple(SecurityMode)))
    )
    invoice = fse.invoice_bytes if chance.below(6) else pick(chance, (b"", bytes(8_193), other.invoice_bytes))
    made = Fse(kind, mode, invoice).with_blocks(*blocks)
    raw = made.build() + pick(chance, (b"", b"", b"", b"\0", bytes(24_577)))
    read = Fse.parse(raw)
    _same(
        (read.kind, read.mode, read.invoice_bytes, read.blocks),
        (kind, mode, invoice, made.blocks),
        Sentence("an FSE reads back differently"),
    )
    for index in range(len(made.blocks)):
        _same(
            read.signed_bytes(index),
            made.signed_bytes(index),
            Sentence("what a signature covers reads back differently"),
        )
    if made.blocks:
        _same(
            read.without_last(),
            made.without_last(),
            Sentence("an FSE before its last signature reads back differently"),
        )
    if bool(find_missing_roles(made)) is (made.state in (InvoiceState.COMPLETE, InvoiceState.FINAL)):
        raise Violation("life", "a document lacks signatures and may be transmitted, or the other way round")
    proven = chance.below(2) if spoilt > 6 and raw in [each.build() for each in documents] else 0
    verify_fse(Document.of(read), ANCHORS, proven=proven)
    if not any(good.build().startswith(raw) for good in documents):
        raise Violation("signature", "a document that was put together differently verifies")


def _lot(chance: Chance) -> None:
    """Build lots with pieces, too many documents, and the lists and signatures of others."""
    from tla_sim.tools.fuzz.targets.sample_fses import signed_lot

    signed, block, _ = signed_lot()
    count = pick(chance, (0, 1, 2, 3, 1_000))
    documents = [LotDocument(number=f"{at + 1}", total=100, digest="0" * 64) for at in range(count)]
    pieces = [LotPiece(number="1", role=1, digest="0" * 64)] * chance.below(3)
    header = LotHeader(number=1, owner=pick(chance, players.OWNERS), kind=pick(chance, (1, 1, 1, 9)), mode=1)
    if chance.below(3) == 0:
        header = replace(header, recipient="R" * pick(chance, (1, 40, 600)))
    lot = Lot.of(header, documents, pieces)
    listed = lot.list_bytes()
    match chance.below(6):
        case 0:
            listed = encode_typed((*lot.pieces, *lot.documents))
        case 1:
            listed = encode_typed((*lot.documents[1:], *lot.pieces))
        case 2:
            parse_header(pick(chance, (listed, lot.header_bytes() * 2, bytes(5_000), b"")))
        case _:
            pass
    _same(Lot.parse(lot.header_bytes(), listed), lot, Sentence("a lot reads back differently"))
    head = pick(chance, (signed.header_bytes(), signed.header_bytes(), lot.header_bytes()))
    used = _block_of_lot(block, chance)
    verify_lot(head, used, ANCHORS)
    if (head, used) != (signed.header_bytes(), block):
        raise Violation("signature", "a lot that was put together differently verifies")


def _block_of_lot(block: SignatureBlock, chance: Chance) -> SignatureBlock:
    match chance.below(5):
        case 0:
            return replace(block, role=pick(chance, tuple(Role)))
        case 1:
            return replace(block, certificate=block.certificate[:50])
        case 2:
            return replace(block, context=replace(block.context, ps_serial="9"))
        case _:
            return block


def _software(chance: Chance) -> None:
    """Build signed images with contradictory manifests, and truncated ones."""
    profile = find_profile(pick(chance, (*(each.name for each in PROFILES), "1.99")))
    sound = image_of(profile)
    manifest, payload = sound.manifest, sound.payload
    first, *others = manifest.components
    odd: Component = first
    match chance.below(8):
        case 0:
            odd = replace(first, released=pick(chance, (0, 20_191_399)))
        case 1:
            odd = replace(first, size=first.size + 1)
        case 2:
            odd = replace(first, checksum=first.checksum ^ 1)
        case 3:
            manifest = replace(manifest, target="OTHER")
        case 4:
            payload = payload[: chance.below(len(payload))]
        case 5:
            manifest = replace(manifest, chunks=manifest.chunks[:-1])
        case _:
            pass
    manifest = replace(manifest, components=(odd, *others))
    made = sign_image(manifest, payload, update_key()) if chance.below(2) else None
    if made is None:
        body = MANIFEST.build(manifest)
        signed = MAGIC + len(body).to_bytes(2, "big") + body
        raw = signed + update_key().sign(signed) + payload
    else:
        raw = made.build()
    cut = pick(chance, (len(raw), len(raw), len(raw) - 1, 3, len(MAGIC) + 1, 40, 0))
    head = raw[: SignedManifest.measure(raw)[1]]
    SignedManifest.parse(head + pick(chance, (b"", b"", b"\0")))
    image = Image.parse(raw[:cut])
    _same(image.build(), raw[:cut], Sentence("software reads back differently"))


def _certificate(chance: Chance) -> None:
    """Build certificates that a test authority signed for something that it may not certify."""
    kind = pick(chance, tuple(CardKind))
    authority = Authority.shipped(kind, pick(chance, (CardProfile.VITALE, CardProfile.CPS)))
    profile = pick(chance, (CardProfile.CPS, CardProfile.CPE, CardProfile.VITALE))
    key = ShippedKeys(chance.below(8)).take().public_key()
    if chance.below(2):
        until = pick(chance, (date(2035, 12, 31), date(2014, 1, 1)))
        start = min(date(2016, 1, 1), until)
        use = pick(chance, tuple(KeyUse))
        holder = Holder("NOM", "P", "899700000011", "1" * 20, ("75600001",) * chance.below(2))
        der = authority.issue(key, profile, holder, use, start, until)
    else:
        der = _odd_certificate(chance, authority, key)
    identity = ANCHORS.verify(der + pick(chance, (b"", b"", b"", bytes(9_000))))
    if identity.kind is not kind:
        raise Violation("signature", "a certificate counts as one of another kind")


def _odd_certificate(chance: Chance, authority: Authority, key: Any) -> bytes:
    """Return a certificate that may lack a unit, a kind, a profile or a use."""
    name = [
        x509.NameAttribute(x509.NameOID.COMMON_NAME, "X"),
        x509.NameAttribute(x509.NameOID.SERIAL_NUMBER, "1"),
    ]
    if chance.below(3):
        unit = pick(chance, ("CPS", "VITALE", "X"))
        name.append(x509.NameAttribute(x509.NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
    public = key if chance.below(4) else ec.generate_private_key(ec.SECP256R1()).public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(name))
        .issuer_name(authority.certificate.subject if chance.below(6) else x509.Name(name))
        .public_key(public)
        .serial_number(1 + chance.below(9))
        .not_valid_before(datetime(2016, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2030, 1, 1, tzinfo=UTC))
    )
    if chance.below(6):
        builder = builder.add_extension(key_usage(signing=bool(chance.below(4))), critical=True)
    if chance.below(6):
        profiles = pick(chance, ((CardProfile.CPS,), (), (CardProfile.VITALE,), tuple(CardProfile)))
        marked = policies(pick(chance, (authority.kind, *CardKind)), profiles)
        if not chance.below(4):
            both = [*policies(CardKind.TEST, profiles), *policies(CardKind.REAL, ())]
            marked = x509.CertificatePolicies(both)
        builder = builder.add_extension(marked, critical=False)
    return builder.sign(authority.key, hashes.SHA256()).public_bytes(Encoding.DER)


KINDS: Final[dict[str, Callable[[Chance], None]]] = {
    "texts": _texts,
    "group": _group,
    "invoice": _invoice,
    "document": _document,
    "lot": _lot,
    "software": _software,
    "certificate": _certificate,
}
