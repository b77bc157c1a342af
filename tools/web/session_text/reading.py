"""Read a session out of the inputs that a reader has recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.code_format import MIN_CODE
from tla_sim.protocol.commands.cards import VERIFY_CODE, CodeEntry
from tla_sim.protocol.commands.declaration import CLA
from tla_sim.protocol.commands.instructions import Ins
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.trace import blank_code
from tla_sim.reader_fw.board.display import Screen
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.simulator.control.trace_ring import LOOK_PORT
from tla_sim.tools.simulator.history.inputs import KEYS, REPEATABLE, SLOTS, Input, Op
from tla_sim.tools.web.session_text.session import (
    Cabled,
    CaseOpened,
    Charged,
    CodeTyped,
    CodeVerified,
    Injected,
    Inserted,
    Left,
    Pressed,
    Removed,
    Sent,
    SessionStep,
    Shown,
    Switched,
    Waited,
)

ScreenAfter = Callable[[int], Screen | None]
"""Returns the screen after so many inputs, `None` when that is not known."""

_UNSAID: Final = {
    Op.CARD_ON: "a host reset a card",
    Op.CARD_OFF: "a host switched a card off",
    Op.PROTOCOL: "a host chose a card's protocol",
    Op.DRAIN: "the clock's battery ran flat",
    Op.CLEAR: "the faults still to come were called off",
    Op.CUT: "all power was cut",
}
_BESIDE_KEYS: Final = (Op.PRESS, Op.POLL, Op.TICK, Op.FOLLOW, Op.DRAW)
"""What does not part the digits of a code."""
_WRONG: Final = "CODE PORTEUR FAUX"


class Beginning(NamedTuple):
    """The beginning of a session: how many inputs came before.

    `before` are those since the reader was off; `filled` and `ports` say what was in its slots and at its
    cables then. `shown` is the screen at the beginning, `None` while the reader is off.
    """

    first: int
    before: Iterable[Input]
    filled: dict[Slot, bool]
    ports: dict[int, str]
    shown: Screen | None = None


class Read(NamedTuple):
    """The steps of a session, and whether a cable was in when it began."""

    steps: tuple[SessionStep, ...]
    plugged: bool


def read_steps(
    beginning: Beginning,
    inputs: Iterable[tuple[Input, int]],
    screen_after: ScreenAfter,
    card_name: Callable[[int], str],
) -> Read:
    """Return what was done and shown, without a code porteur.

    `inputs` are those recorded, each with the ms that it let pass. `card_name` names a card by its number.
    """
    return _Reading(beginning, screen_after, card_name).read(beginning, inputs)


class _Reading:
    def __init__(
        self, beginning: Beginning, screen_after: ScreenAfter, card_name: Callable[[int], str]
    ) -> None:
        self._screen_after = screen_after
        self._card_name = card_name
        self._steps: list[SessionStep] = []
        self._ms = 0
        self._keys: list[Key] = []
        self._ports = dict(beginning.ports)
        self._working: int | None = None
        self._filled = dict(beginning.filled)
        self._shown: Screen | None = None
        self._taken = beginning.first

    def read(self, beginning: Beginning, inputs: Iterable[tuple[Input, int]]) -> Read:
        for each in beginning.before:
            self._take(each, 0)
        plugged = bool(self._ports)
        # Where that led is the beginning. Nobody knows what it showed on the way, and no command outlasts it.
        self._steps, self._keys, self._working = [], [], None
        self._ms, self._taken, self._shown = 0, beginning.first, beginning.shown
        for each, ms in inputs:
            if each.op not in _BESIDE_KEYS:
                self._end_keys()
            self._take(each, ms)
            self._taken += each.subject if each.op in REPEATABLE else 1
        self._end_keys()
        self._look()
        return Read(tuple(self._steps), plugged)

    def _take(self, each: Input, ms: int) -> None:
        op, subject, number, data = each
        match op:
            case Op.TICK | Op.FOLLOW:
                # A command's own time passes by itself when the command is sent again.
                if self._working is None:
                    if not self._keys:
                        self._look()
                    self._ms += ms
            case Op.PRESS:
                self._begin_keys(KEYS[subject])
            case Op.INSERT:
                self._add(Inserted(SLOTS[subject], self._card_name(number)))
                self._filled[SLOTS[subject]] = True
            case Op.REMOVE:
                # A fault may have pulled the card out before.
                if self._filled.pop(SLOTS[subject], False) and not number:
                    self._add(Removed(SLOTS[subject]))
            case Op.POWER_ON | Op.POWER_OFF:
                self._add(Switched(op is Op.POWER_ON))
            case Op.ATTACH:
                self._plug(subject, data.decode())
            case Op.DETACH | Op.UNPLUG:
                self._unplug(subject if op is Op.DETACH else None)
            case Op.BEGIN | Op.EXCHANGE if self._ports.get(subject) != LOOK_PORT:
                self._send(op, subject, Lad(number), data)
            case Op.POLL | Op.ABORT | Op.RESET:
                if self._working == subject:
                    self._working = None
            case Op.INJECT:
                self._add(Injected(data.decode()))
            case Op.BATTERY:
                self._add(Charged(subject))
            case Op.OPEN_CASE:
                self._add(CaseOpened())
            case _ if op in _UNSAID:
                self._add(Left(_UNSAID[op]))

    def _add(self, step: SessionStep) -> None:
        self._look()
        if self._ms:
            self._steps.append(Waited(self._ms))
            self._ms = 0
        self._steps.append(step)

    def _look(self) -> None:
        """Note the screen that all inputs so far have led to, if it is another one."""
        if not self._steps or self._working is not None:
            return
        screen = self._screen_after(self._taken)
        if screen is None or screen == self._shown:
            return
        if self._ms:
            self._steps.append(Waited(self._ms))
            self._ms = 0
        self._shown = screen
        self._steps.append(Shown(screen))

    def _begin_keys(self, key: Key) -> None:
        if not self._keys:
            self._look()
            if self._ms:
                self._steps.append(Waited(self._ms))
                self._ms = 0
        self._keys.append(key)
        if not key.digit and key is not Key.COR:
            self._taken += 1
            self._end_keys()
            self._taken -= 1

    def _end_keys(self) -> None:
        keys, self._keys = self._keys, []
        if not keys:
            return
        typed = 0
        for key in keys:
            typed = typed + 1 if key.digit else max(typed - 1, 0) if key is Key.COR else typed
        if keys[-1] is Key.VAL and typed >= MIN_CODE:
            self._steps.append(CodeTyped(not _refuses(self._screen_after(self._taken))))
        else:
            self._steps.append(Pressed(tuple(key.value for key in keys)))

    def _plug(self, port: int, name: str) -> None:
        if not self._ports:
            self._add(Cabled(True))
        self._ports[port] = name

    def _unplug(self, port: int | None) -> None:
        there = bool(self._ports)
        if port is None:
            self._ports.clear()
        else:
            self._ports.pop(port, None)
        if there and not self._ports:
            self._working = None
            self._add(Cabled(False))

    def _last_done(self) -> SessionStep | None:
        return next((step for step in reversed(self._steps) if not isinstance(step, Shown | Waited)), None)

    def _send(self, op: Op, port: int, lad: Lad, apdu: bytes) -> None:
        entry = _code_entry(lad, apdu)
        if entry is CodeEntry.HOST:
            reading = self._steps and self._steps[-1]
            if isinstance(reading, Sent) and _reads_ps_card(reading.lad, reading.apdu):
                self._steps.pop()
            self._add(CodeVerified())
        elif _reads_ps_card(lad, apdu) and isinstance(self._last_done(), CodeVerified):
            # Whoever verifies a code reads the card once more.
            return
        elif blank_code(lad, apdu) != apdu:
            self._add(Left("a host sent a code straight to a card"))
        else:
            self._add(Sent(lad, apdu, entry is CodeEntry.KEYPAD))
        self._working = port if op is Op.BEGIN and entry is not CodeEntry.KEYPAD else None


def _code_entry(lad: Lad, apdu: bytes) -> CodeEntry | None:
    if lad is not Lad.LOG_SV or apdu[:2] != bytes((CLA, Ins.VERIFY_CODE)):
        return None
    try:
        return CodeEntry(VERIFY_CODE.request.parse(CommandApdu.parse(apdu).data).entry)
    except (CodecError, ValueError):
        return None


def _reads_ps_card(lad: Lad, apdu: bytes) -> bool:
    return lad is Lad.LOG_SV and apdu[:2] == bytes((CLA, Ins.READ_PS_CARD))


def _refuses(screen: Screen | None) -> bool:
    return _WRONG in " ".join(screen or ())
