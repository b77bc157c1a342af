"""tla diagnostics"""

from __future__ import annotations

import dataclasses

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cli.output import JsonOption, print_facts, print_json
from tla_sim.tools.cli.printable import bytes_text
from tla_sim.tools.cli.reader_option import ReaderOption, open_reader
from tla_sim.tools.cli.trace_option import LevelOption, TraceOption
from tla_sim.tools.cli.verb import new_verb

verb = new_verb()


@verb.command()
def diagnostics(
    reader: ReaderOption = "",
    trace: TraceOption = None,
    level: LevelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Report the reader's slots, counters, battery, tamper flag, memory and wear."""
    with open_reader(reader, trace, level) as client:
        health = client.diagnostics()
    if as_json:
        print_json(dataclasses.asdict(health))
        return
    print_facts(
        {
            Sentence("PS card"): Sentence("inserted") if health.ps_card else Sentence("none"),
            Sentence("Vitale card"): Sentence("inserted") if health.vitale_card else Sentence("none"),
            Sentence("invoices"): Sentence(
                "{invoices} of at most {max_invoices}",
                invoices=health.invoices,
                max_invoices=health.max_invoices,
            ),
            Sentence("owners"): health.owners,
            Sentence("memory"): Sentence(
                "{free_bytes} free of {total_bytes}",
                free_bytes=bytes_text(health.free_bytes),
                total_bytes=bytes_text(health.total_bytes),
            ),
            Sentence("signature counter"): health.signature_counter,
            Sentence("switched on"): Sentence("{boots} times", boots=health.boots),
            Sentence("battery"): f"{health.battery} %",
            Sentence("opened"): Sentence("yes: return it to its manufacturer")
            if health.tamper
            else Sentence("no"),
            Sentence("flash wear"): Sentence(
                "{max_wear} erasures of the most used sector", max_wear=health.max_wear
            ),
            Sentence("damaged records"): health.damaged,
        }
    )
