"""T=1 as a pure state machine, for either end of the link.

It is given bytes and the time (integer milliseconds of any clock) and returns actions; it never blocks,
reads no clock and holds at most one incoming message, one outgoing message and one block. Call `tick` when
`wake_at` has come. Input that arrived before a deadline must be handed in before the tick of that deadline.

Source: ISO/IEC 7816-3 §11.6. Two choices are ours: a block already received is passed over in silence, since
the workstation asks again by itself; and the answer to a bad block waits until the line is silent.

Messages arrive whole, right and once on any line that keeps their order and whose round trip stays below the
block waiting time. T=1 gives a resynchronisation no number, so an older answer that comes in later than that
can pass for the new one: after a failure, reopen a line that may hold bytes back.
"""

from __future__ import annotations

from tla_sim.protocol.errors import ExchangeAbandoned, LinkProtocolError
from tla_sim.protocol.t1.actions import (
    Aborted,
    Action,
    Failed,
    MessageReceived,
    Resynchronised,
    WaitExtended,
    reversed_nad,
)
from tla_sim.protocol.t1.block import MAX_IFS, Block, Fault, Information, Ready, Supervision, Supervisory
from tla_sim.protocol.t1.station import SILENCE_WEIGHS, Phase, Station


class OutOfTurn(RuntimeError):
    """The owner of the machine asked for something that its state does not allow: a mistake in the caller."""


