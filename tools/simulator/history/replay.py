"""Doing again what was done to a reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from tla_sim.protocol.errors import CodecError, TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.flash import PowerCut
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.simulator.history.inputs import KEYS, SLOTS, Input, Op, chip_of

if TYPE_CHECKING:
    from tla_sim.tools.simulator.history.input_recorder import InputRecorder

_LADS: Final = tuple(Lad)
_MOST_DRAWN: Final = 16 * 1024 * 1024

_Act = Callable[[], object]


def do_again(reader: InputRecorder, each: Input) -> None:
    """Do an input again. What failed then fails again, which is part of it.

    Raises CodecError for one that nobody can have done to this reader.
    """
    try:
        act = _PREPARE[each.op](reader, each)
    except (LookupError, ValueError, TlaError):
        raise CodecError(
            "The record of what was done to the reader contradicts itself", "Use another snapshot"
        ) from None
    try:
        act()
    except (TlaError, PowerCut):
        return


def _command(reader: InputRecorder, each: Input, name: str) -> _Act:
    return partial(getattr(reader.plugged(each.subject), name), _LADS[each.number], each.data)


def _at_port(name: str) -> Callable[[InputRecorder, Input], _Act]:
    return lambda reader, each: getattr(reader.plugged(each.subject), name)


def _at_card(name: str) -> Callable[[InputRecorder, Input], _Act]:
    return lambda reader, each: partial(getattr(reader.plugged(each.subject), name), _LADS[each.number])


def _protocol(reader: InputRecorder, each: Input) -> _Act:
    port = reader.plugged(each.subject)
    return partial(port.select_protocol, _LADS[each.number & 0xFF], each.number >> 8)


def _draw(reader: InputRecorder, each: Input) -> _Act:
    if each.subject > _MOST_DRAWN:
        raise ValueError(each.subject)
    return partial(reader.board.entropy.take, each.subject)


def _repeat(act: Callable[[int], object], times: int, ms: int) -> None:
    for _ in range(times):
        act(ms)


_PREPARE: Final[Mapping[Op, Callable[[InputRecorder, Input], _Act]]] = {
    Op.ATTACH: lambda reader, each: partial(reader.plug_again, each.subject, each.data.decode()),
    Op.DETACH: lambda reader, each: partial(reader.detach, reader.plugged(each.subject)),
    Op.UNPLUG: lambda reader, _: reader.unplug,
    Op.PRESS: lambda reader, each: partial(reader.press, KEYS[each.subject]),
    Op.CHIP: lambda reader, each: partial(reader.chips.learn, each.subject, *chip_of(each.data)),
    Op.INSERT: lambda reader, each: partial(
        reader.insert, SLOTS[each.subject], reader.chips.card(each.number)
    ),
    Op.REMOVE: lambda reader, each: partial(reader.remove, SLOTS[each.subject]),
    Op.POWER_ON: lambda reader, _: reader.power_on,
    Op.POWER_OFF: lambda reader, _: reader.power_off,
    Op.TICK: lambda reader, each: partial(_repeat, reader.tick, each.subject, each.number),
    Op.FOLLOW: lambda reader, each: partial(_repeat, reader.follow, each.subject, each.number),
    Op.BEGIN: lambda reader, each: _command(reader, each, "begin"),
    Op.EXCHANGE: lambda reader, each: _command(reader, each, "exchange"),
    Op.POLL: _at_port("poll"),
    Op.ABORT: _at_port("abort"),
    Op.RESET: _at_port("reset"),
    Op.CARD_ON: _at_card("power_on"),
    Op.CARD_OFF: _at_card("power_off"),
    Op.PROTOCOL: _protocol,
    Op.BATTERY: lambda reader, each: partial(reader.set_battery, each.subject),
    Op.OPEN_CASE: lambda reader, _: reader.open_case,
    Op.DRAIN: lambda reader, _: reader.drain_clock,
    Op.INJECT: lambda reader, each: partial(reader.inject, FaultPlan.parse(each.data.decode())),
    Op.CLEAR: lambda reader, _: reader.clear_faults,
    Op.DRAW: _draw,
    Op.COMES_BACK: lambda reader, each: partial(reader.let_come_back, each.subject),
    Op.RESTART: lambda reader, _: reader.restart_if_wanted,
    Op.RUB_OUT: lambda reader, _: reader.rub_out,
    Op.CUT: lambda reader, _: reader.cut,
}
