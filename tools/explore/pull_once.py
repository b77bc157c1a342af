"""Pull once, in a process that can be killed: `python -m tla_sim.tools.explore.pull_once URL LEDGER`.

It prints one line, READY, just before it begins.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from tla_sim.host.client import ReaderClient
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.round.pull import Pulled, pull
from tla_sim.host.transport import open_transport
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.judge.signatures import ANCHORS

READY: Final = "ready"


def pull_once(url: str, ledger_path: Path) -> Pulled:
    """Pull as `tla pull` does, with the code given from the workstation. Raises what `pull` raises."""
    with open_transport(url) as transport, Ledger.open(ledger_path) as ledger:
        client = ReaderClient(transport, SeededEntropy(3).take)
        client.verify_code(CODE)
        return pull(client, ledger, ANCHORS)


if __name__ == "__main__":
    print(READY, flush=True)
    pull_once(sys.argv[1], Path(sys.argv[2]))