class T1(Station):
    """One end of a T=1 link.

    Every `send` of a workstation ends in exactly one MessageReceived or Failed. A reader calls `send` once
    for each MessageReceived, unless Aborted or Resynchronised comes first. Carry actions out in their order.
    """

    @property
    def working(self) -> bool:
        """Whether the reader owes an answer, so that `send` is in turn."""
        return self._phase is Phase.WORKING and self._outgoing is None and not self._abort_wanted

    @property
    def wake_at(self) -> int | None:
        """When to call `tick`, `None` when only bytes can make something happen."""
        waits = self._waits.wake_at
        if waits is None or self._ask_time_at is None:
            return self._ask_time_at if waits is None else waits
        return min(waits, self._ask_time_at)

    def await_resynchronisation(self) -> None:
        """At a reader's end whose cable was just plugged in: hear nothing before a resynchronisation.

        Otherwise the rest of a message whose start went to the time before would pass for a whole one.
        """
        self._deaf = True

    def connect(self, now: int) -> list[Action]:
        """Resynchronise before anything is sent, to see whether a reader answers; Resynchronised or Failed.

        `send` does it by itself where needed. Raises OutOfTurn at the reader's end or inside an exchange.
        """
        if not self._host or not self.idle:
            raise OutOfTurn("Only an idle workstation connects")
        self._begin(now)
        self._resynchronise(now)
        return self._take_actions()

    def send(self, data: bytes, now: int, nad: int | None = None) -> list[Action]:
        """Send one message: the workstation a command to node `nad >> 4`, the reader its answer.

        Raises OutOfTurn when an exchange is under way (workstation) or no command waits (reader).
        """
        if self._host:
            if not self.idle:
                raise OutOfTurn("The exchange before this one has not ended")
            self._begin(now)
            self._nad = self._nad if nad is None else nad
            self._outgoing = data
            if self._synchronised:
                self._take_turn(now)
            else:
                self._resynchronise(now)
        else:
            if not self.working:
                raise OutOfTurn("There is no command to answer")
            self._outgoing = data
            self._ask_time_at = None
            if self._asking is None:
                self._take_turn(now)
        return self._take_actions()

    def abort(self, now: int) -> list[Action]:
        """Give up the exchange under way at our next turn; nothing happens when there is none.

        It ends in Failed(ExchangeAbandoned) at the workstation and Aborted at the reader. An answer that
        reaches the workstation first is delivered.
        """
        if self._phase is not Phase.IDLE:
            self._abort_wanted = True
            if self._phase is Phase.WORKING and self._asking is None:
                self._take_turn(now)
        return self._take_actions()

    def receive(self, data: bytes, now: int) -> list[Action]:
        """Take bytes from the line, in pieces of any size."""
        self._silences = 0
        for block in self._cutter.feed(data):
            self._heard = self._acquainted = True
            control = block.control
            if self._deaf:
                if not isinstance(control, Supervisory) or control != Supervisory(Supervision.RESYNCH, False):
                    continue
                self._deaf = False
            if isinstance(control, Information):
                self._on_information(block, control, now)
            elif isinstance(control, Ready):
                self._on_ready(control, now)
            elif control.response:
                self._on_response(block, control, now)
            else:
                self._on_request(block, control, now)
        self._waits.heard(self._cutter.gap, now)
        return self._take_actions()

    def tick(self, now: int) -> list[Action]:
        """Let time pass up to `now`."""
        due = self._waits.character_due
        if due is not None and now >= due:
            self._waits.settle()
            self._on_fault(self._cutter.silence(), now)
        due = self._waits.answer_due
        if due is not None and now >= due:
            self._waits.settle()
            self._cutter.clear()
            if self._waits.exhausted(now):
                self._fail_for_waiting()
            elif not self._bear_silence(now):
                self._retry(Fault.OTHER, now, SILENCE_WEIGHS)
        if self._ask_time_at is not None and now >= self._ask_time_at:
            self._ask(Supervision.WTX, now, b"\x01")
        return self._take_actions()

    def _begin(self, now: int) -> None:
        self._tries = 0
        self._heard = False
        self._silences = 0
        self._waits.begin_exchange(now)
        self._cutter.clear()

    def _on_information(self, block: Block, control: Information, now: int) -> None:
        if control.number != self._receive_number:
            return
        if self._host:
            if self._phase is Phase.IDLE or self._asking is not None:
                return
        elif self._phase in (Phase.WORKING, Phase.SENDING):
            return
        first = self._phase is not Phase.RECEIVING
        if not self._host and first:
            self._nad = reversed_nad(block.nad)
        if block.nad != reversed_nad(self._nad) or (control.more and not block.inf):
            self._on_fault(Fault.OTHER, now)
            return
        self._tries = 0
        self._asking = None
        self._receive_number ^= 1
        self._waits.progress(len(block.inf))
        if len(self._incoming) + len(block.inf) > self._settings.longest_message:
            self._refuse_too_long(control.more, now)
            return
        self._incoming += block.inf
        if control.more:
            self._phase = Phase.RECEIVING
            self._take_turn(now)
        else:
            self._deliver(block.nad, now)

    def _deliver(self, nad: int, now: int) -> None:
        message = MessageReceived(nad, bytes(self._incoming))
        abandoned = self._abort_wanted and not self._host
        self._drop_exchange()
        if not abandoned:
            self._actions.append(message)
        if not self._host:
            self._abort_wanted = abandoned
            self._phase = Phase.WORKING
            self._take_turn(now)

    def _refuse_too_long(self, more: bool, now: int) -> None:
        limit = self._settings.longest_message
        failure = LinkProtocolError(
            "The message is longer than {most} bytes", "Check the reader's version", most=limit
        )
        if self._host and not more:
            self._fail(failure)
            return
        self._incoming.clear()
        self._failure = failure
        self._phase = Phase.RECEIVING
        self._ask(Supervision.ABORT, now)

    def _on_ready(self, control: Ready, now: int) -> None:
        acknowledged = control.number == self._send_number
        if self._asking is Supervision.RESYNCH:
            # It may be an old one: ask again once without counting it, then let the clock decide.
            if not self._asked_again:
                self._asked_again = True
                self._ask_again(now)
        elif self._asking is not None:
            self._retry(Fault.NONE, now)
        elif self._phase is Phase.SENDING:
            if acknowledged:
                self._tries = 0
                self._take_turn(now)
            else:
                self._repeat(now)
        elif self._phase is Phase.WAITING:
            if not acknowledged:
                self._repeat(now)
        elif self._phase is Phase.RECEIVING:
            self._retry(Fault.NONE, now)
        elif self._phase is Phase.WORKING:
            self._ask(Supervision.WTX, now, b"\x01")
        elif not self._host:
            if acknowledged or self._last is None:
                self._send_ready(Fault.NONE, now)
            else:
                self._repeat(now)

    def _on_request(self, block: Block, control: Supervisory, now: int) -> None:
        if self._host and not self._synchronised:
            return
        if not self._host and self._phase is Phase.IDLE:
            self._nad = reversed_nad(block.nad)
        about = control.about
        if about is Supervision.RESYNCH and not self._host:
            self._forget_command()
            self._start_afresh()
            self._nad = reversed_nad(block.nad)
            self._reply(block, about, now)
            self._actions.append(Resynchronised())
        elif about is Supervision.IFS and 1 <= block.inf[0] <= MAX_IFS:
            self._peer_ifs = block.inf[0]
            self._reply(block, about, now)
        elif about is Supervision.ABORT:
            self._on_abort(block, now)
        elif about is Supervision.WTX and self._host and block.inf[0]:
            self._on_wait_asked(block, now)
        else:
            self._on_fault(Fault.OTHER, now)

    def _forget_command(self) -> None:
        """A reader that has not yet been handed its command need not begin it."""
        if not self._host:
            self._actions = [action for action in self._actions if not isinstance(action, MessageReceived)]

    def _reply(self, request: Block, about: Supervision, now: int, wait: int = 1) -> None:
        under_way = self._waits.expecting
        if under_way and self._waits.too_many_replies():
            self._fail_for_waiting()
            return
        self._emit(Supervisory(about, True), now, request.inf, wait)
        if not under_way:
            self._waits.expect_nothing()

    def _on_abort(self, block: Block, now: int) -> None:
        idle = self.idle
        self._forget_command()
        self._drop_exchange()
        self._reply(block, Supervision.ABORT, now)
        if not idle:
            error = ExchangeAbandoned("The reader abandoned the exchange", "Start the operation again")
            self._actions.append(Failed(error) if self._host else Aborted())

    def _on_wait_asked(self, block: Block, now: int) -> None:
        if self._phase is Phase.IDLE or self._asking is not None:
            return
        if self._abort_wanted:
            self._take_turn(now)
            return
        self._tries = 0
        self._reply(block, Supervision.WTX, now, wait=block.inf[0])
        if self._waits.expecting:
            self._actions.append(WaitExtended(block.inf[0]))

    def _on_response(self, block: Block, control: Supervisory, now: int) -> None:
        if control.about is not self._asking:
            return
        if block.inf != self._asked:
            self._retry(Fault.OTHER, now)
        elif self._asking is Supervision.RESYNCH:
            self._on_resynchronised(now)
        elif self._asking is Supervision.ABORT:
            failure = self._failure or ExchangeAbandoned("The exchange was aborted", "Start it again")
            self._drop_exchange()
            self._actions.append(Failed(failure) if self._host else Aborted())
            if not self._host:
                self._send_ready(Fault.NONE, now)
        else:
            self._tries = 0
            self._go_on_after_request(now)

    def _on_resynchronised(self, now: int) -> None:
        outgoing, failure, under_way = self._outgoing, self._failure, self._phase is not Phase.IDLE
        self._start_afresh()
        self._synchronised = True
        self._tries = 0
        self._actions.append(Resynchronised())
        if under_way:
            abandoned = ExchangeAbandoned("The line failed and was resynchronised", "Start again")
            self._actions.append(Failed(failure or abandoned))
        elif outgoing is not None:
            self._outgoing = outgoing
            self._take_turn(now)

    def _on_fault(self, fault: Fault, now: int) -> None:
        """What came was no block, or no block that is right here."""
        if self._deaf:
            return
        quiet = not self._waits.expecting if self._host else self._phase is Phase.WORKING
        if not quiet or (self._asking is not None and not self._host):
            self._retry(fault, now)
