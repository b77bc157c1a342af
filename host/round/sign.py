"""The final signature: each owner's CPS over the FSEs that others certified, and its verification."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tla_sim.host.client import ReaderClient
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.ledger.model import DocumentFilter, HeldFse, LedgerState
from tla_sim.host.progress import OnProgress, Progress, ignore_progress
from tla_sim.host.round.leaving import check_named
from tla_sim.protocol.card_kind import CardProfile
from tla_sim.protocol.commands.cards import PsCardData
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.verification import (
    CounterNotGrown,
    SignatureInvalid,
    VerifiedFse,
    verify_fse,
)
from tla_sim.protocol.errors import Category, CodecError, IncoherentAnswer, StatusError, TlaError
from tla_sim.protocol.groups.declaration import decode_typed
from tla_sim.protocol.groups.ps_card import PsHolder, PsSituation, card_name
from tla_sim.protocol.sentence import Sentence

_MAX_AT_ONCE: Final = 32


class CannotSignFinally(TlaError):
    """The card in the slot cannot give the final signature to any of the requested documents."""

    category = Category.REFUSED


def never_signs(holder: str, card: str) -> CannotSignFinally:
    """Return the refusal of a holder's card that is a CPE or CPF."""
    return CannotSignFinally(
        "The card of {holder} is a {card}, which never gives final signatures",
        "Insert the CPS of the invoice's owner",
        holder=holder,
        card=card,
    )


@dataclass(frozen=True)
class PsCardHolder:
    """The holder of the PS card in the slot, and the billing numbers whose invoices and lots it may sign.

    `card` is what the card is: CPS, CPE or CPF. Its profile says what it may sign.
    """

    name: str
    card: str
    profile: CardProfile
    owns: tuple[str, ...]
    signs_lots: tuple[str, ...] = ()

    @classmethod
    def of(cls, card: PsCardData) -> PsCardHolder:
        """Return the holder from the reader's answer. Raises `IncoherentAnswer`."""
        try:
            groups = decode_typed(card.groups)
        except CodecError as error:
            raise IncoherentAnswer(error.message, "Take the card out, insert it again and retry") from None
        holder = next((group for group in groups if isinstance(group, PsHolder)), None)
        name = f"{holder.last_name} {holder.first_name}".strip() if holder else card.serial
        profile = CardProfile(card.profile)
        situations = [group for group in groups if isinstance(group, PsSituation)]
        owns = tuple(each.billing_number for each in situations if each.may_sign_invoice)
        lots = tuple(each.billing_number for each in situations if each.may_sign_lot)
        return cls(name, card_name(profile, holder.card_type if holder else ""), profile, owns, lots)


@dataclass(frozen=True)
class NotSigned:
    """A document that did not get its final signature, and why; `ssv` is the public code of the refusal."""

    document: DocumentId
    reason: str
    action: str
    ssv: int | None = None


@dataclass(frozen=True)
class Signed:
    """The result of signing."""

    signed: int
    refused: tuple[NotSigned, ...]
    elsewhere: int


