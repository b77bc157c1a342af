"""The bench that `tla_sim.tools.bench.page` looks at: its reader asks for a code porteur, so each key shows.

`python -m tla_sim.tools.bench.page_subject` prints its URL. For each line `RATE SECONDS` on standard input
another host sends that many commands a second for so long, which the reader answers by 9108, held; then the
rate reached and the number of the last exchange are printed.
"""

from __future__ import annotations

import sys
import threading
import time
from functools import partial
from typing import Final

from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.commands.cards import READ_PS_CARD, VERIFY_CODE, CodeEntry, CodePresentation
from tla_sim.protocol.commands.declaration import CLA
from tla_sim.protocol.commands.identity import READ_CLOCK
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.running_reader import RunningReader
from tla_sim.tools.web.app import make_app
from tla_sim.tools.web.bench import Bench
from tla_sim.tools.web.gate import Gate
from tla_sim.tools.web.serving import WebServer, listen, url_of
from tla_sim.tools.web.streams import Streams

_COMMAND: Final = CommandApdu(CLA, READ_CLOCK.ins, 0, 0, b"", 256).build()
_KEYPAD: Final = VERIFY_CODE.request.build(CodePresentation(CodeEntry.KEYPAD, b"", b""))
_BATCHES_A_SECOND: Final = 100


def main() -> None:
    """Serve until standard input ends."""
    practice = demo_practice()
    bench, streams = Bench(practice), Streams()
    control = ReaderControl.in_memory(practice, seed=1, name="reader-1")
    control.cable(True)
    _ask_for_code(control)
    running = bench.add("reader-1", control).running
    with listen("127.0.0.1", 0) as listener:
        gate = Gate.at(*listener.getsockname()[:2])
        url = url_of(listener, gate)
        server = WebServer(make_app(bench, gate, streams), streams, lambda: print(url, flush=True))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        for line in sys.stdin:
            rate, seconds = map(int, line.split())
            print(*_send(running, rate, seconds), flush=True)
        server.stop()
        thread.join()
    bench.close()


def _ask_for_code(control: ReaderControl) -> None:
    control.insert(Slot.PS, control.tray[0].name)
    control.transmit(Lad.LOG_SV, CommandApdu(CLA, READ_PS_CARD.ins, 0, 0, b"", 65_536).build(), "practice")
    asked = CommandApdu(CLA, VERIFY_CODE.ins, 0, 0, _KEYPAD, 256).build()
    control.begin(Lad.LOG_SV, asked, lambda _: None, "practice")


def _send(running: RunningReader, rate: int, seconds: int) -> tuple[int, int]:
    """Send commands at a rate; return the rate reached, and the number of the last exchange."""
    start, sent = time.monotonic(), 0
    while (passed := time.monotonic() - start) < seconds:
        due = round(rate * passed) - sent
        running.call(partial(_transmit, due)).result()
        sent += due
        time.sleep(1 / _BATCHES_A_SECOND)
    last = running.call(lambda control: control.exchanges).result()
    return round(sent / (time.monotonic() - start)), last


def _transmit(count: int, control: ReaderControl) -> None:
    for _ in range(count):
        control.transmit(Lad.LOG_SV, _COMMAND)


if __name__ == "__main__":
    main()
