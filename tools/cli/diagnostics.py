"""tla diagnostics"""

from __future__ import annotations

import dataclasses

from tla_sim.tools.cli.output import JsonOption, print_facts, print_json
from tla_sim.tools.cli.printable import bytes_text
from tla_sim.tools.cli.reader_option import ReaderOption, TraceOption, open_reader
from tla_sim.tools.cli.verb import new_verb

verb = new_verb()


@verb.command()
def diagnostics(reader: ReaderOption = "", trace: TraceOption = None, as_json: JsonOption = False) -> None:
    """Report the reader's slots, counters, battery, tamper flag, memory and wear."""
    with open_reader(reader, trace) as client:
        health = client.diagnostics()
    if as_json:
        print_json(dataclasses.asdict(health))
        return
    print_facts(
        {
            "PS card": "inserted" if health.ps_card else "none",
            "Vitale card": "inserted" if health.vitale_card else "none",
            "invoices": f"{health.invoices} of at most {health.max_invoices}",
            "owners": health.owners,
            "memory": f"{bytes_text(health.free_bytes)} free of {bytes_text(health.total_bytes)}",
            "signature counter": health.signature_counter,
            "switched on": f"{health.boots} times",
            "battery": f"{health.battery} %",
            "opened": "yes: return it to its manufacturer" if health.tamper else "no",
            "flash wear": f"{health.max_wear} erasures of the most used sector",
            "damaged records": health.damaged,
        }
    )
