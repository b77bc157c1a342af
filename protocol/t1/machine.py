"""T=1 as a pure state machine, for either end of the link.

It takes bytes and the time (integer milliseconds of any clock) and returns actions. It never blocks, reads no
clock, and holds at most one incoming message, one outgoing message and one block. Call `tick` when `wake_at`
has come. Hand in what arrived before a deadline before the tick of that deadline.

The machine tells what happened, `tla_sim.protocol.t1.table` tells what follows, the station carries it out.

Source: ISO/IEC 7816-3 §11.6. Two choices are ours: a block already received is ignored, since the workstation
asks again by itself; and the answer to a bad block waits until the line is silent.

Messages arrive whole, unaltered and once on any line that keeps their order and whose round trip stays below
the block waiting time. A resynchronisation in T=1 has no number, so an older answer that is later than that
can pass for the new one: after a failure, reopen a line that may hold bytes back.
"""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.t1.actions import Action, LinkSettings, Role, reverse_nad
from tla_sim.protocol.t1.block import MAX_IFS, Block, Fault, Information, Ready, Supervision, Supervisory
from tla_sim.protocol.t1.states import Event, State
from tla_sim.protocol.t1.station import Station
from tla_sim.protocol.t1.table import steps_of

_STEPS: Final = {role: steps_of(role) for role in Role}


class OutOfTurn(RuntimeError):
    """The caller asked for something that the machine's state does not allow: a programming error."""


