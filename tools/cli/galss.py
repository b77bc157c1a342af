"""tla galss"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qs, unquote

import typer

from tla_sim.protocol.sentence import Sentence, sentences
from tla_sim.tools.cli import failure
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.output import JsonOption, note, print_json, print_line, print_table
from tla_sim.tools.cli.readers import pcsc_slots, serial_ports
from tla_sim.tools.cli.verb import new_verb

if TYPE_CHECKING:
    from tla_sim.host.transport.galss.ini import Problem
    from tla_sim.host.transport.galss.resources import Channel, Configuration

verb = new_verb("Check or write the GALSS's galss.ini and io_comm.ini.")

PortsOption = Annotated[
    Path | None,
    typer.Option(
        "--io-comm",
        metavar="FILE",
        show_default=False,
        help="The io_comm.ini that goes with it. Default: the one beside it.",
    ),
]


@verb.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A galss.ini.")],
    io_comm: PortsOption = None,
    as_json: JsonOption = False,
) -> None:
    """List channels and readers as URLs, and say which line to change if a port or slot is missing.

    Exit code 2 if the files have mistakes, 1 if a port or slot is missing.
    """
    from tla_sim.host.transport.galss.named import PORTS, read_configuration
    from tla_sim.host.transport.galss.ports import check_ports, check_slots

    found = read_configuration(file, io_comm)
    ports = io_comm or file.parent / PORTS
    slots = pcsc_slots() if any(channel.slot for channel in found.channels) else []
    gone = [] if slots is None else check_slots(found, slots)
    missing = check_ports(found, lambda device: Path(device).exists(), serial_ports())
    told = [(file, each) for each in (*found.problems, *gone)]
    told += [(ports, each) for each in (*found.port_problems, *missing)]
    if as_json:
        print_json({"channels": [_facts(each) for each in found.channels], "problems": _problem_fields(told)})
    else:
        _print(found, told, every_port=slots is not None)
    if not found.usable:
        raise typer.Exit(failure.UNUSABLE)
    if gone or missing:
        raise typer.Exit(failure.REFUSED)


@verb.command()
def write(
    reader: Annotated[str, typer.Option("--reader", metavar="URL", help="serial:DEVICE?baud=9600")],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="The directory to write both files to.")
    ] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
) -> None:
    """Write galss.ini and io_comm.ini for one reader on a serial port."""
    from tla_sim.host.transport.galss.named import PORTS
    from tla_sim.host.transport.galss.sample import sample
    from tla_sim.host.whole_file import EVERYBODY, replace_file

    device, baud = _serial(reader)
    paths = (out / "galss.ini", out / PORTS)
    if not out.is_dir():
        raise UsageProblem("There is no directory {out}", "Create it, or choose another", out=out)
    for path in paths:
        if os.path.lexists(path) and not force:
            raise UsageProblem(
                "{path} already exists", "Choose another directory, or replace them with --force", path=path
            )
    for path, text in zip(paths, sample(device, baud), strict=True):
        replace_file(path, text.encode(), EVERYBODY)
        print_line(str(path))
    note("The reader can now be named by its resource: --reader galss:CPS")


def _serial(url: str) -> tuple[str, int]:
    from tla_sim.host.transport.galss.configuration import FASTEST, SLOWEST

    head, _, query = url.partition("?")
    scheme, _, device = head.partition(":")
    baud = parse_qs(query).get("baud", ["9600"])[0]
    named = scheme.lower() == "serial" and device and all(each >= " " for each in unquote(device))
    if not named or not (baud.isascii() and baud.isdigit() and SLOWEST <= int(baud[:9]) <= FASTEST):
        raise UsageProblem(
            "'{url}' is not a serial port",
            "Write serial:DEVICE?baud=9600; the speed is from {slowest} to {fastest}",
            url=url,
            slowest=SLOWEST,
            fastest=FASTEST,
        )
    return unquote(device), int(baud)


def _print(found: Configuration, told: list[tuple[Path, Problem]], *, every_port: bool) -> None:
    if found.channels:
        rows = [
            (channel.number, channel.port, reader.pad, each.lad, ", ".join(each.names), channel.url)
            for channel in found.channels
            for reader in channel.readers
            for each in reader.resources
        ]
        print_table(
            sentences("channel", "port", "PAD", "LAD", "name", "--reader"),
            rows,
            right=("channel", "PAD", "LAD"),
        )
    for path, problem in told:
        code = "" if problem.code is None else f" (SSV {problem.code:04X})"
        said = Sentence("{text}. {action}.", text=problem.text, action=problem.action)
        if problem.remark:
            said = Sentence("remark: {said}", said=said)
        if problem.line:
            print_line(Sentence("{path} line {line}: {said}", path=path, line=problem.line, said=said), code)
        else:
            print_line(Sentence("{path}: {said}", path=path, said=said), code)
    if not told:
        print_line(
            Sentence("No mistakes, and every port is present.")
            if every_port
            else Sentence("The files have no mistakes; whether the PC/SC slots exist is not known.")
        )


def _facts(channel: Channel) -> dict[str, object]:
    return {
        "channel": channel.number,
        "kind": channel.kind,
        "port": channel.port,
        "device": channel.slot or channel.device,
        "url": channel.url,
        "readers": [
            {
                "pad": reader.pad,
                "resources": [{"lad": each.lad, "names": list(each.names)} for each in reader.resources],
            }
            for reader in channel.readers
        ],
    }


def _problem_fields(told: list[tuple[Path, Problem]]) -> list[dict[str, object]]:
    return [
        {
            "file": str(path),
            "line": each.line,
            "problem": each.text,
            "action": each.action,
            "remark": each.remark,
            "ssv": None if each.code is None else f"{each.code:04X}",
        }
        for path, each in told
    ]
