"""The reader: board, Log_SV and links put together. It depends on nothing but what it is given.

reader = Reader(board)
reader.power_on()
port = reader.attach("pty")
response = port.exchange(Lad.LOG_SV, bytes.fromhex("8014000000"))
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Final

from tla_sim.protocol.apdu import ResponseApdu
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import ConnectionLost, ExchangeAbandoned, TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.slot_order import CLA as SLOT_CLASS
from tla_sim.reader_fw.app.handlers.dispatch import execute, execute_typed_code
from tla_sim.reader_fw.app.log_sv import LogSv
from tla_sim.reader_fw.app.screens.visit import Visit
from tla_sim.reader_fw.app.session import Session
from tla_sim.reader_fw.app.software.firmware import Firmware, deliver, find_installed
from tla_sim.reader_fw.app.software.profile import TLA_1_40, Profile
from tla_sim.reader_fw.app.store.invoice_store import Limits
from tla_sim.reader_fw.app.store.settings import Settings
from tla_sim.reader_fw.app.store.storage import Storage, open_storage
from tla_sim.reader_fw.board.board import Board
from tla_sim.reader_fw.board.flash import PowerCut
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Card, Slot

if TYPE_CHECKING:
    from tla_sim.protocol.documents.certificates import TrustAnchors
    from tla_sim.reader_fw.app.screens.code_entry import CodeEntry
    from tla_sim.reader_fw.links.port import LinkTap

_SLOT_OF: Final = {Lad.PS: Slot.PS, Lad.VITALE: Slot.VITALE}
_SLOT_CLASS: Final = bytes((SLOT_CLASS,))
_POLL_MS: Final = 200
_ABSENT: Final = {Lad.PS: Status.PS_CARD_ABSENT, Lad.VITALE: Status.VITALE_ABSENT}


class ReaderOff(ExchangeAbandoned):
    """The reader is switched off."""

    def __init__(self) -> None:
        super().__init__("The reader is switched off", "Switch it on and wait for ATTENTE ORDRE")


class Reader:
    """One reader, as a person handles it: its switch, keys, slots and cables, and the passing of time.

    `profile` is the software that the factory puts on a board whose flash never had any. A board that has
    software runs what is installed. `tap` hears all links.
    """

    tap: LinkTap | None = None

    def __init__(
        self, board: Board, profile: Profile = TLA_1_40, anchors: TrustAnchors | None = None
    ) -> None:
        self.board = board
        self._delivered = profile
        self._given_anchors = anchors
        self._ports: list[ReaderPort] = []
        self._storage: Storage | None = None
        self._app: LogSv | None = None
        self._visit: Visit | None = None
        self._ahead_ms = 0
        deliver(board.flash, profile)

    @cached_property
    def anchors(self) -> TrustAnchors:
        """The authorities that are trusted: this project's own, unless others were given."""
        from tla_sim.protocol.documents.certificates import TrustAnchors

        return self._given_anchors or TrustAnchors.shipped()

    @property
    def profile(self) -> Profile:
        """The profile of the software that runs or is installed. Raises SoftwareDamaged."""
        return find_installed(self.board.flash, self._delivered) if self._app is None else self._app.profile

    @property
    def app(self) -> LogSv:
        """The running software. Raises ReaderOff."""
        if self._app is None:
            raise ReaderOff
        return self._app

    @property
    def on(self) -> bool:
        """Whether the reader is switched on."""
        return self._app is not None

    @property
    def ports(self) -> tuple[ReaderPort, ...]:
        """The cables that are plugged in."""
        return tuple(self._ports)

    @property
    def code_entry(self) -> CodeEntry | None:
        """The code porteur that is being typed, for a link or on a visit."""
        if self._visit is not None:
            return self._visit.code_entry
        waiting = self._waiting_port()
        return None if waiting is None else waiting.code_entry

    @property
    def display(self) -> tuple[str, str, str, str]:
        """The text on the display: four lines of 20 characters."""
        return self.board.display.lines

    def power_on(self) -> None:
        """Switch on: start the installed software, mount the flash, and restore the state in it.

        Raises SoftwareDamaged, FileSystemDamaged, VaultDamaged or RecordDamaged when the flash does not hold
        usable software or state: nothing is changed then, and the reader stays off. Raises PowerCut when
        power fails.
        """
        if self._app is not None:
            return
        board = self.board
        try:
            # The software first, since its profile says how much the store takes.
            firmware = Firmware(board.flash, self._delivered)
            profile = firmware.profile
            limits = Limits(owners=profile.max_owners, documents=profile.max_documents)
            storage = open_storage(board.flash, board.device_key, board.entropy, limits)
            self._storage = storage
            serial, boots = _identity(storage.settings, board)
            self._app = LogSv(board, firmware, lambda: self.anchors, storage, serial, boots)
        except (TlaError, PowerCut):
            self._stop()
            raise
        self.refresh()
        self._spend()

    def power_off(self) -> None:
        """Switch off, or lose power: whatever is not in flash is lost."""
        self._stop()

    def restart_if_wanted(self) -> None:
        """Start again, with the cables in place, if new software is to run. Raises like `power_on`."""
        if self._app is not None and self._app.firmware.restart_wanted:
            self._stop()
            self.power_on()

    def _stop(self) -> None:
        for port in self._ports:
            port.lose()
        self._app = self._visit = None
        if self._storage is not None:
            self._storage.close()
            self._storage = None
        self.board.slots.power_off()

        self.board.display.clear()

    def attach(self, name: str) -> ReaderPort:
        """Plug in a cable: from now on the reader shows ATTENTE ORDRE and takes commands on this link."""
        port = ReaderPort(self, name)
        self._ports.append(port)
        self.refresh()
        return port

    def detach(self, port: ReaderPort) -> None:
        """Unplug a cable: its session ends; without any cable the reader is on a visit."""
        if port in self._ports:
            port.reset()
            self._ports.remove(port)
            self.refresh()
            self._spend()

    def unplug(self) -> None:
        """Unplug every cable."""
        for port in self.ports:
            port.detach()

    def press(self, key: Key) -> None:
        """Press a key. The time that the cards take for it passes before this returns."""
        if self._app is None:
            return
        waiting = self._waiting_port()
        if waiting is not None and waiting.code_entry is not None:
            waiting.code_entry.press(key, self.board.clock.now_ms)
            waiting.settle()
            self.refresh()
        else:
            self._guard(lambda visit: visit.press(key))

    def insert(self, slot: Slot, card: Card) -> None:
        """Put a card into a slot; the time that it takes to read it passes. Raises SlotOccupied."""
        self.board.slots.insert(slot, card)
        self._show_card_change()

    def remove(self, slot: Slot) -> Card | None:
        """Take a card out, forget its code on every link, and refuse the command that waits for it."""
        card = self.board.slots.remove(slot)
        if slot is Slot.PS:
            for port in self._ports:
                port.lose_ps_card()
            self.refresh()
        self._show_card_change()
        return card

    def tick(self, ms: int) -> None:
        """Let time pass."""
        self.board.clock.advance(ms)
        if self._app is None:
            return
        for port in self._ports:
            port.tick()
        self._guard(lambda visit: visit.tick())

    def follow(self, ms: int) -> None:
        """Let `ms` of real time pass, less what has passed already for the work of cards."""
        ahead = min(self._ahead_ms, ms)
        self._ahead_ms -= ahead
        self.tick(ms - ahead)

    def finish(self, port: ReaderPort) -> bytes:
        """Let time pass until the command on `port` is answered, and return the response APDU.

        Raises ReaderOff when power failed meanwhile.
        """
        while True:
            response = port.poll()
            if response is not None:
                return response
            due = port.due_ms
            if due is None:
                raise ReaderOff
            self.tick(max(due - self.board.clock.now_ms, 0))

    @property
    def due_ms(self) -> int | None:
        """The clock time at which something happens by itself next, `None` when nothing will.

        That is a screen that ends, an answer, or the end of the time in which a code may be typed.
        """
        if self._app is None:
            return None
        times = [port.ends_ms for port in self._ports if port.ends_ms is not None]
        if self._visit is not None and self._visit.until_ms is not None:
            times.append(self._visit.until_ms)
        return min(times, default=None)

    def holder(self, asking: ReaderPort) -> ReaderPort | None:
        """Return the other link that keeps `asking` out at this moment, `None` if there is none."""
        now = self.board.clock.now_ms
        for port in self._ports:
            if port is not asking and (port.due_ms is not None or port.session.holds(now)):
                return port
        return None

    def _show_card_change(self) -> None:
        self._guard(lambda visit: visit.take_card_change())

    def _guard(self, act: Callable[[Visit], None]) -> None:
        if self._visit is None:
            return
        try:
            act(self._visit)
        except PowerCut:
            self._stop()
            raise
        self._spend()

    def _spend(self) -> None:
        """Let the time pass that the cards took for the visit."""
        # For a command this time delays its answer instead: the link must go on to keep its timers meanwhile.
        spent = 0 if self._app is None else self._app.cards.take_spent_ms()
        if spent:
            self._ahead_ms += spent
            self.tick(spent)

    def _waiting_port(self) -> ReaderPort | None:
        return next((port for port in self._ports if port.code_entry is not None), None)

    def refresh(self) -> None:
        """Show on the display what is going on now."""
        if self._app is None:
            return
        if not self._ports:
            if self._visit is None:
                self._visit = Visit(self._app)
            self._visit.show()
            return
        self._visit = None
        waiting = self._waiting_port()
        if waiting is not None and waiting.code_entry is not None:
            self.board.display.show("CODE PORTEUR", "", waiting.code_entry.stars, "VAL  COR  ANN")
        else:
            self.board.display.show("ATTENTE ORDRE")


