"""The whole round as a library: load, certify at the patient's home, pull, sign, transmit.

It runs on its own simulated reader in virtual time, over the transport that `plug` returns, and yields a Step
for each event. The demo prints them; tests and benchmarks drive the stages one by one with practices and
links of their own. The same seed gives the same bytes every time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tla_sim.host.client import ReaderClient
from tla_sim.host.documents import outgoing
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.host.practice.model import Patient, Practice, Practitioner
from tla_sim.host.round.outbox import Outbox
from tla_sim.host.round.pull import pull
from tla_sim.host.round.push import propose, push_owner
from tla_sim.host.round.sign import sign
from tla_sim.host.round.transmit import transmit
from tla_sim.host.transport import Transport
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.groups.invoice import CcamAct
from tla_sim.protocol.sentence import Sentence, sentences
from tla_sim.reader_fw.board.board import DEVICE_KEY_BYTES, assemble_board
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import DEFAULT_SIZE, NorFlash, blank_image
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Card, Slot
from tla_sim.reader_fw.reader import Reader
from tla_sim.tools.cast.cards import Cast
from tla_sim.tools.cast.people import CODE, MORNING, WRONG_CODE
from tla_sim.tools.simulator.in_process import in_process

DRIVE_MS: Final = 20 * 60_000
KEY_MS: Final = 200
"""The time that a person needs to drive to the next address, and to press a key."""
STAGES: Final = sentences("push", "visit", "pull", "sign", "transmit")

Plug = Callable[[Reader], Transport]


@dataclass(frozen=True, slots=True)
class Step:
    """One event: the reader's time (ms since 1970-01-01, local), its stage, a line of text, and the screen
    after it (four lines of 20 characters, or none)."""

    moment: int
    stage: str
    text: str
    screen: tuple[str, ...] = ()


class Round:
    """A practice, its cards, a reader, a ledger `ledger.sqlite` and an outbox `out`, in a directory.

    `visitor` is the practitioner on the round, by default the first. With `power_cycles` the reader is
    switched off and on at every pause. Raises CardNotIssued, CodecError, errors of the ledger and the outbox.
    """

    def __init__(
        self,
        practice: Practice,
        directory: Path,
        seed: int,
        *,
        plug: Plug = in_process,
        visitor: Practitioner | None = None,
        start: int = MORNING,
        flash_bytes: int = DEFAULT_SIZE,
        power_cycles: bool = False,
    ) -> None:
        entropy = SeededEntropy(seed)
        self.practice = practice
        self.documents = outgoing(prepared_invoices(practice))
        self.cast = Cast(practice, entropy)
        self.visitor = visitor or practice.practitioners[0]
        device_key = hashlib.sha256(f"device key {seed}".encode()).digest()[:DEVICE_KEY_BYTES]
        self.board = assemble_board(start, entropy, NorFlash(blank_image(flash_bytes)), device_key)
        self.reader = Reader(self.board)
        self.anchors = TrustAnchors.shipped()
        self.ledger = Ledger.open(directory / "ledger.sqlite", clock=self._host_time)
        self.outbox = Outbox(directory / "out")
        self._plug = plug
        self._power_cycles = power_cycles
        self._host_entropy = SeededEntropy(seed ^ 0x7C1A)
        self.reader.power_on()

    def close(self) -> None:
        """Switch the reader off and close the ledger."""
        self.reader.power_off()
        self.ledger.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def steps(self) -> Iterator[Step]:
        """Play the whole round.

        The visitor loads their invoices and the others' for the same patients, visits every patient with
        rights with the visitor's card alone, mistyping the code once, and pulls. Each owner signs with their
        card, and everything is transmitted.
        """
        yield from self.push()
        day = datetime.fromtimestamp(self.board.clock.now_ms / 1000, UTC).date()
        for number, patient in enumerate(self.cast.entitled(day)):
            yield from self.visit(patient, wrong_codes=() if number else (WRONG_CODE,))
        yield from self.pull()
        yield from self.sign()
        yield from self.transmit()

    def push(self, owners: Sequence[str] = ()) -> Iterator[Step]:
        """Load the invoices of `owners`, by default the visitor's, and those proposed of the others."""
        chosen = owners or tuple(each.billing_number for each in self.visitor.situations)
        with self._client() as client:
            identity = client.identify()
            version = f"{identity.major}.{identity.minor:02}"
            yield self._step(
                "push",
                Sentence(
                    "Reader {serial_number}, version {version}, on the cable",
                    serial_number=identity.serial_number,
                    version=version,
                ),
            )
            proposal = propose(identity, self.documents, chosen)
            for owner in chosen:
                yield self._step("push", self._push_owner(client, owner))
            for owner in proposal.others:
                yield self._step(
                    "push",
                    Sentence("{loaded}, for the same patients", loaded=self._push_owner(client, owner)),
                )
        self._pause()

    def visit(self, patient: Patient, *, wrong_codes: Sequence[str] = ()) -> Iterator[Step]:
        """Visit a patient off the cable: insert the Vitale, certify everything, remove it."""
        self.reader.tick(DRIVE_MS)
        self._put(Slot.PS, self.cast.ps(self.visitor))
        name = f"{patient.beneficiaries[0].last_name} {patient.beneficiaries[0].first_name}"
        self.reader.insert(Slot.VITALE, self.cast.vitale(patient))
        yield self._show(Sentence("Vitale of {name} inserted", name=name))
        yield from self._ccam_act(patient)
        yield self._press_and_show(Key.VAL)
        for wrong in wrong_codes:
            yield self._type_code(wrong, Sentence("wrong code"))
            yield self._press_and_show(Key.VAL)
        if self.reader.display[0].strip() == "CODE PORTEUR":
            yield self._type_code(CODE, "code")
        self._press(Key.VAL)
        self.reader.remove(Slot.VITALE)
        self._pause()

    def _ccam_act(self, patient: Patient) -> Iterator[Step]:
        """Display the first CCAM act to be certified for the patient, if there is one, and go back."""
        found = (
            (each.invoice.number, position)
            for each in self.documents
            if each.invoice.beneficiary.nir == patient.nir
            for position, act in enumerate(each.invoice.acts)
            if isinstance(act, CcamAct)
        )
        number, position = next(found, ("", 0))
        if not number:
            return
        for _ in self.documents:
            self._press(Key.DOWN)
            if number in self.reader.display[1]:
                break
        for key in (Key.MENU, *[Key.DOWN] * position):
            self._press(key)
        yield self._show(Sentence("Keys to a CCAM act in invoice {number}", number=number))
        for key in (Key.ANN, Key.ANN):
            self._press(key)

    def pull(self) -> Iterator[Step]:
        """Pull the certified documents into the ledger at the surgery; they leave the reader."""
        self.reader.tick(DRIVE_MS)
        self._put(Slot.PS, self.cast.ps(self.visitor))
        with self._client() as client:
            client.verify_code(CODE)
            pulled = pull(client, self.ledger, self.anchors)
        text = Sentence(
            "{partial} partially certified and {complete} complete FSEs pulled",
            partial=pulled.partial,
            complete=pulled.complete,
        )
        yield self._step(
            "pull", Sentence("{text}, {waiting} left to certify", text=text, waiting=pulled.waiting)
        )
        for each in pulled.left:
            yield self._step(
                "pull",
                Sentence("Invoice {number} stays: {reason}", number=each.document.number, reason=each.reason),
            )
        self._pause()

    def sign(self) -> Iterator[Step]:
        """Give the final signatures, with the card of each owner whose documents wait for one."""
        owners = dict.fromkeys(each.line.owner for each in self.ledger.to_sign())
        for owner in owners:
            who, _ = self.practice.owners[owner]
            self._put(Slot.PS, self.cast.ps(who))
            with self._client() as client:
                card = client.verify_code(CODE)
                signed = sign(client, self.ledger, self.anchors, card)
            name = f"{who.last_name} {who.first_name}"
            yield self._step(
                "sign",
                Sentence("Final signature of {name} given to {signed} FSEs", signed=signed.signed, name=name),
            )
            self._pause()

    def transmit(self) -> Iterator[Step]:
        """Transmit the documents that have all their signatures; the result is kept in `transmitted`."""
        done = transmit(self.ledger, self.outbox, self.anchors)
        self.transmitted = done
        yield self._step("transmit", Sentence("{count} FSEs written for transmission", count=len(done.sent)))

    @contextmanager
    def _client(self) -> Iterator[ReaderClient]:
        with self._plug(self.reader) as transport:
            yield ReaderClient(transport, self._host_entropy.take)

    def _push_owner(self, client: ReaderClient, owner: str) -> str:
        who, _ = self.practice.owners[owner]
        mine = [each for each in self.documents if each.invoice.owner == owner]
        pushed = push_owner(client, self.ledger, owner, mine)
        return Sentence(
            "{loaded} invoices of {last_name} {first_name} loaded",
            loaded=pushed.loaded,
            last_name=who.last_name,
            first_name=who.first_name,
        )

    def _put(self, slot: Slot, card: Card) -> None:
        if self.board.slots.card(slot) is not card:
            self.reader.remove(slot)
            self.reader.insert(slot, card)

    def _press(self, key: Key) -> None:
        self.reader.press(key)
        self.reader.tick(KEY_MS)

    def _press_and_show(self, key: Key) -> Step:
        self._press(key)
        return self._show(Sentence("Key {key}", key=key.value))

    def _type_code(self, code: str, what: str) -> Step:
        for digit in code:
            self._press(Key(digit))
        self._press(Key.VAL)
        return self._show(Sentence("Keys {keys} VAL, the {what}", keys="*" * len(code), what=what))

    def _show(self, text: str) -> Step:
        return Step(self.reader.app.moment(), "visit", text, self.reader.display)

    def _step(self, stage: str, text: str) -> Step:
        return Step(self.reader.app.moment(), stage, text)

    def _pause(self) -> None:
        if self._power_cycles:
            self.reader.power_off()
            self.reader.power_on()

    def _host_time(self) -> datetime:
        return datetime.fromtimestamp(self.board.clock.now_ms / 1000, UTC)
