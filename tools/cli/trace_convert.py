"""tla trace convert"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tla_sim.protocol.sentence import Joined, Quantity, Sentence
from tla_sim.tools.cli.output import JsonOption, note, print_json, print_line
from tla_sim.tools.cli.printable import bytes_text
from tla_sim.tools.cli.progress_bar import show_progress


def convert_trace(
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="A trace recorded with --trace, or a pcapng file of others.")
    ],
    target: Annotated[
        Path,
        typer.Argument(
            metavar="OUT", help="The file to write: pcapng if its name ends so, otherwise records."
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """Convert a trace: from records to pcapng, which Wireshark opens, or back.

    OUT replaces an older trace. The answer to reset of Log_SV is added for Wireshark. Of a trace that was cut
    off, what is whole is converted.
    """
    from tla_sim.tools.capture.conversion import convert_file

    with show_progress() as on_progress:
        done = convert_file(source, target, on_progress)
    left_out = done.left_out.named
    if as_json:
        print_json(
            {
                "file": str(target),
                "exchanges": done.exchanges,
                "bytes": done.size,
                "cut_off": done.problem is not None,
                "left_out": [str(each) for each in left_out],
            }
        )
    else:
        print_line(
            Sentence(
                "{file}: {exchanges}, {size}",
                file=target,
                exchanges=Quantity(done.exchanges, "exchange"),
                size=bytes_text(done.size),
            )
        )
        if left_out:
            note(Sentence("Records cannot hold {what}: left out.", what=Joined("; ", left_out)))
    if not done.exchanges:
        note(Sentence("{file} holds no exchange with a reader.", file=source))
    if done.problem is not None:
        raise done.problem
