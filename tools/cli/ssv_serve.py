"""Serving the C libraries, for `tla ssv serve`."""

from __future__ import annotations

import json
import os
import shlex
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from tla_sim.host.ssv.failure import code_of
from tla_sim.host.ssv.place import VARIABLE, socket_path
from tla_sim.host.ssv.server.listening import Listener
from tla_sim.host.ssv.server.party import CallDone, Peer
from tla_sim.host.ssv.server.reader_held import ReaderHeld
from tla_sim.host.ssv.server.reader_place import AtUrl, InGalssFile
from tla_sim.host.ssv.server.service import Service
from tla_sim.host.ssv.server.sesam_ini import read_sesam_ini
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Joined, Sentence
from tla_sim.tools.cli import failure
from tla_sim.tools.cli.ledger_option import ledger_path
from tla_sim.tools.cli.output import note, print_line
from tla_sim.tools.cli.reader_option import default_reader, open_url
from tla_sim.tools.cli.ssv_trace import CallTrace, open_call_trace
from tla_sim.tools.cli.ssv_view import meaning
from tla_sim.tools.cli.trace_option import TraceWish


class Wishes(NamedTuple):
    """What the command line asks of a server."""

    reader: str
    ini: Path | None
    galss: Path | None
    ledger: Path | None
    socket: Path | None
    trace: TraceWish | None
    quiet: bool
    as_json: bool


def serve_until_stopped(wishes: Wishes) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises PlaceUnusable, AlreadyServing, SesamUnusable for the server's sesam.ini, and OSError for a trace
    that cannot be written. A mistake in galss.ini is told, and every program gets its code until it is
    corrected.
    """
    keep_out_of_cores()
    if wishes.ini is not None:
        read_sesam_ini(wishes.ini)
    find = _find(wishes)
    path = wishes.socket or socket_path()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    with ExitStack() as stack:
        trace = None if wishes.trace is None else stack.enter_context(open_call_trace(wishes.trace))
        teller = Teller(trace=trace, quiet=wishes.quiet, as_json=wishes.as_json)
        opens = open_url if trace is None else lambda url: trace.tap(open_url(url))
        service = Service(ReaderHeld(find, opens), ledger_path(wishes.ledger).absolute(), wishes.ini)
        listener = stack.enter_context(
            Listener(path, service.welcome, service.held, teller.call, teller.mistake, teller.refused)
        )
        stack.enter_context(listener.stop_on_signals())
        url = ""
        try:
            url = find().url
        except TlaError as error:
            note(error.told)
        teller.listening(path, url)
        listener.run()
    teller.stopped()


def _find(wishes: Wishes) -> AtUrl | InGalssFile:
    if wishes.galss is not None:
        return InGalssFile(wishes.galss.absolute(), wishes.reader)
    return AtUrl(wishes.reader or default_reader())


def keep_out_of_cores() -> None:
    """Have no core of this process written, and no other process of the user look into it: codes porteur pass
    through it.
    """
    import ctypes
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        set_dumpable = 4  # PR_SET_DUMPABLE; source: Linux, prctl(2)
        ctypes.CDLL(None).prctl(set_dumpable, 0, 0, 0, 0)


class Teller:
    """What the server prints and traces. Its connections call it from their threads."""

    def __init__(self, *, trace: CallTrace | None = None, quiet: bool = False, as_json: bool = False) -> None:
        self._quiet = quiet
        self._as_json = as_json
        self._trace = trace
        self._trace_failed = False
        self._lock = threading.Lock()

    def listening(self, path: Path, url: str) -> None:
        """Tell where programs reach the server."""
        if self._as_json:
            self._event(event="listening", socket=str(path), reader=url)
            return
        if url:
            print_line(Sentence("Listening on {path} for the reader {url}", path=path, url=url))
        else:
            print_line(
                Sentence("Listening on {path}; programs get a code until that is corrected", path=path)
            )
        if path != socket_path({name: os.environ[name] for name in os.environ if name != VARIABLE}):
            print_line(
                Sentence(
                    "  give programs: export {variable}={path}",
                    variable=VARIABLE,
                    path=shlex.quote(str(path)),
                )
            )

    def call(self, done: CallDone) -> None:
        """Tell of a call."""
        with self._lock:
            if self._trace is not None:
                self._write(self._trace, done)
            if not self._quiet:
                try:
                    self._say(done)
                except BrokenPipeError:
                    self._quiet = True

    def _write(self, trace: CallTrace, done: CallDone) -> None:
        try:
            trace.call(done)
        except OSError as error:
            if not self._trace_failed:
                note(Sentence("The trace lacks calls: {reason}", reason=error.strerror or ""))
            self._trace_failed = True

    def refused(self, peer: Peer, error: TlaError) -> None:
        """Tell of a program that is not served."""
        with self._lock:
            if self._as_json:
                self._event(
                    event="refused",
                    code=f"{code_of(error):04X}",
                    reason=error.told,
                    program=peer.name,
                    process=peer.process,
                )
            elif not self._quiet:
                print_line(
                    Sentence(
                        "{program} {process} is not served: {code:04X} {reason}",
                        program=peer.name,
                        process=peer.process,
                        code=code_of(error),
                        reason=error.told,
                    )
                )

    def mistake(self, error: Exception) -> None:
        """Report an internal error."""
        with self._lock:
            failure.report_internal(error)

    def stopped(self) -> None:
        """Tell that the server has ended."""
        if self._as_json:
            self._event(event="stopped")
        else:
            print_line("Stopped serving.")

    def _say(self, done: CallDone) -> None:
        code = int.from_bytes(done.answer[:2], "big")
        ms = round(done.seconds * 1000, 1)
        if self._as_json:
            self._event(
                event="call",
                function=done.function.name,
                code=f"{code:04X}",
                ms=ms,
                program=done.peer.name,
                process=done.peer.process,
                heard=done.heard,
                reason=done.reason,
            )
            return
        said = Sentence(
            "{function}: {code:04X} {meaning} ({ms:.1f} ms, {program} {process})",
            function=done.function.name,
            code=code,
            meaning=meaning(code),
            ms=ms,
            program=done.peer.name,
            process=done.peer.process,
        )
        print_line(said if done.heard else Sentence("{call}; the program is gone", call=said))
        if done.reason:
            print_line(Joined("  ", ("", done.reason)))

    def _event(self, **fields: Any) -> None:
        print(json.dumps(fields, ensure_ascii=True))