def sign(
    client: ReaderClient,
    ledger: Ledger,
    anchors: TrustAnchors | None = None,
    card: PsCardData | None = None,
    numbers: Sequence[str] = (),
    on_progress: OnProgress = ignore_progress,
) -> Signed:
    """Give the final signature, with the authenticated card, to its holder's documents; return the result.

    `anchors` are the authorities to trust, by default the shipped ones; `card` is the reader's answer about
    the card, if there is one already; `numbers` limits it to these invoices. Raises `CannotSignFinally` for a
    CPE or CPF, or when a requested invoice is not the card holder's; `StatusError`, `LinkError`, errors of
    the ledger. A document becomes FINAL in the ledger only when all its signatures verify.

        >>> reader.insert_ps("PIQURE2969")
        >>> reader.insert_vitale("MARTIN")
        >>> card = client.verify_code(reader.code)
        >>> invoice = tla_sim.prepared_invoices(practice, "75112040")[0]
        >>> tla_sim.certify(client, ledger, invoice)[0].state.name
        'PARTIAL'
        >>> reader.insert_ps("TOUBIB")
        >>> card = client.verify_code(reader.code)
        >>> tla_sim.sign(client, ledger).signed
        1
    """
    anchors = anchors or TrustAnchors.shipped()
    holder = PsCardHolder.of(card or client.read_ps_card())
    if holder.profile is not CardProfile.CPS:
        raise never_signs(holder.name, holder.card)
    waiting = ledger.documents(DocumentFilter(states=(LedgerState.PARTIAL,)))
    if numbers:
        waiting = [each for each in waiting if each.number in numbers]
        unknown = sorted(frozenset(numbers) - frozenset(each.number for each in waiting))
        if unknown:
            raise CannotSignFinally(
                "Invoice {number} does not wait for a final signature",
                "See in the ledger where it stands",
                number=", ".join(unknown),
            )
    own = frozenset(each.number for each in waiting if each.owner in holder.owns)
    foreign = next((each for each in waiting if each.number not in own), None)
    if numbers and foreign is not None:
        raise CannotSignFinally(
            "Invoice {number} belongs to {owner}, not to {holder}",
            "Insert its owner's CPS",
            number=foreign.number,
            owner=foreign.owner,
            holder=holder.name,
        )
    mine = [each for owner in holder.owns for each in ledger.to_sign(owner)]
    if numbers:
        mine = [each for each in mine if each.line.number in numbers]
    signed, refused = sign_held(client, ledger, anchors, mine, on_progress)
    return Signed(signed, refused, len(waiting) - len(mine))


def sign_held(
    client: ReaderClient,
    ledger: Ledger,
    anchors: TrustAnchors,
    held: Sequence[HeldFse],
    on_progress: OnProgress = ignore_progress,
) -> tuple[int, tuple[NotSigned, ...]]:
    """Give the final signature to documents that wait for it; return how many got it, and the others.

    The card in the slot is authenticated and the owner's. Raises `StatusError`, `LinkError`, errors of the
    ledger. A document becomes FINAL in the ledger only when all its signatures verify.
    """
    serial = client.identify().serial_number
    total = sum(len(each.document.content) for each in held)
    refused: list[NotSigned] = []
    signed = done = bytes_done = 0
    on_progress(Progress(Sentence("sign"), 0, len(held), 0, total))
    for batch in _batches(held, client.batch_bytes):
        answers = client.sign_final([each.document.content for each in batch])
        finals: list[VerifiedFse] = []
        for each, answer in zip(batch, answers, strict=True):
            if answer.status != Status.OK:
                refusal = StatusError(answer.status)
                refused.append(NotSigned(each.line.id, refusal.message, refusal.action, refusal.ssv))
                continue
            final = _with_signature(each, answer.block, anchors)
            try:
                check_named(final, each.line, LedgerState.FINAL)
            except CodecError as error:
                refused.append(NotSigned(each.line.id, error.message, error.action, error.ssv))
            else:
                finals.append(final)
        ledger.record_final(finals, serial)
        signed += len(finals)
        done += len(batch)
        bytes_done += sum(len(each.document.content) for each in batch)
        on_progress(Progress(Sentence("sign"), done, len(held), bytes_done, total))
    return signed, tuple(refused)


def _with_signature(held: HeldFse, block: bytes, anchors: TrustAnchors) -> VerifiedFse:
    """Return the document with its last signature, verified; the earlier ones were when the ledger took it
    in."""
    try:
        final = Document(held.document.content + block)
        return verify_fse(final, anchors, proven=len(final.fse.blocks) - 1)
    except CounterNotGrown as error:
        raise IncoherentAnswer(
            "The final signature of invoice {number} does not verify: {reason}",
            "Nothing was kept; this reader was set back to an earlier moment, or another one has its number: "
            "sign with a reader that was not",
            number=held.line.number,
            reason=error.message,
        ) from None
    except (CodecError, SignatureInvalid) as error:
        raise IncoherentAnswer(
            "The final signature of invoice {number} does not verify: {reason}",
            "Nothing was kept; try another reader",
            number=held.line.number,
            reason=error.message,
        ) from None


def _batches(documents: Sequence[HeldFse], limit: int) -> Iterator[list[HeldFse]]:
    batch: list[HeldFse] = []
    size = 0
    for each in documents:
        if batch and (size + len(each.document.content) > limit or len(batch) == _MAX_AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += len(each.document.content)
    if batch:
        yield batch
