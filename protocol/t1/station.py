"""What one end of a T=1 link remembers, and what it can say: the lower half of the machine."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from tla_sim.protocol.errors import LinkError, LinkProtocolError, NoAnswer
from tla_sim.protocol.sentence import Sentence
from tla_sim.protocol.t1.actions import Action, Failed, LinkSettings, Role, SendBytes
from tla_sim.protocol.t1.block import (
    INITIAL_IFS,
    Block,
    BlockCutter,
    Control,
    Fault,
    Information,
    Ready,
    Supervision,
    Supervisory,
)
from tla_sim.protocol.t1.length import BlockLength
from tla_sim.protocol.t1.waits import Waits

SILENCE_WEIGHS: Final = 4
"""A silence counts for as many bad blocks: those at least say that the peer is there. At a bit error rate of
1e-4 one long block in five is bad, so that six in a row would happen in one round of two hundred."""


class Phase(Enum):
    """Where an exchange stands at this end.

    IDLE: workstation, nothing under way; reader, listening. SENDING: our chain goes on at the next R-block.
    WAITING: workstation, the command is out. RECEIVING: the peer's chain goes on after our R-block.
    WORKING: reader, the command is in and its answer is due.
    """

    IDLE = auto()
    SENDING = auto()
    WAITING = auto()
    RECEIVING = auto()
    WORKING = auto()


class Station:
    """Numbers, chains, the request under way and the tries of one end; emits blocks into `_actions`."""

    def __init__(self, role: Role, settings: LinkSettings | None = None, nad: int | None = None) -> None:
        self._host = role is Role.WORKSTATION
        self._settings = settings or LinkSettings()
        self._nad = nad if nad is not None else 0x21 if self._host else 0x12
        self._cutter = BlockCutter(self._settings.edc)
        self._waits = Waits(self._settings)
        self._length = BlockLength()
        self._actions: list[Action] = []
        self._synchronised = not self._host
        self._deaf = False
        self._heard = False
        self._acquainted = False
        self._silences = 0
        self._tries = 0
        self._repeats = 0
        self._start_afresh()

    def _start_afresh(self) -> None:
        self._phase = Phase.IDLE
        self._send_number = 0
        self._receive_number = 0
        self._peer_ifs = INITIAL_IFS
        self._ifs_offered = False
        self._last: Block | None = None
        self._ask_time_at: int | None = None
        self._incoming = bytearray()
        self._drop_exchange()

    def _drop_exchange(self) -> None:
        self._phase = Phase.IDLE
        self._waits.expect_nothing()
        self._incoming.clear()
        self._outgoing: bytes | None = None
        self._sent = 0
        self._ask_time_at = None
        self._asking: Supervision | None = None
        self._asked = b""
        self._asked_again = False
        self._abort_wanted = False
        self._failure: LinkError | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing is under way: the workstation may send; the reader has no command to answer."""
        return self._phase is Phase.IDLE and self._asking is None

    def _take_actions(self) -> list[Action]:
        actions, self._actions = self._actions, []
        return actions

    def _emit(self, control: Control, now: int, inf: bytes = b"", wait: int = 1) -> None:
        raw = Block(self._nad, control, inf).build(self._settings.edc)
        self._actions.append(SendBytes(raw))
        if self._host:
            self._waits.expect_answer(len(raw), now, wait)

    def _take_turn(self, now: int) -> None:
        """Say what comes next, the right to send being ours."""
        if not self._ifs_offered and self._settings.announces_ifs:
            self._ifs_offered = True
            self._ask(Supervision.IFS, now, bytes((self._settings.ifs,)))
        elif self._abort_wanted:
            self._ask(Supervision.ABORT, now)
        elif self._phase is Phase.RECEIVING:
            self._send_ready(Fault.NONE, now)
        elif self._outgoing is not None:
            self._send_information(self._outgoing, now)
        elif self._phase is Phase.WORKING:
            self._ask_time_at = now + self._settings.block_wait // 2

    def _send_information(self, outgoing: bytes, now: int) -> None:
        if self._last is not None and not self._repeats:
            self._length.arrived()
        inf = outgoing[self._sent : self._sent + self._length.of(self._peer_ifs)]
        self._sent += len(inf)
        more = self._sent < len(outgoing)
        self._last = Block(self._nad, Information(self._send_number, more), inf)
        self._send_number ^= 1
        self._repeats = 0
        self._waits.progress(len(inf))
        if more:
            self._phase = Phase.SENDING
        else:
            self._drop_exchange()
            self._phase = Phase.WAITING if self._host else Phase.IDLE
        self._emit(self._last.control, now, inf)

    def _send_ready(self, fault: Fault, now: int) -> None:
        self._emit(Ready(self._receive_number, fault), now)

    def _ask(self, about: Supervision, now: int, inf: bytes = b"") -> None:
        self._asking, self._asked, self._asked_again = about, inf, False
        self._ask_time_at = None
        if not self._host or about is Supervision.RESYNCH:
            self._tries = 0
        self._ask_again(now)

    def _ask_again(self, now: int) -> None:
        if self._asking is not None:
            self._emit(Supervisory(self._asking, False), now, self._asked)

    def _resynchronise(self, now: int) -> None:
        self._synchronised = False
        self._ask(Supervision.RESYNCH, now)

    def _go_on_after_request(self, now: int) -> None:
        self._asking = None
        self._waits.expect_nothing()
        self._take_turn(now)

    def _repeat(self, now: int) -> None:
        """The peer lives but missed our last I-block: send it once more, or escalate."""
        self._tries = 0
        self._repeats += 1
        self._length.missed()
        if self._host and self._repeats > SILENCE_WEIGHS * self._settings.attempts:
            self._resynchronise(now)
        elif self._last is not None:
            self._emit(self._last.control, now, self._last.inf)

    def _retry(self, fault: Fault, now: int, weight: int = 1) -> None:
        """The peer's answer was bad, or is missing which weighs more: ask for it again, or escalate."""
        self._tries += weight
        spent = self._tries >= SILENCE_WEIGHS * self._settings.attempts
        if spent and self._asking is Supervision.IFS:
            self._go_on_after_request(now)
        elif spent and self._asking is Supervision.RESYNCH:
            self._fail(
                LinkProtocolError("The reader does not resynchronise", "Check the cable, then try again")
                if self._heard
                else NoAnswer("The reader does not answer", "Check that it is on and connected")
            )
        elif spent and self._host:
            self._resynchronise(now)
        elif self._asking is not None:
            self._ask_again(now)
        else:
            self._send_ready(fault, now)

    def _bear_silence(self, now: int) -> bool:
        """Ask once more, and wait longer, where one more silence would end a session that may yet go on.

        Only where nothing at all was heard between the silences, and not for a size exchange: some readers
        have none, and it is gone without.
        """
        self._silences += 1
        silent = self._silences >= self._settings.attempts and self._asking is not Supervision.IFS
        wait = self._waits.longer_wait(now) if self._host and self._acquainted and silent else 0
        if wait and self._asking is None:
            self._emit(Ready(self._receive_number, Fault.OTHER), now, wait=wait)
        elif wait and self._asking is not None:
            self._emit(Supervisory(self._asking, False), now, self._asked, wait)
        return wait > 0

    def _fail_for_waiting(self) -> None:
        if not self._heard:
            self._fail(NoAnswer("The reader does not answer", "Check that it is on and connected"))
            return
        seconds = self._settings.longest_wait // 1000
        message = Sentence(
            "The reader kept asking for time; an exchange may wait {seconds} s at most", seconds=seconds
        )
        self._fail(NoAnswer(message, "Switch the reader off and on, then try again"))

    def _fail(self, error: LinkError) -> None:
        self._start_afresh()
        self._synchronised = False
        self._actions.append(Failed(error))
