"""Leading a reader to another moment, by a cold image and the inputs since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tla_sim.protocol.errors import TlaError
from tla_sim.tools.simulator.history.cold_image import ColdImage
from tla_sim.tools.simulator.history.inputs import Input
from tla_sim.tools.simulator.history.replay import do_again
from tla_sim.tools.simulator.history.shown import Shown
from tla_sim.tools.simulator.history.tapes import HistoryDiverged, Tapes

if TYPE_CHECKING:
    from tla_sim.reader_fw.cards.image import CardImage
    from tla_sim.tools.simulator.history.recorded_reader import RecordedReader


@dataclass(frozen=True)
class Journey:
    """Where a replay begins, what is done again, and what must show at the end, if that is known."""

    cold: ColdImage
    inputs: Iterable[Input]
    tapes: Tapes
    shown: Shown | None = None


def travel(reader: RecordedReader, journey: Journey) -> None:
    """Lead a reader to the end of a journey, in place, without its observers.

    Nothing is written to its files before the end, and then once what has changed. Raises HistoryDiverged,
    CodecError, CardImageRefused or UnknownProfile: the reader then is as if its power had failed.
    """
    present, tapes = reader.freeze(with_flash=False), reader.tapes
    memories = reader.chips.memories
    plugged = reader.ports
    reader.inside = True
    reader.power_off()
    reader.quieten(True)
    try:
        with reader.board.flash.lifted():
            _replay(reader, journey)
    except BaseException as error:
        reader.play(None)
        reader.thaw(present)
        reader.give_up(tapes)
        # What a file holds may contradict itself in more ways than can be foreseen.
        if isinstance(error, ArithmeticError | LookupError | TypeError | ValueError) and not isinstance(
            error, TlaError
        ):
            raise HistoryDiverged from None
        raise
    finally:
        reader.quieten(False)
        reader.inside = False
    reader.play(None)
    reader.displace(plugged)
    _save_changed(reader, memories)
    reader.tell_ended()


def _replay(reader: RecordedReader, journey: Journey) -> None:
    reader.thaw(journey.cold)
    reader.play(journey.tapes)
    for each in journey.inputs:
        do_again(reader, each)
    if reader.codes.overrun or (journey.shown is not None and journey.shown != Shown.of(reader)):
        raise HistoryDiverged


def _save_changed(reader: RecordedReader, memories: dict[int, CardImage]) -> None:
    """Write the memories of the cards that have changed, those known at this moment last."""
    known = reader.chips.names
    order = sorted(reader.chips.memories.items(), key=lambda chip: (chip[0] in known, chip[0]))
    for number, image in order:
        if memories.get(number) != image:
            reader.settle(number)
