"""tla ssv"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tla_sim.tools.cli.code_porteur import CodeFileOption
from tla_sim.tools.cli.ledger_option import LedgerOption
from tla_sim.tools.cli.output import JsonOption
from tla_sim.tools.cli.trace_option import TraceWish, trace_option
from tla_sim.tools.cli.verb import new_verb

verb = new_verb("Build and serve the field's C libraries, SSV, SGD and GALSS, and call their functions.")

SocketOption = Annotated[
    Path | None,
    typer.Option(
        "--socket",
        metavar="PATH",
        envvar="TLA_SSV_SOCKET",
        show_default=False,
        help="The server's socket. Default: tla-ssv/socket in the user's runtime directory.",
    ),
]
IniOption = Annotated[
    Path | None,
    typer.Option(
        "--ini",
        metavar="FILE",
        show_default=False,
        help="The sesam.ini for programs that name none of their own.",
    ),
]


@verb.command()
def build(
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="The directory for lib and include; it is made if needed."),
    ],
    bits: Annotated[
        int, typer.Option("--bits", metavar="BITS", help="64 or 32: what the program is compiled for.")
    ] = 64,
    as_json: JsonOption = False,
) -> None:
    """Compile the C libraries with the system's compiler, and write their headers.

    CC names another compiler. Where there is none, the libraries of an installed wheel are copied.
    """
    from tla_sim.tools.cli.ssv_libraries import build_libraries

    build_libraries(out, bits, as_json)


@verb.command()
def functions(as_json: JsonOption = False) -> None:
    """List the functions of the libraries: what each does, and how sure the facts are.

    The facts are public, measured with programs of others, inferred, or ours (Project-defined). --json adds
    prototypes, parameters, codes and the reader's commands.
    """
    from tla_sim.tools.cli.ssv_libraries import list_functions

    list_functions(as_json)


@verb.command()
def serve(
    reader: Annotated[
        str,
        typer.Option(
            "--reader",
            metavar="URL",
            envvar="TLA_READER",
            show_default=False,
            help="The reader, as for the other verbs. Default: that of --galss, else the state directory "
            "tla-sim/reader in the user's data directory.",
        ),
    ] = "",
    ini: IniOption = None,
    galss: Annotated[
        Path | None,
        typer.Option(
            "--galss",
            metavar="FILE",
            envvar="TLA_GALSS",
            show_default=False,
            help="The galss.ini with the names of the reader's resources. Default: the usual names.",
        ),
    ] = None,
    ledger: LedgerOption = None,
    socket: SocketOption = None,
    trace: Annotated[
        TraceWish | None,
        trace_option(
            "Write every call with its zones decoded to FILE; if its name ends in .pcapng, the zones and the "
            "exchanges with the reader, for Wireshark. It contains health data, but no code porteur."
        ),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", metavar="", help="Do not print a line for each call.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Serve the C libraries until Ctrl-C: programs call their functions, the reader carries them out.

    The reader is opened at the first call and closed 2 seconds after the last one, so that `tla` can use it
    in between.
    """
    from tla_sim.tools.cli.ssv_serve import Wishes, serve_until_stopped

    serve_until_stopped(Wishes(reader, ini, galss, ledger, socket, trace, quiet, as_json))


@verb.command()
def call(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A function, such as SSV_LireCartePS.")],
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ARG…",
            show_default=False,
            help="Its parameters in order, without the code porteur and the zones.",
        ),
    ] = None,
    zone: Annotated[
        list[Path] | None,
        typer.Option(
            "--zone",
            metavar="FILE",
            show_default=False,
            help="A zone that goes in. May be given several times.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            show_default=False,
            help="Write each zone that comes out to a file in DIR, for --zone of another call.",
        ),
    ] = None,
    ini: IniOption = None,
    socket: SocketOption = None,
    code_file: CodeFileOption = None,
    trace: Annotated[
        bool, typer.Option("--trace", metavar="", help="Print what goes in, too, with its zones decoded.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Call one function at the server, and print what a program would get.

    The code porteur is never an argument: it comes from TLA_CODE, from --code-file, or is asked for.
    """
    from tla_sim.tools.cli.ssv_call import Wanted, call_function

    call_function(
        Wanted(name, tuple(arguments or ()), tuple(zone or ()), ini, socket, code_file), out, trace, as_json
    )
