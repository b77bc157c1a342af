"""The simulated reader that `tla_sim.tools.bench.pcsc` measures.

`python -m tla_sim.tools.bench.pcsc_subject ccid PATH`, or `vpcd PORT`.
"""

from __future__ import annotations

import sys

from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.reader import Reader
from tla_sim.reader_fw.serve import Server
from tla_sim.tools.bench.stage import Stage
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.people import SECRETARY
from tla_sim.tools.simulator.serving import WatchedReader


def sample_reader() -> Reader:
    """Return a reader that is switched on, with a PS card and a Vitale in its slots."""
    stage = Stage(1)
    stage.insert_chip(Slot.PS, ps_image(SECRETARY, cpe=True))
    stage.insert_chip(Slot.VITALE, vitale_image(stage.patients[0]))
    return stage.reader


def main(kind: str, where: str) -> None:
    """Serve as `tla sim` does, until killed."""
    reader = sample_reader()
    link = f"ccid:{where}" if kind == "ccid" else f"vpcd:127.0.0.1:{where}?slots=ps,log_sv"
    with Server(WatchedReader(reader, lambda _: None), reader.board.clock) as server:
        server.open(link)
        server.run()


if __name__ == "__main__":
    main(*sys.argv[1:3])
