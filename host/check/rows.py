"""A checked reader as named values: for JSON as they are, for CSV one a column."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

from host.check.verdict import Checked, Finding, duration
from protocol.commands import Capability

Translate = Callable[[str], str]


def facts(checked: Checked) -> dict[str, Any]:
    """Everything known of one reader, JSON-ready; what could not be read is `None`."""
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
    """One line a reader, semicolons between, as French spreadsheets open it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([translate(heading) for heading in _HEADINGS])
    for checked in park:
        writer.writerow([_safe(cell) for cell in _cells(checked, translate)])
    return out.getvalue()


_HEADINGS = (
    *("reader", "serial number", "verdict", "why", "what to do", "SSV", "manufacturer", "type", "version"),
    *("CDC", "components", "capabilities", "invoices", "at most", "owners", "clock", "battery %", "opened"),
    *("wear", "signature counter", "switched on", "damaged records"),
)


def _cells(checked: Checked, translate: Translate) -> list[object]:
    reading, findings = checked.reading, checked.findings
    cells: list[object] = [
        checked.url,
        "" if reading is None else reading.serial_number,
        translate(checked.verdict.text),
        " / ".join(translate(each.why) for each in findings),
        " / ".join(translate(each.action) for each in findings if each.action),
        " ".join(f"{each.ssv:04X}" for each in findings if each.ssv is not None),
    ]
    if reading is None:
        return cells + [""] * (len(_HEADINGS) - len(cells))
    health = reading.health
    components = [f"{each.name} {each.version} {each.checksum}" for each in reading.components]
    return [
        *cells,
        reading.manufacturer,
        reading.reader_type,
        reading.version,
        reading.cdc,
        ", ".join(components),
        ", ".join(map(translate, abilities(reading.capabilities))),
        health.invoices,
        reading.max_invoices,
        f"{health.owners}/{reading.max_owners}",
        translate(duration(reading.drift_ms)),
        health.battery,
        translate("yes" if health.tamper else "no"),
        health.max_wear,
        health.signature_counter,
        health.boots,
        health.damaged,
    ]


def _safe(cell: object) -> object:
    """A text that a spreadsheet does not take for a formula: readers say what they like of themselves."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def abilities(mask: int) -> list[str]:
    """The capabilities of a mask, each in words."""
    return [text for capability, text in _CAPABILITIES.items() if mask & capability]


_CAPABILITIES = {
    Capability.PARTIAL_CERTIFICATION: "partial certification",
    Capability.MULTI_OWNER: "several owners at a time",
    Capability.DESK_CERTIFICATION: "certification at the desk",
    Capability.DRE: "DRE",
    Capability.UPDATE: "update over the cable",
}
