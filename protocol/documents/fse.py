"""FSE and DRE: an invoice, its signature blocks, and exactly what each signature covers.

Wire form (Project-defined): a header, the invoice's canonical bytes, then signature blocks one behind
another. A block ends with its signature; **the bytes a signature covers are everything before it**: header,
invoice, earlier blocks whole, and the block's own role, context and certificate. So anyone can check a
signature with openssl on a prefix of the file. Signatures are RSA-2048, PKCS#1 v1.5, SHA-256.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, NamedTuple

from tla_sim.protocol.documents.invoice import MAX_INVOICE_BYTES, PreparedInvoice
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.kinds import DocumentKind as DocumentKind
from tla_sim.protocol.documents.kinds import Role as Role
from tla_sim.protocol.documents.kinds import SecurityMode as SecurityMode
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.wire.forms import Differs, Holds
from tla_sim.protocol.wire.record import Record, blob16, choice, fixed, string, u8, u64

FORMAT_VERSION: Final = 1
SIGNATURE_BYTES: Final = 256
MAX_FSE_BYTES: Final = 24_576


MAGIC: Final = b"TLAFSE"


class _Header(NamedTuple):
    """The start of a document, up to its first signature block."""

    magic: Annotated[bytes, fixed(6, "TLAFSE")]
    version: Annotated[int, u8("of the format")]
    kind: Annotated[DocumentKind, choice(DocumentKind, "FSE or DRE")]
    mode: Annotated[SecurityMode, choice(SecurityMode, "secured or degraded")]
    invoice: Annotated[bytes, blob16("its canonical bytes", Holds.GROUPS)]


class _SignedPart(NamedTuple):
    """A signature block up to its signature."""

    role: Annotated[Role, choice(Role, "of the signer")]
    reader_serial: Annotated[str, string("of the reader", differs=Differs.BY_RUN)]
    counter: Annotated[int, u64("the reader's monotonic signature counter", differs=Differs.BY_RUN)]
    moment: Annotated[int, u64("milliseconds since 1970-01-01 00:00, reader local time", Holds.MOMENT)]
    vitale_serial: Annotated[str, string("of the Vitale card, empty for an empty slot")]
    ps_serial: Annotated[str, string("of the PS card, empty for an empty slot")]
    certificate: Annotated[bytes, blob16("the signer's, DER", differs=Differs.BY_RUN)]


HEADER: Final = Record(_Header)
"""The start of a document, up to its first signature block."""
SIGNED_PART: Final = Record(_SignedPart)
"""A signature block up to its signature."""


@dataclass(frozen=True, slots=True)
class SignatureContext:
    """The circumstances in which a card signed.

    `counter` is the reader's monotonic signature counter; `moment` milliseconds since 1970-01-01 00:00
    reader local time; the card serials are those of the cards in the slots, empty for an empty slot.
    """

    reader_serial: str
    counter: int
    moment: int
    vitale_serial: str
    ps_serial: str


@dataclass(frozen=True, slots=True)
class SignatureBlock:
    """One signature: role, context, the signer's certificate (DER) and 256 signature bytes."""

    role: Role
    context: SignatureContext
    certificate: bytes
    signature: bytes

    def build(self) -> bytes:
        """Return the block's bytes. Raises CodecError when a field does not fit."""
        if len(self.signature) != SIGNATURE_BYTES:
            raise CodecError("A signature has {size} bytes", "Ask the reader again", size=SIGNATURE_BYTES)
        return signed_part(self.role, self.context, self.certificate) + self.signature

    @classmethod
    def parse(cls, raw: bytes) -> SignatureBlock:
        """Return the one block in these bytes. Raises CodecError when they are anything else."""
        block, end = _block(raw, 0)
        if end != len(raw):
            raise _no_block()
        return block


def signed_part(role: Role, context: SignatureContext, certificate: bytes) -> bytes:
    """Return a block's bytes up to its signature: what it covers besides the document before it."""
    part = _SignedPart(
        role,
        context.reader_serial,
        context.counter,
        context.moment,
        context.vitale_serial,
        context.ps_serial,
        certificate,
    )
    return _build(SIGNED_PART, part)


def _build(record: Record[Any], value: Any) -> bytes:
    try:
        return record.build(value)
    except CodecError:
        raise CodecError("A signature block cannot be encoded", "Check its fields") from None


def _block(raw: bytes, at: int) -> tuple[SignatureBlock, int]:
    """Return the block at an offset, and the offset where it ends."""
    try:
        part, start = SIGNED_PART.parse_prefix(raw, at)
    except CodecError:
        raise _no_block() from None
    end = start + SIGNATURE_BYTES
    if end > len(raw):
        raise _no_block()
    context = SignatureContext(
        part.reader_serial, part.counter, part.moment, part.vitale_serial, part.ps_serial
    )
    return SignatureBlock(part.role, context, part.certificate, raw[start:end]), end


def _no_block() -> CodecError:
    return CodecError("These bytes are not a signature block", "Ask the reader again")