class T1:
    """One end of a T=1 link.

    Every `send` of a workstation ends in exactly one MessageReceived or Failed. A reader calls `send` once
    for each MessageReceived, unless Aborted or Resynchronised comes first. Carry actions out in their order.
    """

    def __init__(self, role: Role, settings: LinkSettings | None = None, nad: int | None = None) -> None:
        self._steps = _STEPS[role]
        self._station = Station(role, settings, nad)

    @property
    def idle(self) -> bool:
        """Whether nothing is under way: the workstation may send, or the reader has no command to answer."""
        station = self._station
        return station.request is None and station.stage in (State.IDLE, State.APART)

    @property
    def working(self) -> bool:
        """Whether the reader owes an answer, so that `send` is in turn."""
        station = self._station
        return station.stage is State.WORKING and station.outgoing is None and not station.abort_wanted

    @property
    def wake_at(self) -> int | None:
        """When to call `tick`; `None` while only bytes can make something happen."""
        waits, ask_time_at = self._station.waits.wake_at, self._station.ask_time_at
        if waits is None or ask_time_at is None:
            return ask_time_at if waits is None else waits
        return min(waits, ask_time_at)

    def await_resynchronisation(self) -> None:
        """Ignore everything before a resynchronisation, at a reader's end whose cable was just plugged in.

        Otherwise the rest of a message whose start came before the cable would pass for a whole one.
        """
        self._station.stage = State.APART

    def connect(self, now: int) -> list[Action]:
        """Resynchronise to see whether a reader answers; ends in Resynchronised or Failed.

        `send` does so by itself where needed. Raises OutOfTurn at the reader's end or inside an exchange.
        """
        station = self._station
        if not station.is_workstation or not self.idle:
            raise OutOfTurn("Only an idle workstation connects")
        station.now = now
        station.begin()
        self._happen(Event.CONNECT)
        return self._take_actions()

    def send(self, data: bytes, now: int, nad: int | None = None) -> list[Action]:
        """Send one message: the workstation's command to node `nad >> 4`, or the reader's answer.

        Raises OutOfTurn when an exchange is under way (workstation) or no command waits (reader).
        """
        station = self._station
        station.now = now
        if station.is_workstation:
            if not self.idle:
                raise OutOfTurn("The exchange before this one has not ended")
            station.begin()
            station.nad = station.nad if nad is None else nad
        elif not self.working:
            raise OutOfTurn("There is no command to answer")
        station.outgoing = data
        station.ask_time_at = None
        self._happen(Event.SEND)
        return self._take_actions()

    def abort(self, now: int) -> list[Action]:
        """Give up the exchange under way, if any, as soon as it is our turn to send.

        It ends in Failed(ExchangeAbandoned) at the workstation and Aborted at the reader. An answer that
        reaches the workstation first is delivered.
        """
        self._station.now = now
        self._happen(Event.ABORT)
        return self._take_actions()

    def receive(self, data: bytes, now: int) -> list[Action]:
        """Take bytes from the line, in pieces of any size."""
        station = self._station
        station.now = now
        station.silences = 0
        for block in station.cutter.feed(data):
            station.heard = station.acquainted = True
            station.block = block
            self._happen(self._classify(block))
        station.waits.note_bytes(station.cutter.gap, now)
        return self._take_actions()

    def tick(self, now: int) -> list[Action]:
        """Let time pass up to `now`."""
        station = self._station
        station.now = now
        waits = station.waits
        # Bad bytes come first: to ask for them again moves the deadline of the answer, which is read after.
        due = waits.character_due
        if due is not None and now >= due:
            waits.settle()
            station.fault = station.cutter.silence()
            self._happen(Event.BAD)
        due = waits.answer_due
        if due is not None and now >= due:
            waits.settle()
            station.cutter.clear()
            station.fault = Fault.OTHER
            self._happen(station.judge_silence())
        if station.ask_time_at is not None and now >= station.ask_time_at:
            self._happen(Event.TIME_SHORT)
        return self._take_actions()

    def _take_actions(self) -> list[Action]:
        station = self._station
        actions, station.actions = station.actions, []
        return actions

    def _happen(self, event: Event | None) -> None:
        """Apply the rules to an event, and to each event that follows from it."""
        station, steps = self._station, self._steps
        while event is not None:
            step = None if station.request is None else steps[station.request].get(event)
            does, to, asks, decide, event = steps[station.stage][event] if step is None else step
            if does is not None:
                does(station)
            if asks:
                station.request = to
            elif to is not None:
                station.request = None
                if to is not State.STAGE:
                    station.stage = to
            if decide is not None:
                event = decide(station)

    def _classify(self, block: Block) -> Event:
        """Return which event a block is in the present state."""
        control = block.control
        if isinstance(control, Information):
            return self._information(block, control)
        station = self._station
        if isinstance(control, Ready):
            # The number alone says whether a block is to be repeated (rule 7.1): `send_number` is that of our
            # next I-block, so the other one asks for our last again. The fault in the PCB only says why, and
            # some peers set it in an R-block that merely lets a chain go on. An end that has sent no I-block
            # has none to repeat, whatever the number.
            station.fault = Fault.NONE
            onward = control.number == station.send_number or not station.has_sent
            return Event.ONWARD if onward else Event.REPEAT
        station.fault = Fault.OTHER
        if not control.response:
            return self._request(block, control)
        if station.request is None or control.about is not station.about:
            return Event.STRAY
        if block.inf != station.asked:
            return Event.DISAGREED
        return Event.RESYNCHRONISED if control.about is Supervision.RESYNCH else Event.AGREED

    def _information(self, block: Block, control: Information) -> Event:
        station = self._station
        if control.number != station.receive_number:
            return Event.OLD
        if station.stage is State.IDLE:
            self._answer_to(block)
        more = control.more
        if block.nad != reverse_nad(station.nad) or (more and not block.inf):
            station.fault = Fault.OTHER
            return Event.MISPLACED
        if len(station.incoming) + len(block.inf) > station.settings.longest_message:
            return Event.MORE_TOO_LONG if more else Event.LAST_TOO_LONG
        return Event.MORE if more else Event.LAST

    def _request(self, block: Block, control: Supervisory) -> Event:
        station = self._station
        if station.stage is State.IDLE:
            self._answer_to(block)
        about = control.about
        if about is Supervision.ABORT:
            return Event.ABORT_ASKED
        if about is Supervision.RESYNCH and not station.is_workstation:
            return Event.RESYNCH_ASKED
        if about is Supervision.IFS and 1 <= block.inf[0] <= MAX_IFS:
            return Event.SIZE_ASKED
        if about is Supervision.WTX and station.is_workstation and block.inf[0]:
            return Event.TIME_ASKED_IN_VAIN if station.abort_wanted else Event.TIME_ASKED
        return Event.MISASKED

    def _answer_to(self, block: Block) -> None:
        """Make a reader with nothing under way answer whichever node speaks to it."""
        if not self._station.is_workstation:
            self._station.nad = reverse_nad(block.nad)
