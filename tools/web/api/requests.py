"""What the API is asked."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Path, Query
from pydantic import BeforeValidator, ConfigDict, Field

from tla_sim.reader_fw.app.software.profiles import PROFILES
from tla_sim.tools.web.api.model import Given
from tla_sim.tools.web.api.named import DeviceWord, SlotWord

NAME: Final = "^[a-z0-9][a-z0-9-]{0,39}$"
MAX_WAIT_MS: Final = 600_000
"""The longest that a request waits, in ms of real time."""
MAX_ADVANCE_MS: Final = 366 * 24 * 3600 * 1000
"""The longest time that passes at once, in ms of the reader's clock."""


def _as_whole(value: object) -> object:
    """Return a number without a fraction as an integer, which it is in JSON Schema."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE: Final = BeforeValidator(_as_whole)
KeyList = Annotated[
    list[Annotated[str, Field(pattern="^([0-9]{1,20}|VAL|ANN|COR|UP|DOWN|MENU)$")]],
    Field(min_length=1, max_length=64, examples=[["VAL", "1234", "VAL"]]),
]
CardText = Annotated[str, Field(min_length=1, max_length=120)]

ReaderName = Annotated[str, Path(pattern=NAME, description="The name of a reader.", examples=["reader-1"])]
CardName = Annotated[str, Path(min_length=1, max_length=120, description="The name of a card in the tray.")]
After = Annotated[int | None, Query(ge=0, le=2**53, description="Only what is newer than this.")]
Timeout = Annotated[
    int, Query(ge=0, le=MAX_WAIT_MS, description="How long to wait for something newer, in ms of real time.")
]


class NewReader(Given):
    """A reader to make, in memory; all that is left out is chosen, the seed as one not used before."""

    name: Annotated[str, Field(pattern=NAME)] | None = None
    profile: Annotated[str, Field(json_schema_extra={"enum": [each.name for each in PROFILES]})] | None = None
    seed: Annotated[int, Field(ge=0, le=2**53), WHOLE] | None = None


class Keys(Given):
    """Keys to press, by their legends: 0 to 9, VAL, ANN, COR, UP, DOWN, MENU; digits may stand together."""

    keys: KeyList


class CardInto(Given):
    """The card to put in: the name of one in the tray, or its holder's last name."""

    card: CardText


class Power(Given):
    """Whether the reader is to be on."""

    on: bool


class Cable(Given):
    """Whether the cable is to be in."""

    plugged: bool


class Battery(Given):
    """The charge of the battery, in percent."""

    percent: Annotated[int, Field(ge=0, le=100), WHOLE]


class NewLink(Given):
    """A link to serve, such as tcp:0, pty:PATH, ccid:PATH or vpcd:HOST:PORT."""

    link: Annotated[str, Field(min_length=1, max_length=400, examples=["tcp:0"])]


class Apdu(Given):
    """A command APDU in hex for Log_SV or the card in a slot. `timeout` is ms of real time."""

    device: DeviceWord
    command: Annotated[str, Field(pattern="^([0-9A-Fa-f]{2})+$", min_length=8, max_length=131_200)]
    timeout: Annotated[int, Field(ge=0, le=MAX_WAIT_MS), WHOLE] = 30_000


class ClockChange(Given):
    """How fast the reader's clock is to go; what is left out stays as it is."""

    rate: Annotated[int, Field(ge=0, le=1000, description="0: skip to whatever is due."), WHOLE] | None = None
    paused: bool | None = None


class Advance(Given):
    """Time that is to pass at once."""

    ms: Annotated[int, Field(ge=0, le=MAX_ADVANCE_MS), WHOLE]


class NewCondition(Given):
    """What to wait for: exactly one of the four."""

    text: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    regexp: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    no_text: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class NewRule(NewCondition):
    """What to do when a screen meets the condition: cards first, then a fault, then keys."""

    keys: KeyList | None = None
    insert: Annotated[dict[SlotWord, CardText], Field(max_length=2)] | None = None
    remove: Annotated[list[SlotWord], Field(max_length=2)] | None = None
    fault: Annotated[str, Field(max_length=1000)] | None = None
    once: bool = False


class NewWait(NewCondition):
    """What to wait for, and how long at most, in ms of the reader's time.

    `exchange` is the name of a command, an instruction as two hex digits, or `any`.
    """

    exchange: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    timeout: Annotated[int, Field(ge=0, le=MAX_ADVANCE_MS), WHOLE] = 30_000


class FaultPlanGiven(Given):
    """Faults to inject, in the notation of `tla explore --faults`, counted from now on."""

    plan: Annotated[str, Field(min_length=1, max_length=1000, examples=["ps.pull@0"])]


class Back(Given):
    """Where to go back to: a revision of the timeline, or a time of the reader's clock."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": [name], "properties": {name: {"type": "integer"}}}
                for name in ("revision", "clock")
            ]
        }
    )

    revision: Annotated[int, Field(ge=0, le=2**53), WHOLE] | None = None
    clock: Annotated[int, Field(ge=0, le=2**53), WHOLE] | None = None


class NewSnapshot(Given):
    """The name of a snapshot to make."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
