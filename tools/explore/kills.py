"""`kill -9` a real host at random moments of a pull over a pseudo-terminal, in real time."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Final

from tla_sim.host.ledger.ledger import Ledger
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import NorFlash
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.reader import Reader
from tla_sim.reader_fw.serve import Server
from tla_sim.tools.cast.people import MAYA
from tla_sim.tools.explore.pull_once import READY, pull_once
from tla_sim.tools.explore.recording import Recording, StageStart
from tla_sim.tools.explore.scratch import scratch
from tla_sim.tools.explore.watch import Watch
from tla_sim.tools.judge.ledger import look, read_ledger
from tla_sim.tools.judge.violation import Violation, said
from tla_sim.tools.simulator.live_reader import sound_reader

PATIENCE: Final = 30.0
_LONGEST_PULL: Final = 0.35
"""About how many seconds a pull of the round's invoices takes; the kills fall within them."""


def kill_once(recording: Recording, start: StageStart, seed: int) -> tuple[str, bool]:
    """Kill one pull and run it again.

    Return what was violated, empty if nothing, and whether the pull was still running when it was killed.
    """
    with scratch() as directory:
        recording.ledgers[start.moment.ledger].restore(directory)
        ledger = directory / "ledger.sqlite"
        reader = sound_reader(NorFlash(bytearray(start.image)), seed)
        reader.power_on()
        reader.insert(Slot.PS, Card(recording.cards[start.moment.cards][MAYA.name], SeededEntropy(seed)))
        watch = recording.watch(start.moment)
        try:
            with served(reader, directory / "line") as url:
                running = _kill(url, ledger, Random(seed).random() * _LONGEST_PULL)
            see(watch, reader, ledger)
            with served(reader, directory / "line") as url:
                pull_once(url, ledger)
            see(watch, reader, ledger)
            if left := look(reader):
                return Sentence(
                    "{count} documents are still on board after the pull was run again", count=len(left)
                ), running
        except Violation as error:
            return error.told, False
        except TlaError as error:
            return Sentence("{error}: {reason}", error=type(error).__name__, reason=said(error)), False
        finally:
            reader.power_off()
    return "", running


def see(watch: Watch, reader: Reader, ledger_path: Path) -> None:
    """Check reader and ledger, once nobody uses them. Raises Violation."""
    with Ledger.open(ledger_path) as ledger:
        ledger.check()
        watch.see(look(reader), read_ledger(ledger))


def _kill(url: str, ledger: Path, after_seconds: float) -> bool:
    """Start a pull and kill it. Return whether it was still running."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tla_sim.tools.explore.pull_once", url, str(ledger)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert child.stdout is not None
        if child.stdout.readline().strip() != READY:
            raise Violation("round", "the host does not start")
        time.sleep(after_seconds)
        running = child.poll() is None
    finally:
        child.kill()
        child.communicate(timeout=PATIENCE)
    return running


@contextmanager
def served(reader: Reader, line: Path) -> Iterator[str]:
    """Serve a reader on a pseudo-terminal, from a thread, until the block ends."""
    with Server(reader, reader.board.clock) as server:
        server.open(f"pty:{line}")
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        try:
            yield f"serial:{line}"
        finally:
            server.stop()
            thread.join(PATIENCE)
