"""tla update"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from tla_sim.host.park.limits import MOST_FAILURES
from tla_sim.protocol.sentence import Joined, Quantity, Sentence
from tla_sim.tools.cli.output import JsonOption, print_json, print_line
from tla_sim.tools.cli.printable import bytes_text
from tla_sim.tools.cli.progress_bar import show_progress
from tla_sim.tools.cli.reader_option import ReaderOption, open_reader
from tla_sim.tools.cli.trace_option import LevelOption, TraceOption
from tla_sim.tools.cli.verb import new_verb

verb = new_verb()


@verb.command()
def update(
    image: Annotated[
        Path, typer.Argument(metavar="IMAGE", help="The image file, as made by `tla image build`.")
    ],
    reader: ReaderOption = "",
    patience: Annotated[
        int,
        typer.Option(
            "--patience",
            metavar="N",
            min=0,
            help="How many attempts in a row may fail, one second apart, while the cable is out.",
        ),
    ] = MOST_FAILURES,
    trace: TraceOption = None,
    level: LevelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Install new software on a reader: all or nothing, resuming after an interruption.

    The image is checked first, and nothing of an invalid one is sent. The reader restarts at the end, and the
    software that it then reports is compared with the image. Invoices on board stay, or the update is refused
    until they are pulled.
    """
    from tla_sim.host.park.image_file import read_image
    from tla_sim.host.park.update import update_reader

    found = read_image(image)
    with open_reader(reader, trace, level) as client, show_progress() as on_progress:
        done = update_reader(client, found, most_failures=patience, on_progress=on_progress)
    if as_json:
        print_json(dataclasses.asdict(done))
    elif done.already:
        print_line(
            Sentence(
                "Reader {serial_number} runs {release} already.",
                serial_number=done.serial_number,
                release=found.manifest.release,
            )
        )
    else:
        print_line(
            Sentence(
                "Reader {serial_number} runs {release} now: {before} to {after}.",
                serial_number=done.serial_number,
                release=found.manifest.release,
                before=done.before,
                after=done.after,
            )
        )
        cost = [Sentence("{bytes_sent} sent", bytes_sent=bytes_text(done.bytes_sent))]
        if done.bytes_resumed:
            cost.append(
                Sentence("{bytes_resumed} were there already", bytes_resumed=bytes_text(done.bytes_resumed))
            )
        if done.cuts:
            cost.append(Sentence("{cuts} on the way", cuts=Quantity(done.cuts, "cut")))
        print_line(Sentence("{cost}.", cost=Joined(", ", cost)))
