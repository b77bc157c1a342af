"""Every parser of what comes from outside takes hostile bytes in bounded memory, and runs none of them."""

from __future__ import annotations

import ast
import tracemalloc
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest

from tla_sim.host.desk.piece_check import check_piece
from tla_sim.host.practice.file import parse_practice
from tla_sim.host.sending.arl import parse_arl
from tla_sim.host.sending.lot_file import read_file
from tla_sim.host.transport.galss.configuration import configuration
from tla_sim.protocol.apdu import CommandApdu, ResponseApdu
from tla_sim.protocol.ccid import Answer, FrameCutter, Request
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.fse import Fse
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.documents.lot import Lot
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.firmware import Image
from tla_sim.protocol.groups.declaration import decode_typed
from tla_sim.protocol.groups.zone import decode_zone, decode_zone_data
from tla_sim.protocol.t1.actions import LinkSettings, Role
from tla_sim.protocol.t1.machine import T1
from tla_sim.protocol.tlv import parse_all
from tla_sim.protocol.trace import read_trace
from tla_sim.reader_fw.board.flash import NorFlash
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.tools.capture.pcapng import interface, read_packets, section_header
from tla_sim.tools.capture.zone_groups import show_zone
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.visit.script import parse_line

ROOT: Final = Path(__file__).parents[2]
SIZE: Final = 1024 * 1024
TIMES: Final = 6
"""So many bytes of memory for a byte of input, and a little to work with, are enough for anybody."""
SLACK: Final = 1024 * 1024
_SEEDS: Final = (b"\x00", b"\xff", b"\x30\x84\x7f\xff\xff\xff", b"[", b'{"a":', b"\x7f", bytes(range(256)))


def t1(raw: bytes) -> None:
    machine = T1(Role.READER, LinkSettings())
    for at in range(0, len(raw), 65_536):
        machine.receive(raw[at : at + 65_536], 0)


def ccid(raw: bytes) -> None:
    for reader in (True, False):
        cutter = FrameCutter(reader=reader)
        for at in range(0, SIZE // 16, 65_536):
            cutter.feed(raw[at : at + 65_536])


def every_request(raw: bytes) -> None:
    for command in COMMANDS:
        for record in (command.request, command.response):
            try:
                record.parse(raw[:70_000])
            except TlaError:
                continue


PARSERS: Final[dict[str, Callable[[bytes], object]]] = {
    "command APDU": CommandApdu.parse,
    "response APDU": ResponseApdu.parse,
    "requests and answers": every_request,
    "TLV": parse_all,
    "T=1 line": t1,
    "FSE": Fse.parse,
    "invoice": PreparedInvoice.parse,
    "groups": decode_typed,
    "memory zone": decode_zone,
    "groups of a memory zone": decode_zone_data,
    "certificate": TrustAnchors.shipped().verify,
    "authorities": TrustAnchors.from_pem,
    "card image": CardImage.parse,
    "flash image": lambda raw: NorFlash(bytearray(raw)),
    "practice file": parse_practice,
    "CCID stream": ccid,
    "CCID messages": lambda raw: (Request.parse(raw), Answer.parse(raw)),
    "reader software": Image.parse,
    "lot": lambda raw: Lot.parse(raw[: SIZE // 2], raw[SIZE // 2 :]),
    "file of lots": read_file,
    "recipient's answer": parse_arl,
    "scanned piece": lambda raw: check_piece(raw, "scan"),
    "galss.ini": lambda raw: configuration(raw, raw),
    "trace": lambda raw: list(read_trace(BytesIO(raw))),
    "capture": lambda raw: list(read_packets(BytesIO(section_header("x") + interface("a") + raw))),
    "zone as a trace shows it": show_zone,
    "fault plan": lambda raw: FaultPlan.parse(raw.decode("latin-1")),
    "visit script line": lambda raw: parse_line(raw.decode("latin-1"), 1),
}


@pytest.mark.share(6)
@pytest.mark.parametrize("name", PARSERS)
@pytest.mark.parametrize("seed", range(len(_SEEDS)))
def test_hostile_bytes_take_bounded_memory(name: str, seed: int) -> None:
    pattern = _SEEDS[seed]
    raw = (pattern * (SIZE // len(pattern) + 1))[:SIZE]
    tracemalloc.start()
    try:
        PARSERS[name](raw)
    except TlaError:
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < TIMES * SIZE + SLACK


_FORBIDDEN: Final = {"pickle", "marshal", "shelve", "yaml", "dill", "cPickle"}
_CALLS: Final = {"eval", "exec"}
_GENERATES_CODE: Final = ("protocol/wire/straight.py", "tools/fuzz/mutants/")
"""They compile codecs from declarations, and mutants from this source: never from anything read."""


def test_nothing_that_runs_what_it_reads_is_used() -> None:
    for package in ("protocol", "reader_fw", "host", "tools"):
        modules = sorted((ROOT / package).rglob("*.py"))
        assert len(modules) > 20, package
        for path in modules:
            tree = ast.parse(path.read_text())
            for node in ast.walk(tree):
                names: list[str] = []
                if isinstance(node, ast.Import):
                    names = [alias.name.partition(".")[0] for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    names = [(node.module or "").partition(".")[0]]
                elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    where = path.relative_to(ROOT).as_posix()
                    assert node.func.id not in _CALLS or where.startswith(_GENERATES_CODE), (
                        f"{where}:{node.lineno}"
                    )
                assert not _FORBIDDEN & set(names), f"{path}: {names}"
                if isinstance(node, ast.keyword) and node.arg == "shell":
                    assert not (isinstance(node.value, ast.Constant) and node.value.value), f"{path}"
