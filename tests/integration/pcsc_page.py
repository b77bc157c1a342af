"""The page on PC/SC programs as a terminal: what stands under its headings, typed before a served reader."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from tests.integration.pcsc_kit import Served, by_ccid, slots_show
from tests.integration.serving import PATIENCE, wait_for
from tests.reader_kit import Bench
from tla_sim.protocol.card_kind import CardKind
from tla_sim.protocol.documents.certificates import shipped_authorities_pem
from tla_sim.reader_fw.cards.atr import PS_ATR, VITALE_ATR

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "how-to" / "pcsc.md").read_text("utf-8")

NAMES: Final = "Programs, line by line"
"""The heading under which the page names the card's things, for all the blocks that follow."""

_SHELL: Final = (
    "ulimit -f 65536; set -eo pipefail; trap 'kill $(jobs -p) $SSH_AGENT_PID 2>/dev/null || true' EXIT"
)
"""NSS' tools ask for a refused code for ever, so what is written is limited, in KiB."""

_SETTINGS: Final = ("SSH_", "XDG_", "OPENSC_", "OPENSSL_", "PKCS11_", "GNUTLS_", "CARDPEEK_")
"""What a developer's own settings begin with, by which the programs would behave otherwise."""

_AUTHORITIES: Final = ("root", "ps", "vitale")


def blocks(heading: str, language: str = "sh") -> list[str]:
    """What is to be typed, or saved as a file, between a heading and the next one."""
    (section,) = re.findall(rf"^##+ {re.escape(heading)}\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE)
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


class Terminal:
    """A folder with the test authorities in `cards`, as `tla cards issue` leaves it, and a shell in it.

    The shell stops at the first command that fails, and has nobody to ask: a program gives ssh-add the code.
    """

    def __init__(self, folder: Path, bench: Bench, serving: Served) -> None:
        self.folder = folder
        self.bench = bench
        self.serving = serving
        cards = folder / "cards"
        cards.mkdir()
        together = shipped_authorities_pem(CardKind.TEST)
        (cards / "ca-all.pem").write_text(together)
        each = re.findall(r"-----BEGIN.*?-----END.*?\n", together, re.DOTALL)
        for name, pem in zip(_AUTHORITIES, each, strict=True):
            (cards / f"ca-{name}.pem").write_text(pem)
        self._ask = folder / "ask"
        self._ask.write_text("#!/bin/sh\necho 1234\n")
        self._ask.chmod(0o755)

    def paste(self, heading: str, then: str = "", **replaced: str) -> str:
        """Type the names of the card's things, then the blocks under a heading; what is printed.

        `then` is typed after them; `replaced` are words of the page, with what is typed in their place.
        """
        done = self.try_to_paste(heading, then, **replaced)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def try_to_paste(self, heading: str, then: str = "", **replaced: str) -> subprocess.CompletedProcess[str]:
        """Type as `paste` does; how it ended, standard error being part of what was printed."""
        script = "\n".join([_SHELL, *blocks(NAMES), *blocks(heading), then])
        for word, needed in replaced.items():
            assert word in script
            script = script.replace(word, needed)
        printed = self.folder / "printed"
        with printed.open("w") as output:
            done = self._run(script, output)
        return subprocess.CompletedProcess(
            done.args, done.returncode, printed.read_text("utf-8", errors="replace")
        )

    def _run(self, script: str, output: TextIO) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith(_SETTINGS)},
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}:/usr/sbin",
                "HOME": str(self.folder),
                "SSH_ASKPASS": str(self._ask),
                "SSH_ASKPASS_REQUIRE": "force",
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )


@contextmanager
def terminal_at_desk(folder: Path) -> Iterator[Terminal]:
    """A terminal in a folder with a blank in its name, before a reader with both cards behind a pcscd."""
    bench = Bench()
    bench.insert_ps()
    bench.insert_vitale()
    with by_ccid(bench.reader, bench.reader.board.clock, folder) as (serving, _):
        wait_for(slots_show(s0=PS_ATR, s1=VITALE_ATR))
        desk = folder / "a desk"
        desk.mkdir()
        yield Terminal(desk, bench, serving)
