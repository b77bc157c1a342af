"""A practice's round by programs of its own: the reader on a line, the server, and what a pull gives."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

import pytest

from tests.integration.serving import PATIENCE
from tests.integration.simulator import ROOT, Simulator, simulator, tla
from tests.integration.ssv.library_kit import environment
from tests.integration.ssv.server_process import server_process
from tests.made_once import made_once
from tests.ssv_kit import Program
from tla_sim.host.client import ReaderClient
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.ledger.model import CERTIFIED
from tla_sim.host.ssv.functions import DECHARGER_BENEFICIAIRES, LIRE_CARTE_PS
from tla_sim.host.transport import open_transport
from tla_sim.protocol.groups.zone import decode_zone_data

DEMO: Final = ROOT / "tools" / "cast" / "practice.json"
NURSE: Final = "cps-piqure2969-maya"


class Surgery:
    """A practice on disk: cards for everybody, prepared zones, a reader and a ledger."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.cards, self.state, self.book = home / "cards", home / "reader", home / "book.db"
        self.socket = home / "s" / "socket"

    @classmethod
    def equipped(cls, home: Path, factory: pytest.TempPathFactory) -> Self:
        """A practice with a reader that was never used."""
        surgery = cls(home)
        shutil.copytree(made_once(factory, "practice of the round", _equip), home, dirs_exist_ok=True)
        return surgery

    def zones(self, *names: str) -> list[Path]:
        """The zones of invoices by the beginnings of their names, all without one."""
        found = sorted((self.home / "zones").glob("*.zone"))
        return [each for each in found if not names or each.name.startswith(names)]

    def card(self, name: str) -> Path:
        return self.cards / f"{name}.card"

    def folder(self, name: str) -> Path:
        """A new folder for a program."""
        made = self.home / name
        made.mkdir()
        return made

    def visit(self, *vitales: str) -> None:
        """The nurse certifies all that there is for these patients."""
        lines = [f"insert cps {self.card(NURSE)}"]
        for each in vitales:
            lines += [
                f"insert vitale {self.card(each)}",
                "press VAL",
                "code 1234",
                "expect sign",
                "remove vitale",
            ]
        tla("visit", "--state", self.state, lines="\n".join(lines))

    @contextmanager
    def server(self, url: str) -> Iterator[None]:
        """The server of this practice's programs."""
        with server_process(self.socket, "--reader", url, "--ledger", self.book):
            yield

    @contextmanager
    def serving(self, link: str, *arguments: str | Path) -> Iterator[Simulator]:
        """The reader on a line, and the server."""
        with simulator(self.state, link, arguments=arguments) as sim, self.server(sim.urls[0]):
            yield sim

    def start(
        self, command: Sequence[str | Path], what: str, kept: Path, *paths: Path
    ) -> subprocess.Popen[str]:
        """Start a program."""
        return subprocess.Popen(
            [*command, what, kept, *paths],
            env=environment(self.socket) | {"CODE_PORTEUR": "1234"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, command: Sequence[str | Path], what: str, kept: Path, *paths: Path) -> None:
        """Run a program to its end."""
        finished(self.start(command, what, kept, *paths))


def _equip(home: Path) -> None:
    tla("cards", "issue", DEMO, "--out", home / "cards", "--pooled")
    tla("practice", "zones", DEMO, "--out", home / "zones")


def finished(program: subprocess.Popen[str]) -> str:
    """Wait for a program; it must succeed. Return what it said."""
    said, _ = program.communicate(timeout=PATIENCE)
    assert program.returncode == 0, said
    return said


class Pulled:
    """What `tla pull` gives from a copy of a reader, and what its functions tell."""

    def __init__(self, surgery: Surgery) -> None:
        copy, book = surgery.home / "copy", surgery.home / "pulled.db"
        shutil.copytree(surgery.state, copy)
        with open_transport(f"state:{copy}") as transport:
            program = Program(ReaderClient(transport, os.urandom), surgery.home / "unused.db")
            self.card = as_text(program.call(LIRE_CARTE_PS).zones)
            self.beneficiaries = as_text(program.call(DECHARGER_BENEFICIAIRES).zones)
        pulled = json.loads(tla("pull", "--reader", f"state:{copy}", "--ledger", book, "--json"))
        assert pulled["left"] == []
        self.documents = certified(book)


def certified(book: Path) -> dict[str, bytes]:
    """The bytes of all certified documents of a ledger, by owner, number and kind."""
    with Ledger.open(book) as ledger:
        lines = [each for each in ledger.documents() if each.state in CERTIFIED]
        return {f"{each.owner}-{each.number}-{each.kind:d}": ledger.fse(each.id) for each in lines}


def as_text(zones: Iterable[bytes]) -> str:
    """Zones as the programs keep them."""
    seen: Counter[int] = Counter()
    lines = []
    for group in (each for zone in zones for each in decode_zone_data(zone)):
        seen[group.number] += 1
        fields = " ".join(field.hex() or "-" for field in group.fields)
        lines.append(f"{group.number} {seen[group.number]} {fields}\n")
    return "".join(lines)


def groups_in(path: Path) -> list[tuple[int, list[str]]]:
    """The groups that a program kept as text, with their fields."""
    lines = [line.split() for line in path.read_text().splitlines()]
    return [
        (int(number), ["" if each == "-" else bytes.fromhex(each).decode() for each in fields])
        for number, _, *fields in lines
    ]


def kept_documents(folder: Path, what: str) -> dict[str, bytes]:
    """The documents that a program kept, by owner, number and kind."""
    return {path.stem.partition("-")[2]: path.read_bytes() for path in folder.glob(f"{what}-*.fse")}


PYTHON: Final = (sys.executable, Path(__file__).with_name("whole_round.py"))
C_SOURCE: Final = Path(__file__).with_name("whole_round.c")
