"""tla web"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.output import note, print_line
from tla_sim.tools.cli.standard_streams import for_whoever_listens
from tla_sim.tools.cli.verb import new_verb

if TYPE_CHECKING:
    from tla_sim.host.practice.model import Practice
    from tla_sim.tools.web.bench import Bench, Shown

verb = new_verb()

_NEEDED = ("fastapi", "uvicorn")


@verb.command()
def web(
    state: Annotated[
        list[Path] | None,
        typer.Option(
            "--state",
            metavar="DIR",
            show_default=False,
            help="Show the reader of this state directory, created on first use. May be given several times. "
            "Default: a reader in memory.",
        ),
    ] = None,
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65_535, help="The port; 0 picks a free one.")
    ] = 0,
    host: Annotated[
        str,
        typer.Option(
            "--host",
            metavar="ADDRESS",
            help="The IP address to serve at. Other machines reach any but a loopback address; they need the "
            "token in the address that is printed.",
        ),
    ] = "127.0.0.1",
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            metavar="N",
            min=0,
            show_default=False,
            help="Seed of the readers' random bytes, to repeat a run. Default: 1 in memory, none on disk.",
        ),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile",
            metavar="NAME",
            show_default=False,
            help="The software version of a new reader, as listed by `tla profiles`. Default: 1.40.",
        ),
    ] = None,
    link: Annotated[
        list[str] | None,
        typer.Option(
            "--link",
            metavar="LINK",
            show_default=False,
            help="Serve the first reader on this link, too, as for `tla sim`. May be given several times.",
        ),
    ] = None,
    practice: Annotated[
        Path | None,
        typer.Option(
            "--practice",
            metavar="FILE",
            show_default=False,
            help="The practice whose invoices and cards are at hand. Default: the shipped one.",
        ),
    ] = None,
    ledger: Annotated[
        Path | None,
        typer.Option(
            "--ledger",
            metavar="FILE",
            show_default=False,
            help="Keep the practice's ledger in FILE, and what leaves in a folder beside it. Default: both "
            "end with the bench.",
        ),
    ] = None,
    opens: Annotated[bool, typer.Option("--open", metavar="", help="Open the page in the browser.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", metavar="", help="Report what happens as JSON, one event per line.")
    ] = False,
) -> None:
    """Show readers in the browser, and serve their HTTP API, until Ctrl-C.

    Without --state it makes a reader in memory, with the cards of the demo at hand. Only this machine reaches
    it, unless --host says otherwise.
    """
    _check_installed()
    _check_different(state or [])
    # What is imported and made until it serves stays for good: no use looking through it for what does not.
    gc.disable()
    try:
        _serve(host, port, state or [], seed, profile, link or [], practice, ledger, opens, as_json)
    finally:
        gc.enable()
    with for_whoever_listens():
        if as_json:
            _tell("off")
        else:
            print_line("Switched off.")


def _serve(
    host: str,
    port: int,
    states: list[Path],
    seed: int | None,
    profile: str | None,
    links: list[str],
    practice: Path | None,
    ledger: Path | None,
    opens: bool,
    as_json: bool,
) -> None:
    from tla_sim.tools.web.app import make_app
    from tla_sim.tools.web.bench import Bench
    from tla_sim.tools.web.gate import Gate
    from tla_sim.tools.web.serving import WebServer, listen, url_of
    from tla_sim.tools.web.streams import Streams

    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    with listen(host, port) as listener:
        gate = Gate.at(*listener.getsockname()[:2])
        url = url_of(listener, gate)
        bench = Bench(
            _practice(practice),
            ledger=ledger,
            practice_file=practice,
            on_added=lambda shown: _let_follow(shown, url),
        )
        try:
            _fill(bench, states, seed, profile, links, as_json)
            streams = Streams()
            app = make_app(bench, gate, streams)
            gc.freeze()
            gc.enable()
            WebServer(app, streams, lambda: _announce(url, gate.token, opens, as_json)).run([listener])
        finally:
            bench.close()


def _let_follow(shown: Shown, url: str) -> None:
    """Have a reader announce itself to those who would follow it."""
    from tla_sim.tools.capture.live.door import NotFollowable

    # Without the token, which is for those who have the printed address.
    http = f"{url.partition('?')[0]}v1/readers/{shown.name}"
    state = "" if shown.kept is None else os.path.realpath(shown.kept)
    try:
        shown.running.announce("tla web", http, state).result()
    except NotFollowable as error:
        with for_whoever_listens():
            note(error.told)


def _check_installed() -> None:
    from importlib.util import find_spec

    if missing := [name for name in _NEEDED if find_spec(name) is None]:
        raise UsageProblem(
            "tla web needs packages that are not installed: {packages}",
            "In the project's folder, install them with: pip install '.[web]'",
            packages=", ".join(missing),
        )


def _check_different(states: list[Path]) -> None:
    known: set[str] = set()
    for path in states:
        home = os.path.realpath(path)
        if home in known:
            raise UsageProblem(
                "The folder {home} is named twice", "Name each reader's folder once", home=home
            )
        known.add(home)


def _practice(path: Path | None) -> Practice:
    from tla_sim.host.practice.file import load_practice
    from tla_sim.tools.cast import demo_practice

    return demo_practice() if path is None else load_practice(path)


def _fill(
    bench: Bench, states: list[Path], seed: int | None, profile: str | None, links: list[str], as_json: bool
) -> None:
    """Put the readers on the bench, and open the links of the first."""
    from tla_sim.reader_fw.app.software.profile import TLA_1_40
    from tla_sim.tools.simulator.control.reader_control import ReaderControl
    from tla_sim.tools.web.reader_names import name_for

    for path in states:
        name = name_for(path.resolve().name, [shown.name for shown in bench.readers])
        control = ReaderControl.on_directory(
            path, bench.practice, seed=seed, name=name, profile=profile or ""
        )
        bench.add(name, control, path)
    if not states:
        name = bench.reserve(None)
        made = ReaderControl.in_memory(
            bench.practice, seed=1 if seed is None else seed, name=name, profile=profile or TLA_1_40.name
        )
        bench.add(name, made)
    first = bench.readers[0]
    for text in links:
        link = first.running.open_link(text).result()
        with for_whoever_listens():
            if as_json:
                _tell("link", reader=first.name, link=link.text, url=link.url, address=link.address)
            else:
                print_line(Sentence("Serving {spec}: --reader {url}", spec=link.text, url=link.url))


def _announce(url: str, token: str | None, opens: bool, as_json: bool) -> None:
    with for_whoever_listens():
        if as_json:
            _tell("serving", url=url)
        else:
            print_line(Sentence("The bench: {url}", url=url))
            if token is None:
                print_line("  reachable from this machine only; Ctrl-C ends it")
            else:
                note("Anyone who has this address can use the readers: the connection is not encrypted.")
    if opens:
        import webbrowser

        webbrowser.open(url)


def _tell(event: str, **fields: object) -> None:
    import json

    print(json.dumps({"event": event, **fields}, ensure_ascii=False))
