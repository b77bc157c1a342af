"""The runs that the replay is proved on: what happens to a reader, faults and power cuts included."""

from __future__ import annotations

from typing import Final

from tla_sim.host.park.update import update_reader
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.app.software.profile import TLA_1_40
from tla_sim.reader_fw.app.software.profiles import TLA_1_31
from tla_sim.reader_fw.app.software.profiles.factory import image_of
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.invoices import documents
from tla_sim.tools.cast.loading import load
from tla_sim.tools.cast.people import CODE, DOCTOR, NURSE, WRONG_CODE
from tla_sim.tools.faults.kinds import KINDS, TEARS, Counted, Where
from tla_sim.tools.faults.plan import FaultPlan

from .history_kit import Act, Run, World

VERIFY: Final = "0020000108"
IDENTIFY: Final = "8010000000"


def on(world: World) -> None:
    """The switch."""
    world.recorded.power_on()


def off(world: World) -> None:
    """The switch again."""
    world.recorded.power_off()


def put(name: str) -> Act:
    """A card into its slot."""
    return lambda world: world.put(name)


def take(slot: Slot) -> Act:
    """A card out of its slot."""
    return lambda world: world.recorded.remove(slot)


def keys(*legends: str) -> Act:
    """Keys, with the time that a person takes."""

    def act(world: World) -> None:
        for legend in legends:
            world.press(legend)
            world.recorded.tick(200)

    return act


def wait(ms: int, times: int = 1) -> Act:
    """Time."""

    def act(world: World) -> None:
        for _ in range(times):
            world.recorded.follow(ms)

    return act


def push(link: str, owner: str = NURSE, count: int = 2) -> Act:
    """Invoices loaded over a link."""

    def act(world: World) -> None:
        with world.host(link) as client:
            load(client, documents(owner, count))

    return act


def unload(link: str, code: str = CODE) -> Act:
    """A code enciphered by a host, and the card read again."""

    def act(world: World) -> None:
        with world.host(link) as client:
            client.verify_code(code)
            client.read_ps_card()

    return act


def keypad_code(code: str, end: str = "VAL") -> Act:
    """A host asks for a code at the keypad, and somebody types it."""

    def act(world: World) -> None:
        port = world.port()
        port.begin(Lad.LOG_SV, bytes.fromhex("8024000003000000"))
        keys(*code, end)(world)
        world.ask(Lad.LOG_SV, IDENTIFY)

    return act


def raw_code(code: str) -> Act:
    """A code in clear for the card itself, as middleware sends it."""
    return lambda world: world.ask(Lad.PS, VERIFY + block(code))


def change_code(old: str, new: str) -> Act:
    """The code replaced by another."""
    return lambda world: world.ask(Lad.PS, "0024000110" + block(old) + block(new))


def block(code: str) -> str:
    """A code as it travels."""
    return code.encode().ljust(8, b"\xff").hex()


def update(world: World) -> None:
    """New software over a cable."""
    with world.host("memory") as client:
        update_reader(client, image_of(TLA_1_40))


def inject(plan: str) -> Act:
    """Faults from now on."""
    return lambda world: world.recorded.inject(FaultPlan.parse(plan))


CERTIFIED: Final = (keys("VAL", "VAL"), keys(*CODE, "VAL"), keys("VAL"))
VISIT: Final = (put("MARTIN"), put("MAYA"), *CERTIFIED)

