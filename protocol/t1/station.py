"""What one end of a T=1 link remembers, and the operations that the rules of the table are made of.

A public method without a result is what some rule does; one that returns an Event decides what follows. Which
of them runs in which state is for the table alone to say. Source: ISO/IEC 7816-3 §11.6.
"""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.errors import ExchangeAbandoned, LinkError, LinkProtocolError, NoAnswer
from tla_sim.protocol.t1.actions import (
    Aborted,
    Action,
    Failed,
    LinkSettings,
    MessageReceived,
    Resynchronised,
    Role,
    SendBytes,
    WaitExtended,
    reverse_nad,
)
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
from tla_sim.protocol.t1.states import Event, State
from tla_sim.protocol.t1.waits import Waits

SILENCE_WEIGHS: Final = 4
"""How many bad blocks a silence counts as: those at least show that the peer is there. At a bit error rate of
1e-4 one long block in five is bad, so six bad ones in a row would happen in one round of two hundred."""

_MORE_TIME: Final = b"\x01"
_INFORMATION: Final = {
    (number, more): Information(number, more) for number in (0, 1) for more in (False, True)
}
_NO_BLOCK: Final = Block(0, Ready(0, Fault.NONE))


class Station:
    """Numbers, chains, the request under way and the tries of one end; its actions collect in `actions`.

    `now` is the time of the event, `block` the block that came last, `fault` what was wrong with it.
    """

    def __init__(self, role: Role, settings: LinkSettings | None, nad: int | None) -> None:
        self.is_workstation = role is Role.WORKSTATION
        self.now = 0
        self.block = _NO_BLOCK
        self.fault = Fault.NONE
        self.settings = settings or LinkSettings()
        self.nad = nad if nad is not None else 0x21 if self.is_workstation else 0x12
        self.cutter = BlockCutter(self.settings.edc)
        self.waits = Waits(self.settings)
        self.actions: list[Action] = []
        self.heard = False
        self.acquainted = False
        self.silences = 0
        self._length = BlockLength()
        self._tries = 0
        self._repeats = 0
        self._longer = 0
        self._asked_again = False
        self.about = Supervision.RESYNCH
        self.asked = b""
        self._start_afresh()
        if self.is_workstation:
            self.stage = State.APART

    def _start_afresh(self) -> None:
        self.send_number = 0
        self.receive_number = 0
        self.has_sent = False
        self._last = _NO_BLOCK
        self._peer_ifs = INITIAL_IFS
        self._ifs_offered = False
        self._drop_exchange()

    def _drop_exchange(self) -> None:
        self.stage = State.IDLE
        self.request: State | None = None
        self.abort_wanted = False
        self.outgoing: bytes | None = None
        self.incoming = bytearray()
        self.ask_time_at: int | None = None
        self.waits.expect_nothing()
        self._sent = 0
        self._failure: LinkError | None = None

    def begin(self) -> None:
        """Start the clocks and counts of a new exchange at the workstation."""
        self._tries = 0
        self.heard = False
        self.silences = 0
        self.waits.begin_exchange(self.now)
        self.cutter.clear()

    # What follows.

    def our_turn(self) -> Event:
        """Decide what we send, now that it is our turn."""
        if not self._ifs_offered and self.settings.announces_ifs:
            return Event.SIZE_DUE
        if self.abort_wanted:
            return Event.ABORT_DUE
        if self.stage is State.RECEIVING:
            return Event.ACKNOWLEDGEMENT_DUE
        if self.outgoing is not None:
            return self._cut(self.outgoing)
        return Event.ANSWER_DUE

    def _cut(self, outgoing: bytes) -> Event:
        """Cut the next block off the message. N(S) moves here and nowhere else.

        A repeated block is not cut again: it keeps its number, by which a peer that has it recognises it.
        """
        if self.has_sent and not self._repeats:
            self._length.note_arrival()
        start = self._sent
        self._sent = end = start + self._length.of(self._peer_ifs)
        more = end < len(outgoing)
        self._last = Block(self.nad, _INFORMATION[self.send_number, more], outgoing[start:end])
        self.has_sent = True
        self.send_number ^= 1
        self._repeats = 0
        return Event.MORE_DUE if more else Event.LAST_DUE

    def another_try(self) -> Event:
        """Count something bad that came, and decide whether a try is left."""
        return self._try_again(1)

    def another_silence(self) -> Event:
        """Count a silence, which weighs more, and decide whether a try is left."""
        return self._try_again(SILENCE_WEIGHS)

    def _try_again(self, weight: int) -> Event:
        self._tries += weight
        spent = self._tries >= SILENCE_WEIGHS * self.settings.attempts
        return Event.TRIES_SPENT if spent else Event.TRY_LEFT

    def another_repetition(self) -> Event:
        """Count a block of ours that was lost, and make the next ones shorter.

        The peer is alive, so its tries start again from zero. The repetitions have their own bound, since a
        peer that loses the same block for ever is useless; only the workstation can act on that.
        """
        self._tries = 0
        self._repeats += 1
        self._length.note_loss()
        spent = self.is_workstation and self._repeats > SILENCE_WEIGHS * self.settings.attempts
        return Event.TRIES_SPENT if spent else Event.REPETITION_DUE

    def another_request(self) -> Event:
        """Count a request of the peer. Each extends the wait, so they must not go on for ever."""
        beyond = self.waits.expecting and self.waits.too_many_replies()
        return Event.OUT_OF_TIME if beyond else Event.REPLY_DUE

    def judge_silence(self) -> Event:
        """Decide what a silence means while an answer is due.

        A reader heard before may only be stopped for a while: where one more silence would end its session,
        the wait is longer. Not in a size exchange, which some readers lack and which can be done without.
        """
        if self.waits.is_exhausted(self.now):
            return Event.OUT_OF_TIME
        self.silences += 1
        patient = self.silences >= self.settings.attempts and self.request is not State.SIZING
        self._longer = self.waits.longer_wait(self.now) if self.acquainted and patient else 0
        return Event.STILL_SILENT if self._longer else Event.SILENCE

    # What rules do.

    def forget_tries(self) -> None:
        """Count the tries from zero again: something valid came."""
        self._tries = 0

    def send_block(self) -> None:
        """Send the block that was cut."""
        self.waits.note_progress(len(self._last.inf))
        self._put(self._last, 1)

    def send_last_block(self) -> None:
        """Send the block that was cut, with which the message is out."""
        # In this order: dropping the exchange would end the wait that sending starts. `_last` is kept, since
        # the peer may ask for it again.
        self._drop_exchange()
        self.send_block()

    def send_block_again(self) -> None:
        """Send the last I-block once more, unchanged."""
        self._emit(self._last.control, self._last.inf)

    def send_ready(self) -> None:
        """Send an R-block with the number of the I-block that we expect and what was wrong."""
        self._emit(Ready(self.receive_number, self.fault))

    def ask_patiently(self) -> None:
        """Send an R-block, and wait longer than the block waiting time."""
        self._emit(Ready(self.receive_number, Fault.OTHER), wait=self._longer)

    def acknowledge(self) -> None:
        """Send an R-block that lets the peer's chain go on."""
        self._emit(Ready(self.receive_number, Fault.NONE))

    def ask_to_resynchronise(self) -> None:
        """Send S(RESYNCH request)."""
        self._tries = 0
        self._ask(Supervision.RESYNCH)

    def ask_size(self) -> None:
        """Send S(IFS request)."""
        self._ifs_offered = True
        self._ask(Supervision.IFS, bytes((self.settings.ifs,)))

    def ask_to_abort(self) -> None:
        """Send S(ABORT request)."""
        self._ask(Supervision.ABORT)

    def ask_time(self) -> None:
        """Send S(WTX request)."""
        self._ask(Supervision.WTX, _MORE_TIME)

    def _ask(self, about: Supervision, inf: bytes = b"") -> None:
        self.about, self.asked, self._asked_again = about, inf, False
        self.ask_time_at = None
        if not self.is_workstation:
            self._tries = 0
        self.ask_again()

    def ask_again(self) -> None:
        """Send the request once more."""
        self._emit(Supervisory(self.about, False), self.asked)

    def ask_again_patiently(self) -> None:
        """Send the request once more, and wait longer than the block waiting time."""
        self._emit(Supervisory(self.about, False), self.asked, self._longer)

    def ask_once_more(self) -> None:
        """Send the request once more, but only the first time.

        An R-block may be an old one that was on its way when we asked, and a second one tells no more than
        the first. From then on the clock decides, or each old block on the line would cost another request.
        """
        if not self._asked_again:
            self._asked_again = True
            self.ask_again()

    def end_request(self) -> None:
        """End a request that was answered."""
        self._tries = 0
        self.do_without()

    def do_without(self) -> None:
        """End a request without an answer."""
        self.waits.expect_nothing()

    def start_clock(self) -> None:
        """Arrange to ask for more time when half of the block waiting time is over."""
        self.ask_time_at = self.now + self.settings.block_wait // 2

    def take(self) -> None:
        """Take what an I-block carries; N(R) moves here and nowhere else."""
        inf = self.block.inf
        self.incoming += inf
        self._tries = 0
        self.receive_number ^= 1
        self.waits.note_progress(len(inf))

    def hand_over_answer(self) -> None:
        """Take the last block of the answer, and end the exchange with it."""
        self.actions.append(self._whole())

    def hand_over_command(self) -> None:
        """Take the last block of a command, and hand it over unless the owner gave it up meanwhile."""
        abandoned = self.abort_wanted
        command = self._whole()
        if not abandoned:
            self.actions.append(command)
        self.abort_wanted = abandoned

    def _whole(self) -> MessageReceived:
        self.take()
        message = MessageReceived(self.block.nad, bytes(self.incoming))
        self._drop_exchange()
        return message

    def refuse_chain(self) -> None:
        """Take the block of a message that is too long, and drop the message."""
        # Taken all the same: the abort that follows answers this block, so its number has to count.
        self.take()
        self.incoming.clear()
        self._failure = self._too_long()

    def fail_for_length(self) -> None:
        """Fail because the answer is too long."""
        self._fail(self._too_long())

    def _too_long(self) -> LinkError:
        most = self.settings.longest_message
        return LinkProtocolError(
            "The message is longer than {most} bytes", "Check the reader's version", most=most
        )

    def fail_for_waiting(self) -> None:
        """Fail because the reader was silent, or asked for time, as long as an exchange may take."""
        if not self.heard:
            self._fail(_no_answer())
            return
        self._fail(
            NoAnswer(
                "The reader kept asking for time; an exchange may wait {seconds} s at most",
                "Switch the reader off and on, then try again",
                seconds=self.settings.longest_wait // 1000,
            )
        )

    def fail_for_silence(self) -> None:
        """Fail because the reader did not resynchronise."""
        self._fail(
            LinkProtocolError("The reader does not resynchronise", "Check the cable, then try again")
            if self.heard
            else _no_answer()
        )

    def _fail(self, error: LinkError) -> None:
        self._start_afresh()
        self.actions.append(Failed(error))

    def note_abort(self) -> None:
        """Remember that the owner gave the exchange up."""
        self.abort_wanted = True

    def note_size(self) -> None:
        """Remember how many bytes the peer takes in one block."""
        self._peer_ifs = self.block.inf[0]

    def reply(self) -> None:
        """Answer a request with a response that carries the same INF."""
        # Read before the response is sent, which starts a wait that only an exchange under way is to keep.
        control, under_way = self.block.control, self.waits.expecting
        if not isinstance(control, Supervisory):
            return
        about, inf = control.about, self.block.inf
        wait = inf[0] if about is Supervision.WTX else 1
        self._emit(Supervisory(about, True), inf, wait)
        if not under_way:
            self.waits.expect_nothing()
        elif about is Supervision.WTX:
            self.actions.append(WaitExtended(wait))

    def start_afresh(self) -> None:
        """Obey a resynchronisation: forget the session, then answer the node that asked."""
        self._forget_command()
        self._start_afresh()
        self.nad = reverse_nad(self.block.nad)
        self.reply()
        self.actions.append(Resynchronised())

    def give_up(self) -> None:
        """Obey an abort: forget the exchange."""
        self.agree_to_idle_abort()
        error = ExchangeAbandoned("The reader abandoned the exchange", "Start the operation again")
        self.actions.append(Failed(error) if self.is_workstation else Aborted())

    def agree_to_idle_abort(self) -> None:
        """Answer an abort when there is nothing to give up."""
        self._forget_command()
        self._drop_exchange()
        self.reply()

    def _forget_command(self) -> None:
        """Take back a command that the reader's owner has not been handed yet."""
        if not self.is_workstation:
            self.actions = [action for action in self.actions if not isinstance(action, MessageReceived)]

    def end_aborted(self) -> None:
        """End the exchange that was given up. The reader's R-block hands back the right to send."""
        failure = self._failure or ExchangeAbandoned("The exchange was aborted", "Start it again")
        self._drop_exchange()
        self.actions.append(Failed(failure) if self.is_workstation else Aborted())
        if not self.is_workstation:
            self.acknowledge()

    def end_resynchronised(self) -> None:
        """Start afresh, as both ends have agreed."""
        self._tries = 0
        self._start_afresh()
        self.actions.append(Resynchronised())

    def end_resynchronised_with_command(self) -> None:
        """Start afresh, and keep the command that is to be sent, or was given up meanwhile."""
        outgoing, abandoned = self.outgoing, self.abort_wanted
        self.end_resynchronised()
        self.outgoing, self.abort_wanted = outgoing, abandoned

    def end_resynchronised_in_exchange(self) -> None:
        """Start afresh and fail the exchange under way; whether it was carried out is unknown."""
        failure = self._failure
        self.end_resynchronised()
        self.actions.append(
            Failed(failure or ExchangeAbandoned("The line failed and was resynchronised", "Start again"))
        )

    def _emit(self, control: Control, inf: bytes = b"", wait: int = 1) -> None:
        self._put(Block(self.nad, control, inf), wait)

    def _put(self, block: Block, wait: int) -> None:
        raw = block.build(self.settings.edc)
        self.actions.append(SendBytes(raw))
        if self.is_workstation:
            self.waits.expect_answer(len(raw), self.now, wait)


def _no_answer() -> LinkError:
    return NoAnswer("The reader does not answer", "Check that it is on and connected")
