"""APDUs per second through stock pcscd, against null readers; and the cost of serving per APDU."""

from __future__ import annotations

import os
import tempfile
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Final

from tla_sim.protocol.ccid import FrameCutter, Kind, Request, frame_message
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.links.ccid_link import CcidLink
from tla_sim.tools.bench.pcsc_client import time_undisturbed
from tla_sim.tools.bench.pcsc_services import (
    connect_client,
    on_one_processor,
    run_module,
    serve_behind_pcscd,
    wait_for,
)
from tla_sim.tools.bench.pcsc_subject import sample_reader
from tla_sim.tools.bench.report import Figure

SELECT_MF: Final = bytes.fromhex("00A4000C023F00")
READ_CLOCK: Final = bytes.fromhex("80140000000000")

_TURNS: Final = 20
_APDUS: Final = 100


def measure() -> list[Figure]:
    """Measure CCID serial and vpcd against their null responders, in turns; then the serving loop alone."""
    return [
        *_through_pcscd("ccid", card=0.8, log_sv=0.6),
        *_through_pcscd("vpcd", card=0.75, log_sv=0.75),
        *_serving(),
    ]


def _through_pcscd(way: str, card: float, log_sv: float) -> list[Figure]:
    """Measure reader and null responder in many short alternating turns; report the medians.

    Each turn gives the rate of undisturbed exchanges. Behind CCID, Log_SV speaks T=1: the null responder
    repeats one constant block, while our reader runs a whole station.
    """
    found = []
    with (
        on_one_processor(),
        _pair(way) as (ours, null),
        connect_client(ours) as my_client,
        connect_client(null) as bare_client,
    ):
        for lad, apdu, name, target in (
            (Lad.PS, SELECT_MF, "a card", card),
            (Lad.LOG_SV, READ_CLOCK, "Log_SV", log_sv),
        ):
            turns = [
                (my_client.rate(lad, apdu, _APDUS), bare_client.rate(lad, apdu, _APDUS))
                for _ in range(_TURNS)
            ]
            mine, bare = (median(rates) for rates in zip(*turns, strict=True))
            title = f"{'CCID serial' if way == 'ccid' else 'vpcd'}: {name}"
            found.append(Figure(title, mine, "APDU/s", "its null responder", bare, target, False))
    return found


@contextmanager
def _pair(way: str) -> Iterator[tuple[Path, Path]]:
    """Start two services and yield their sockets: one with our reader, one with the null responder."""
    with (
        tempfile.TemporaryDirectory(prefix="tla-bench-") as folder,
        serve_behind_pcscd(way, Path(folder) / "ours", "tla_sim.tools.bench.pcsc_subject") as ours,
        serve_behind_pcscd(way, Path(folder) / "null", "tla_sim.tools.bench.null_responders") as null,
    ):
        yield ours, null


def _serving() -> list[Figure]:
    """Measure one APDU on the pseudo-terminal without pcscd, and the core's share of it by plain calls."""
    with (
        tempfile.TemporaryDirectory(prefix="tla-bench-") as folder,
        run_module("tla_sim.tools.bench.pcsc_subject", "ccid", f"{folder}/ours"),
        run_module("tla_sim.tools.bench.null_responders", "ccid", f"{folder}/null"),
        wait_for(ours := Path(folder) / "ours", null := Path(folder) / "null"),
        _open(ours) as mine_end,
        _open(null) as bare_end,
    ):
        times = [(_exchange(mine_end), _exchange(bare_end)) for _ in range(_TURNS)]
    mine, bare = (median(each) * 1e6 for each in zip(*times, strict=True))
    core = _core() * 1e6
    return [
        Figure("serving loop, an APDU", mine - core, "µs", "a null responder's", bare, 2, True),
        Figure("core, an APDU by plain calls", core, "µs", "a null responder's", bare, 2, True),
    ]


@contextmanager
def _open(path: Path) -> Iterator[int]:
    device = os.open(path, os.O_RDWR | os.O_NOCTTY)
    try:
        tty.setraw(device)
        os.write(device, frame_message(Request(Kind.ICC_POWER_ON, 0, 0).build()))
        heard = FrameCutter(reader=False)
        while not any(isinstance(item, bytes) for item in heard.feed(os.read(device, 4_096))):
            pass
        yield device
    finally:
        os.close(device)


def _exchange(device: int) -> float:
    """Return the seconds of an undisturbed exchange in one turn."""
    frame = frame_message(Request(Kind.XFR_BLOCK, 0, 1, SELECT_MF).build())

    def exchange() -> None:
        os.write(device, frame)
        os.read(device, 4_096)

    return time_undisturbed(exchange, _APDUS)


def _core() -> float:
    reader = sample_reader()
    assert reader.board.slots.card(Slot.PS) is not None
    link = CcidLink(reader.attach("cards"), reader.attach("software"), reader.board.clock)
    link.receive(frame_message(Request(Kind.ICC_POWER_ON, 0, 0).build()))
    frame = frame_message(Request(Kind.XFR_BLOCK, 0, 1, SELECT_MF).build())
    return median(time_undisturbed(lambda: link.receive(frame), _APDUS) for _ in range(_TURNS))
