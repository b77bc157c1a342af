"""A surgery to run `tla` in: a reader on a cable, a practice file, a ledger, and cards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from typer.testing import Result

from tests.reader_kit import Bench
from tests.tools.cli.command_line import tla
from tests.tools.simulator.kept_kit import practice_tree
from tla_sim.host.ledger.ledger import Ledger, LedgerDocument
from tla_sim.host.transport import in_process
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.app.software.profile import TLA_1_40, Profile
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.people import CODE, MAYA, Person

READER = "memory:surgery"


class Surgery:
    """The surgery of a nurse, whose card is in, and a doctor; both have invoice 190305028 for PAUL MARTIN."""

    def __init__(self, directory: Path, profile: Profile) -> None:
        self.directory = directory
        self.bench = Bench(profile=profile)
        self.port = self.bench.reader.attach("surgery")
        self.keys = ""
        self.practice = directory / "practice.json"
        self.ledger_file = directory / "ledger.sqlite"
        self.out = directory / "out"
        self.write_practice(practice_tree())
        self.bench.insert_ps(MAYA)

    def write_practice(self, tree: Any) -> None:
        """Replace the practice file."""
        self.practice.write_text(json.dumps(tree))

    def exchange(self, lad: Lad, apdu: bytes) -> bytes:
        """Exchange one command, pressing `keys` if the reader waits for a code."""
        self.port.begin(lad, apdu)
        if self.port.code_entry is not None and self.keys:
            self.bench.type_code(self.keys)
        return self.bench.reader.finish(self.port)

    def tla(self, *arguments: str | Path, code: str | None = CODE) -> Result:
        """Run `tla` with this reader and ledger, each time as a new host."""
        self.port.reset()
        paths = {"TLA_READER": READER, "TLA_LEDGER": str(self.ledger_file)}
        return tla(*arguments, code=code, **paths)

    def json(self, *arguments: str | Path, code: str | None = CODE) -> Any:
        """Run `tla … --json`, which must succeed. Return what it prints."""
        result = self.tla(*arguments, "--json", code=code)
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    def push(self) -> None:
        """Load everyone's invoices."""
        assert self.tla("push", self.practice).exit_code == 0

    def visit(self, person: Person = MAYA) -> None:
        """Unplug, certify everything for PAUL MARTIN with one person's card, and plug in again."""
        self.bench.unplug()
        self.bench.insert_ps(person)
        self.bench.insert_vitale()
        self.bench.press("VAL")
        self.bench.type_code()
        assert "SIGNEE" in self.bench.text
        self.bench.reader.remove(Slot.VITALE)
        self.port = self.bench.reader.attach("surgery")

    def play_to_pull(self) -> None:
        """Play the round up to the pull."""
        self.push()
        self.visit()
        assert self.tla("pull").exit_code == 0

    def documents(self) -> dict[str, LedgerDocument]:
        """Return what the ledger holds, by owner."""
        with Ledger.open(self.ledger_file) as ledger:
            return {each.owner: each for each in ledger.documents()}


@contextmanager
def open_surgery(directory: Path, profile: Profile = TLA_1_40) -> Iterator[Surgery]:
    """Open a surgery whose reader is reached at READER while the context lasts."""
    surgery = Surgery(directory, profile)
    in_process.offer("surgery", surgery.exchange)
    try:
        yield surgery
    finally:
        in_process.withdraw("surgery")