_STATE_OF: Final[dict[tuple[SecurityMode, tuple[Role, ...]], InvoiceState]] = {
    (SecurityMode.SECURED, ()): InvoiceState.LOADED,
    (SecurityMode.SECURED, (Role.VITALE, Role.PARTIAL)): InvoiceState.PARTIAL,
    (SecurityMode.SECURED, (Role.VITALE, Role.TITULAIRE)): InvoiceState.COMPLETE,
    (SecurityMode.SECURED, (Role.VITALE, Role.PARTIAL, Role.TITULAIRE)): InvoiceState.FINAL,
    (SecurityMode.DEGRADED, ()): InvoiceState.LOADED,
    (SecurityMode.DEGRADED, (Role.TITULAIRE,)): InvoiceState.COMPLETE,
}


@dataclass(frozen=True, slots=True)
class Fse:
    """An invoice on its way to being certified: kind, mode, canonical bytes and signatures in order.

    `parse` and `with_blocks` accept these orders of signatures only: none (loaded), VITALE then PARTIAL
    (partially secured), VITALE then TITULAIRE (complete), VITALE, PARTIAL then TITULAIRE (final); the
    TITULAIRE alone for a degraded one.
    """

    kind: DocumentKind
    mode: SecurityMode
    invoice_bytes: bytes
    blocks: tuple[SignatureBlock, ...] = ()
    _parsed: bytes = field(default=b"", repr=False, compare=False)
    _ends: tuple[int, ...] = field(default=(), repr=False, compare=False)

    @property
    def invoice(self) -> PreparedInvoice:
        """The invoice. Raises CodecError when its bytes are ill-formed."""
        return PreparedInvoice.parse(self.invoice_bytes)

    @property
    def state(self) -> InvoiceState:
        """The state of the invoice, by which signatures there are, not by whether they verify."""
        return _STATE_OF[self.mode, tuple(block.role for block in self.blocks)]

    def header(self) -> bytes:
        """Return the bytes before the first block: header and invoice."""
        return _build(HEADER, _Header(MAGIC, FORMAT_VERSION, self.kind, self.mode, self.invoice_bytes))

    def build(self) -> bytes:
        """Return the bytes of the whole document."""
        return self._parsed or self.header() + b"".join(block.build() for block in self.blocks)

    def to_sign(self, role: Role, context: SignatureContext, certificate: bytes) -> bytes:
        """Return the bytes that the next signature covers when `role` signs next in `context`."""
        return self.build() + signed_part(role, context, certificate)

    def without_last(self) -> bytes:
        """Return the bytes of the document as it was before its last signature."""
        if len(self._ends) > 1:
            return self._parsed[: self._ends[-2]]
        return Fse(self.kind, self.mode, self.invoice_bytes, self.blocks[:-1]).build()

    def signed_bytes(self, index: int) -> bytes:
        """Return the bytes that the signature of block `index` (from 0) covers."""
        if self._ends:
            return self._parsed[: self._ends[index] - SIGNATURE_BYTES]
        before = Fse(self.kind, self.mode, self.invoice_bytes, self.blocks[:index])
        block = self.blocks[index]
        return before.to_sign(block.role, block.context, block.certificate)

    def with_blocks(self, *blocks: SignatureBlock) -> Fse:
        """Return the document with more signatures. Raises CodecError if their order is not allowed."""
        return _check_order(Fse(self.kind, self.mode, self.invoice_bytes, (*self.blocks, *blocks)))

    @classmethod
    def parse(cls, raw: bytes) -> Fse:
        """Return the document in these bytes (at most 24,576). Raises CodecError on anything undeclared."""
        if len(raw) > MAX_FSE_BYTES:
            raise CodecError(
                "An FSE takes at most {most} bytes, not {size}",
                "Check the file",
                most=MAX_FSE_BYTES,
                size=len(raw),
            )
        try:
            header, end = HEADER.parse_prefix(raw)
            blocks, ends = [], []
            while end < len(raw):
                block, end = _block(raw, end)
                blocks.append(block)
                ends.append(end)
        except CodecError:
            raise _no_fse() from None
        if (header.magic, header.version) != (MAGIC, FORMAT_VERSION):
            raise _no_fse()
        fse = cls(header.kind, header.mode, header.invoice, tuple(blocks), raw, tuple(ends))
        if len(fse.invoice_bytes) > MAX_INVOICE_BYTES:
            raise CodecError("The FSE's invoice is too large", "Check the file")
        return _check_order(fse)


def _no_fse() -> CodecError:
    return CodecError("This is not an FSE, or it was truncated or altered", "Pull it again")


def _check_order(fse: Fse) -> Fse:
    if (fse.mode, tuple(block.role for block in fse.blocks)) not in _STATE_OF:
        raise CodecError("The FSE's signatures are not in an allowed order", "Do not use this file")
    return fse


def find_missing_roles(fse: Fse) -> Sequence[Role]:
    """Return the signatures that are missing before the document may be transmitted, in order."""
    match fse.state:
        case InvoiceState.COMPLETE | InvoiceState.FINAL:
            return ()
        case InvoiceState.PARTIAL:
            return (Role.TITULAIRE,)
        case _ if fse.mode is SecurityMode.DEGRADED:
            return (Role.TITULAIRE,)
        case _:
            return (Role.VITALE, Role.TITULAIRE)