RUNS: Final[dict[str, Run]] = {
    "nothing": Run((on, wait(1, 3), wait(3), off, wait(7), on)),
    "a visit": Run((on, push("memory"), *VISIT, take(Slot.VITALE), take(Slot.PS), wait(60_000), off, on)),
    "serial line": Run(
        (on, push("serial", count=1), put("MAYA"), unload("serial"), unload("serial", "9999"))
    ),
    "pc/sc": Run((on, put("MAYA"), put("MARTIN"), unload("ccid"), unload("vpcd"))),
    "codes": Run(
        (
            on,
            put("MAYA"),
            keypad_code(WRONG_CODE),
            keypad_code("12", "ANN"),
            keypad_code("12345678"),
            take(Slot.PS),
            put("MAYA"),
            raw_code(CODE),
            raw_code(WRONG_CODE),
            change_code(CODE, "2468"),
            raw_code("2468"),
            keypad_code("2468"),
            unload("memory", "2468"),
            off,
            on,
            raw_code("2468"),
        )
    ),
    "a blocked card": Run((on, put("PAUL"), *(raw_code(code) for code in ("1", "9999", "8888", CODE)))),
    "a wrong code on a visit": Run(
        (
            on,
            push("memory"),
            put("MAYA"),
            put("MARTIN"),
            keys("VAL", "VAL", *WRONG_CODE, "VAL", "VAL", *CODE, "COR", CODE[-1], "VAL", "VAL"),
        )
    ),
    "an entry given up": Run((on, push("memory"), *VISIT[:3], keys("1", "2"), wait(31_000), keys("VAL"))),
    "swapped cards": Run(
        (
            on,
            put("MAYA"),
            put("PAUL"),
            put("MARTIN"),
            put("DESMAUX"),
            put("MAYA"),
            raw_code(CODE),
            put("PAUL"),
        )
    ),
    "an update": Run((on, push("memory"), update, push("memory", DOCTOR)), profile=TLA_1_31),
    "two hosts": Run(
        (
            on,
            put("MAYA"),
            unload("memory"),
            lambda world: world.ask(Lad.LOG_SV, IDENTIFY, "one"),
            lambda world: world.ask(Lad.LOG_SV, IDENTIFY, "two"),
            lambda world: world.port("one").power_on(Lad.PS),
            lambda world: world.port("one").select_protocol(Lad.PS, 0),
            lambda world: world.ask(Lad.PS, "00A4000C023F00", "one"),
            lambda world: world.port("two").power_off(Lad.PS),
            lambda world: world.port("two").begin(Lad.LOG_SV, bytes.fromhex(IDENTIFY)),
            lambda world: world.port("two").abort(),
            lambda world: world.port("one").reset(),
            lambda world: world.port("one").detach(),
        )
    ),
    "a hard life": Run(
        (
            on,
            lambda world: world.recorded.set_battery(3),
            lambda world: world.random(24),
            lambda world: world.recorded.drain_clock(),
            wait(10),
            inject("ps.mute@2,vitale.slow@0:400,flash.worn@5"),
            put("MAYA"),
            put("MARTIN"),
            push("memory"),
            lambda world: world.recorded.clear_faults(),
            inject("reader.flat@1"),
            lambda world: setattr(world.recorded, "comes_back_ms", 1_000),
            keys("VAL", "VAL", "VAL"),
            wait(500, 4),
            lambda world: world.recorded.open_case(),
            *VISIT,
        )
    ),
}

_USED: Final = (
    on,
    push("memory"),
    *VISIT,
    put("PAUL"),
    unload("memory"),
    off,
    on,
    push("memory", DOCTOR),
    *VISIT,
)


def _with_faults() -> dict[str, Run]:
    """A run for each kind of fault that strikes inside, and for each way to tear a write."""
    runs = {}
    for kind in KINDS.values():
        if kind.where in (Where.LINE, Where.HOST):
            continue
        counts = (0,) if kind.counted is Counted.NOTHING else (1, 7)
        for at in counts:
            plan = f"{kind.name}@{at}" if kind.counted is not Counted.NOTHING else kind.name
            runs[plan] = Run(_USED, plan)
    for tear in TEARS:
        runs[f"cut: {tear}"] = Run(_USED, f"flash.cut@40:{tear}")
    runs["many cuts"] = Run((*_USED, on, *_USED), ",".join(f"flash.cut@{at}" for at in (3, 30, 60, 90)))
    return runs


FAULTY: Final = _with_faults()
