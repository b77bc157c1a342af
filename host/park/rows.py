"""A checked reader as named values: unchanged for JSON, one per column for CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from tla_sim.host.park.abilities import abilities
from tla_sim.host.park.verdict import Checked, Finding, duration
from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.sentence import Sentence

Translate = Callable[[str], str]

_TAKEN: Final = re.compile(r"\s*([=+\-@|]|[\d.,/:eE+\- ]*\d[\d.,/:eE+\- ]*$)")
"""Texts that spreadsheets take for a formula, a number or a date."""


def facts(checked: Checked) -> dict[str, Any]:
    """Return everything known of one reader, ready for JSON; a value that could not be read is `None`."""
    reading = checked.reading
    found: dict[str, Any] = {
        "reader": checked.url,
        "verdict": checked.verdict.name.lower(),
        "findings": [_finding(each) for each in checked.findings],
        "identification": None,
    }
    if reading is not None:
        health = reading.health
        found["identification"] = {
            "manufacturer": reading.manufacturer,
            "type": reading.reader_type,
            "serial_number": reading.serial_number,
            "operating_system": reading.operating_system,
            "version": str(reading.version),
            "cdc_version": str(reading.cdc),
            "components": [
                {
                    "name": each.name,
                    "version": each.version,
                    "date": None if each.released is None else each.released.isoformat(),
                    "checksum": each.checksum,
                }
                for each in reading.components
            ],
            "capabilities": [each.name.lower() for each in Capability if reading.can(each)],
            "max_owners": reading.max_owners,
            "owners": health.owners,
            "max_invoices": reading.max_invoices,
            "invoices": health.invoices,
            "free_bytes": health.free_bytes,
            "total_bytes": health.total_bytes,
            "moment": reading.moment,
            "drift_s": round(reading.drift_ms / 1000, 1),
            "battery": health.battery,
            "tamper": health.tamper,
            "max_wear": health.max_wear,
            "signature_counter": health.signature_counter,
            "boots": health.boots,
            "damaged": health.damaged,
        }
    return found


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "verdict": finding.verdict.name.lower(),
        "why": finding.why,
        "action": finding.action,
        "ssv": None if finding.ssv is None else f"{finding.ssv:04X}",
    }


def csv_report(park: Sequence[Checked], translate: Translate) -> str:
    """Return the report as CSV, one line per reader, with semicolons as French spreadsheets expect.

    Only numbers look like numbers; nothing looks like a date or a formula, and a code keeps its zeros.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([translate(heading) for heading in _HEADINGS])
    for checked in park:
        writer.writerow([_safe(cell) for cell in _cells(checked, translate)])
    return out.getvalue()


_HEADINGS = (
    *(
        "reader",
        Sentence("serial number"),
        "verdict",
        "why",
        Sentence("what to do"),
        "SSV",
        "manufacturer",
        "type",
        "version",
    ),
    *(
        "CDC",
        Sentence("components"),
        Sentence("capabilities"),
        "invoices",
        Sentence("max invoices"),
        "owners",
        Sentence("max owners"),
        "clock",
    ),
    *(
        Sentence("battery %"),
        Sentence("case opened"),
        Sentence("wear"),
        Sentence("signature counter"),
        Sentence("switched on"),
        Sentence("damaged records"),
    ),
)


def _cells(checked: Checked, translate: Translate) -> list[object]:
    reading, findings = checked.reading, checked.findings
    cells: list[object] = [
        checked.url,
        "" if reading is None else reading.serial_number,
        translate(checked.verdict.text),
        " / ".join(translate(each.why) for each in findings),
        " / ".join(translate(each.action) for each in findings if each.action),
        " ".join(f"SSV {each.ssv:04X}" for each in findings if each.ssv is not None),
    ]
    if reading is None:
        return cells + [""] * (len(_HEADINGS) - len(cells))
    health = reading.health
    components = [f"{each.name} {each.version} {each.checksum}" for each in reading.components]
    return [
        *cells,
        reading.manufacturer,
        reading.reader_type,
        f"V{reading.version}",
        f"V{reading.cdc}",
        ", ".join(components),
        ", ".join(map(translate, abilities(reading.capabilities))),
        health.invoices,
        reading.max_invoices,
        health.owners,
        reading.max_owners,
        translate(duration(reading.drift_ms)),
        health.battery,
        translate("yes" if health.tamper else "no"),
        health.max_wear,
        health.signature_counter,
        health.boots,
        health.damaged,
    ]


def _safe(cell: object) -> object:
    """Return a text that no spreadsheet takes for a formula, number or date: readers may report anything."""
    if not isinstance(cell, str):
        return cell
    text = mask_hidden(cell)
    return f"'{text}" if _TAKEN.match(text) else text


def mask_hidden(text: str) -> str:
    """Return the text with invisible and direction-changing characters replaced, so that none can hide or
    reorder it."""
    return "".join(each if each.isprintable() or each == "\u00a0" else "\ufffd" for each in text)
