"""A code planted wherever a command can hold one is in no trace, whoever writes it and whoever reads it."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from tests.tools.capture.levels.planted_codes import BCD, DIGITS, OTHER_DIGITS, code_command
from tests.tools.cli.command_line import tla
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.trace import MAGIC, TraceRecord
from tla_sim.tools.capture.pcapng_tracer import PcapngTracer
from tla_sim.tools.capture.record_tracer import RecordTracer
from tla_sim.tools.capture.tracer import SeveralTracers
from tla_sim.tools.capture.transport_tap import TracedTransport
from tla_sim.tools.simulator.simulated_reader import SimulatedReader

SEED: Final = 20190305
LEVELS: Final = ("t1", "ccid", "vpcd")
NOISE: Final = f"seed={SEED},line.bits:1e-3,line.drop:3e-4,line.double:3e-4"
TOLD: Final = (DIGITS.decode(), OTHER_DIGITS.decode(), BCD.hex(), DIGITS.hex(), OTHER_DIGITS.hex())


def holds_code(raw: bytes) -> bool:
    """Whether five digits of a code in a row are in these bytes, or most of one in BCD.

    Three of them are in the numbers that a card answers.
    """
    return BCD[:4] in raw or any(
        code[at : at + 5] in raw for code in (DIGITS, OTHER_DIGITS) for at in range(len(code) - 4)
    )


def trying(act: Callable[[], object]) -> None:
    """Do something that may well be refused, or fail on a noisy line."""
    with suppress(TlaError):
        act()


def plant(reader: SimulatedReader, link: str, host: io.BytesIO, records: io.BytesIO) -> None:
    """Send codes to every addressee over one link in every form, and have them typed at the reader."""
    rng = random.Random(f"{SEED} {link}")
    tracer = SeveralTracers(PcapngTracer(host.write), RecordTracer(records.write))
    transport = TracedTransport(reader.transport(link, baud=None), tracer, lambda: 0)
    reader.insert_vitale("MARTIN")
    client = reader.client(link, baud=None)
    for digits in (DIGITS.decode(), OTHER_DIGITS.decode()):
        reader.insert_ps("PIQURE2969")
        trying(partial(client.verify_code, digits))
    reader.insert_ps("TOUBIB")
    reader.add_rule("CODE PORTEUR", keys=[DIGITS.decode(), "VAL"])
    trying(client.verify_code_at_reader)
    for _ in range(60):
        trying(partial(transport.transmit, code_command(rng), rng.choice([*Lad])))
    transport.close()


@pytest.mark.parametrize("faults", ["", NOISE], ids=["quiet", "noisy"])
@pytest.mark.parametrize("link", ["memory", "serial", "ccid", "vpcd"])
def test_no_trace_and_nothing_made_of_it_has_a_code(tmp_path: Path, link: str, faults: str) -> None:
    seen, host, records = tmp_path / "reader.pcapng", io.BytesIO(), io.BytesIO()
    with SimulatedReader.in_memory(seed=SEED, faults=faults, trace=seen, levels=LEVELS) as reader:
        plant(reader, link, host, records)
    files = {"host.pcapng": host.getvalue(), "host.trace": records.getvalue()}
    for name, raw in files.items():
        (tmp_path / name).write_bytes(raw)
    texts = []
    for source, target in (
        (seen, tmp_path / "reader.trace"),
        (tmp_path / "host.pcapng", tmp_path / "converted.trace"),
        (tmp_path / "host.trace", tmp_path / "converted.pcapng"),
    ):
        done = tla("trace", "convert", source, target)
        assert done.exit_code == 0, done.stderr
        texts.append(done.output)
    for file in sorted(tmp_path.iterdir()):
        assert not holds_code(file.read_bytes()), file.name
        assert file.stat().st_size > len(MAGIC)
        for options in ((), ("--json",)):
            texts.append(tla("trace", "decode", file, *options).output)
    texts.append(tla("trace", "diff", tmp_path / "host.pcapng", seen, "--all", "--json").output)
    for text in texts:
        assert not any(code in text.lower() for code in TOLD)


def test_what_others_wrote_with_a_code_is_blanked_when_it_is_read(tmp_path: Path) -> None:
    rng = random.Random(SEED)
    file, back = tmp_path / "foreign.trace", tmp_path / "foreign.pcapng"
    records = []
    for _ in range(40):
        command = code_command(rng)
        record = TraceRecord(0, Lad.PS, b"\0" * len(command), b"\x90\x00").build()
        records.append(record[: -len(command) - 2] + command + b"\x90\x00")
    file.write_bytes(MAGIC + b"".join(records))
    assert holds_code(file.read_bytes())
    assert tla("trace", "convert", file, back).exit_code == 0
    assert not holds_code(back.read_bytes())
    for read in (file, back):
        text = tla("trace", "decode", read, "--json").output
        assert not any(code in text.lower() for code in TOLD)