class ReaderPort:
    """One link's access to the reader: one command at a time, answered when its virtual time has passed."""

    def __init__(self, reader: Reader, name: str) -> None:
        self.session = Session(name)
        self.code_entry: CodeEntry | None = None
        self._protocols: dict[Lad, int] = {}
        self._reader = reader
        self._response: bytes | None = None
        self._due_ms: int | None = None
        self._heard: Lad | None = None
        """To whom the command under way went that the tap heard."""

    @property
    def due_ms(self) -> int | None:
        """The clock time at which to poll again, `None` when nothing is pending."""
        return self._due_ms

    @property
    def ends_ms(self) -> int | None:
        """The clock time at which the command under way is answered, at the latest where a code is typed."""
        return self._due_ms if self.code_entry is None else self.code_entry.deadline_ms

    def begin(self, lad: Lad, apdu: bytes) -> None:
        """Start a command, which the reader's own software or the card in a slot carries out.

        While another link holds the reader, the answer is READER_HELD. Raises ReaderOff.
        """
        reader = self._reader
        app = reader.app
        now = reader.board.clock.now_ms
        self.code_entry = None
        if reader.tap is not None:
            self._heard = lad
            reader.tap.command(self.session.name, lad, apdu)
        if reader.holder(self) is not None:
            self._answer(int(Status.READER_HELD).to_bytes(2, "big"), now)
            return
        try:
            if lad is not Lad.LOG_SV:
                self._response = self._card(app, lad, apdu, now)
                self._due_ms = now + app.cards.take_spent_ms()
                return
            outcome = execute(app, self.session, apdu)
        except PowerCut:
            reader.power_off()
            raise
        due_ms = now + app.cards.take_spent_ms()
        if outcome.waits_for_code:
            from tla_sim.reader_fw.app.screens.code_entry import CodeEntry

            self.code_entry = CodeEntry(now)
            self._response, self._due_ms = None, due_ms + _POLL_MS
            reader.refresh()
        else:
            self._answer(outcome.response, due_ms)

    def exchange(self, lad: Lad, apdu: bytes) -> bytes:
        """Carry out a command, let time pass until it is answered, and return the response APDU.

        Raises ReaderOff, and ConnectionLost when power fails meanwhile. Any other exception drops the
        command.
        """
        try:
            self.begin(lad, apdu)
            return self._reader.finish(self)
        except PowerCut:
            raise ConnectionLost("The reader lost its power", "Switch it on and start again") from None
        except BaseException:
            self.abort()
            raise

    def insertion(self, lad: Lad) -> int:
        """Return the number of the card's insertion, 0 for an empty slot or when off, 1 for Log_SV."""
        if not self._reader.on:
            return 0
        slot = _SLOT_OF.get(lad)
        return 1 if slot is None else self._reader.board.slots.insertion(slot)

    @property
    def movements(self) -> int:
        """A number that changes with every card inserted or removed, -1 while the reader is off."""
        return self._reader.board.slots.movements if self._reader.on else -1

    def power_on(self, lad: Lad) -> bytes:
        """Reset the card, or for Log_SV this link's session, and return the answer to reset.

        It is empty for an empty slot. A card that another link uses at this moment keeps its state. Raises
        ReaderOff.
        """
        app = self._reader.app
        atr = self._reset(app, lad)
        if atr and self._reader.tap is not None:
            self._reader.tap.reset(self.session.name, lad, atr)
        return atr

    def select_protocol(self, lad: Lad, number: int) -> None:
        """Have the card answer this link in T=`number`, which its answer to reset offers, until `power_on`.

        Log_SV speaks T=1 alone.
        """
        self._protocols[lad] = number

    def power_off(self, lad: Lad) -> None:
        """Power off the card, unless another link uses it; for Log_SV, end this link's session."""
        if lad is Lad.LOG_SV:
            self.session.reset()
        elif self._reader.on and self._reader.holder(self) is None:
            self._reader.app.cards.power_off(_SLOT_OF[lad])

    def _reset(self, app: LogSv, lad: Lad) -> bytes:
        if lad is Lad.LOG_SV:
            from tla_sim.protocol.log_sv_atr import LOG_SV_ATR

            self.session.reset()
            return LOG_SV_ATR
        self._protocols.pop(lad, None)
        card = self._reader.board.slots.card(_SLOT_OF[lad])
        if card is None:
            return b""
        if self._reader.holder(self) is not None:
            return card.atr
        return app.cards.reset(_SLOT_OF[lad])

    def _card(self, app: LogSv, lad: Lad, apdu: bytes, now_ms: int) -> bytes:
        slot = _SLOT_OF[lad]
        if apdu[:1] == _SLOT_CLASS:
            from tla_sim.reader_fw.app.slot_orders import carry_out_order

            return carry_out_order(app, slot, apdu)
        session = self.session
        if self._reader.board.slots.card(slot) is None:
            return ResponseApdu(b"", _ABSENT[lad]).build()
        session.note_command(now_ms)
        return app.cards.pass_through(
            slot,
            apdu,
            protocol=self._protocols.get(lad),
            keep_code=session.verified_insertion != 0,
        )

    def _answer(self, response: bytes, due_ms: int) -> None:
        self._response, self._due_ms = response, due_ms

    def poll(self) -> bytes | None:
        """Return the response APDU once the reader's clock has reached its due time, else `None`."""
        due, response = self._due_ms, self._response
        if due is None or self._reader.board.clock.now_ms < due:
            return None
        if response is None:
            self._due_ms = self._reader.board.clock.now_ms + _POLL_MS
            return None
        self._response = self._due_ms = None
        if self._heard is not None:
            self._tell_answer(response)
        # Not before the host has its answer, or it would not learn that the update succeeded.
        self._reader.restart_if_wanted()
        return response

    def settle(self) -> None:
        """Verify the code that was typed, if its entry has ended."""
        from tla_sim.reader_fw.app.screens.code_entry import Entry

        entry = self.code_entry
        if entry is None or entry.state is Entry.OPEN:
            return
        app = self._reader.app
        code = entry.take() if entry.state is Entry.DONE else None
        self.code_entry = None
        response = execute_typed_code(app, self.session, code)
        self._answer(response, self._reader.board.clock.now_ms + app.cards.take_spent_ms())

    def lose_ps_card(self) -> None:
        """Forget its code, and refuse the command that waits for it to be typed."""
        self.session.reset_authentication()
        if self.code_entry is not None:
            self.code_entry.give_up()
            self.settle()

    def tick(self) -> None:
        """Let time pass up to the present."""
        if self.code_entry is not None:
            self.code_entry.tick(self._reader.board.clock.now_ms)
            self.settle()
            if self.code_entry is None:
                self._reader.refresh()

    def abort(self) -> None:
        """Drop the pending command, which gets no answer."""
        self._drop()
        self._reader.refresh()

    def reset(self) -> None:
        """Drop the pending command and end the session, since another host may be on this link."""
        self.abort()
        self.session.reset()

    def lose(self) -> None:
        """Forget everything, as power failed."""
        self._drop()
        self.session.reset()

    def _drop(self) -> None:
        self._response, self._due_ms, self.code_entry = None, None, None
        if self._heard is not None:
            self._tell_answer(None)

    def _tell_answer(self, response: bytes | None) -> None:
        lad, self._heard = self._heard, None
        if lad is not None and self._reader.tap is not None:
            self._reader.tap.answer(self.session.name, lad, response)

    def detach(self) -> None:
        """Unplug this cable."""
        self._reader.detach(self)


def _identity(settings: Settings, board: Board) -> tuple[str, int]:
    """Return the serial number, which is made at the first start, and how often the reader was started."""
    raw = settings.get("serial-number")
    if raw is None:
        raw = f"TLA{int.from_bytes(board.entropy.take(4), 'big') % 10**8:08}".encode()
        settings.put("serial-number", raw)
    boots = int.from_bytes(settings.get("boots") or b"", "big") + 1
    settings.put("boots", boots.to_bytes(4, "big"))
    return raw.decode(), boots
