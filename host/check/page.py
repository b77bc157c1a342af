"""The report of a park as one HTML page that needs nothing beside it: to print, or hand to a customer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from host.check.reading import Reading
from host.check.rows import Translate, abilities
from host.check.verdict import Checked, Finding, Verdict, duration

_COLOURS: Final = {
    Verdict.UP_TO_DATE: ("#0b6b3a", "#e3f4ea"),
    Verdict.SINGLE_OWNER_ONLY: ("#7a5300", "#fdf0d2"),
    Verdict.MUST_BE_UPDATED: ("#9a3b00", "#fde6d8"),
    Verdict.CLOCK_WRONG: ("#7a5300", "#fdf0d2"),
    Verdict.CHECKSUM_WRONG: ("#9b1c1c", "#fbe3e3"),
    Verdict.CANNOT_BE_UPDATED: ("#9b1c1c", "#fbe3e3"),
    Verdict.UNREACHABLE: ("#3d4451", "#e7e9ee"),
}
_STYLE: Final = """
:root { font-family: system-ui, "Segoe UI", "DejaVu Sans", sans-serif; color: #1c2430; font-size: 14px; }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1.5rem; line-height: 1.45; }
h1 { font-size: 1.6rem; margin: 0; }
.when { color: #5a6472; margin: .2rem 0 1.4rem; }
.sum { display: flex; flex-wrap: wrap; gap: .6rem; margin-bottom: 1.6rem; }
.sum div { border-radius: .5rem; padding: .5rem .9rem; }
.sum b { font-size: 1.3rem; margin-right: .4rem; }
table.list { width: 100%; border-collapse: collapse; margin-bottom: 2rem; }
.list th { text-align: left; font-weight: 600; border-bottom: 2px solid #c9ced6; padding: .35rem .6rem; }
.list td { vertical-align: top; border-bottom: 1px solid #e2e5ea; padding: .45rem .6rem; }
.badge { display: inline-block; border-radius: 1rem; padding: .1rem .7rem; font-weight: 600;
  white-space: nowrap; }
section { border: 1px solid #d9dde3; border-radius: .6rem; padding: .9rem 1.2rem; margin: 0 0 1rem;
  break-inside: avoid; }
section h2 { font-size: 1.05rem; margin: 0 0 .5rem; display: flex; justify-content: space-between;
  gap: 1rem; align-items: baseline; flex-wrap: wrap; }
section ul { margin: .2rem 0 .8rem; padding-left: 1.2rem; }
.todo { color: #39424f; } .todo::before { content: "\\2192\\00a0"; }
.url { color: #5a6472; overflow-wrap: anywhere; margin-bottom: .5rem; }
dl { display: grid; grid-template-columns: max-content 1fr max-content 1fr; gap: .15rem .9rem; margin: 0; }
dt { color: #5a6472; } dd { margin: 0; overflow-wrap: anywhere; }
@media print { body { margin: 0; max-width: none; } section { break-inside: avoid; } }
@media (max-width: 45rem) { dl { grid-template-columns: max-content 1fr; } }
"""


def html_report(park: Sequence[Checked], when: str, translate: Translate, language: str) -> str:
    """The page; `when` is the moment of the check as people write it, `language` its language code."""
    return "\n".join(_page(park, when, translate, language)) + "\n"


def _page(park: Sequence[Checked], when: str, tr: Translate, language: str) -> Iterator[str]:
    title = tr("Check of the portable readers")
    yield f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>"
    yield f"<h1>{escape(title)}</h1>"
    checked_on = tr(f"Checked on {when}, without changing anything in the readers")
    yield f'<p class="when">{escape(checked_on)}</p>'
    yield '<div class="sum">'
    for verdict in Verdict:
        count = sum(each.verdict is verdict for each in park)
        if count:
            yield f"<div{_style(verdict)}><b>{count}</b>{escape(tr(verdict.text))}</div>"
    yield "</div>"
    yield '<table class="list"><thead><tr>'
    for heading in ("serial number", "version", "verdict", "next step"):
        yield f"<th>{escape(tr(heading).capitalize())}</th>"
    yield "</tr></thead><tbody>"
    for each in park:
        reading = each.reading
        who = each.url if reading is None else reading.serial_number
        version = "" if reading is None else str(reading.version)
        yield f"<tr><td>{escape(who)}</td><td>{escape(version)}</td><td>{_badge(each.verdict, tr)}</td>"
        yield f"<td>{escape(tr(each.leading.action) or '–')}</td></tr>"
    yield "</tbody></table>"
    for each in park:
        yield from _section(each, tr)
    yield "</body>\n</html>"


def _section(checked: Checked, tr: Translate) -> Iterator[str]:
    reading = checked.reading
    name = tr("no identification") if reading is None else reading.serial_number
    yield f"<section><h2><span>{escape(name)}</span>{_badge(checked.verdict, tr)}</h2>"
    yield f'<div class="url">{escape(checked.url)}</div>'
    if checked.findings:
        yield "<ul>"
        for finding in checked.findings:
            yield f"<li>{escape(_why(finding, tr))}"
            if finding.action:
                yield f'<div class="todo">{escape(tr(finding.action))}</div>'
            yield "</li>"
        yield "</ul>"
    if reading is not None:
        yield "<dl>"
        for label, value in _details(reading, tr):
            yield f"<dt>{escape(tr(label))}</dt><dd>{escape(value)}</dd>"
        yield "</dl>"
    yield "</section>"


def _details(reading: Reading, tr: Translate) -> Iterator[tuple[str, str]]:
    health = reading.health
    yield "manufacturer", reading.manufacturer
    yield "type", reading.reader_type
    yield "version", f"{reading.version} (CDC {reading.cdc})"
    yield "operating system", reading.operating_system
    for component in reading.components:
        released = "" if component.released is None else f", {component.released:%Y-%m-%d}"
        yield "software", f"{component.name} {component.version}{released}, {component.checksum}"
    yield "can do", ", ".join(map(tr, abilities(reading.capabilities))) or "–"
    yield "clock", tr(duration(reading.drift_ms))
    yield "invoices", f"{health.invoices} / {reading.max_invoices}"
    yield "owners", f"{health.owners} / {reading.max_owners}"
    yield "battery", f"{health.battery} %"
    yield "opened", tr("yes" if health.tamper else "no")
    yield "memory", f"{health.free_bytes // 1024} / {health.total_bytes // 1024} KiB"
    yield "wear", str(health.max_wear)
    yield "signature counter", str(health.signature_counter)
    yield "switched on", str(health.boots)


def _why(finding: Finding, tr: Translate) -> str:
    ssv = "" if finding.ssv is None else f" (SSV {finding.ssv:04X})"
    return f"{tr(finding.why)}{ssv}."


def _badge(verdict: Verdict, tr: Translate) -> str:
    return f'<span class="badge"{_style(verdict)}>{escape(tr(verdict.text))}</span>'


def _style(verdict: Verdict) -> str:
    ink, paper = _COLOURS[verdict]
    return f' style="color:{ink};background:{paper}"'
