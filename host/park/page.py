"""The report of a park as one self-contained HTML page, to print or to hand to a customer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from tla_sim.host.park.abilities import abilities
from tla_sim.host.park.reading import Reading
from tla_sim.host.park.rows import Translate, mask_hidden
from tla_sim.host.park.verdict import Checked, Finding, Standard, Verdict, duration
from tla_sim.protocol.sentence import Sentence

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
:root { font-family: system-ui, "Segoe UI", "DejaVu Sans", sans-serif; color: #1c2430; font-size: 14px;
  -webkit-print-color-adjust: exact; print-color-adjust: exact; }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1.5rem; line-height: 1.4; }
h1 { font-size: 1.6rem; margin: 0; }
.when { color: #5a6472; margin: .2rem 0 1.2rem; }
.sum { display: flex; flex-wrap: wrap; gap: .5rem; margin-bottom: 1.4rem; }
.sum div { border: 1px solid; border-radius: .5rem; padding: .35rem .8rem; }
.sum b { font-size: 1.25rem; margin-left: .5rem; }
table { width: 100%; border-collapse: collapse; margin-bottom: 1.8rem; }
th { text-align: left; font-weight: 600; border-bottom: 2px solid #c9ced6; padding: .35rem .6rem; }
td { vertical-align: top; border-bottom: 1px solid #e2e5ea; padding: .4rem .6rem; }
td:first-child { font-weight: 600; max-width: 13rem; overflow-wrap: anywhere; }
td:first-child .url { font-weight: 400; font-size: .8em; }
tr, section, .sign { break-inside: avoid; }
.badge { display: inline-block; border: 1px solid; border-radius: 1rem; padding: 0 .6rem; font-weight: 600;
  white-space: nowrap; }
h2 { font-size: 1.15rem; margin: 0 0 .7rem; break-after: avoid; }
section { border: 1px solid #d9dde3; border-radius: .6rem; padding: .7rem 1rem; margin: 0 0 .8rem; }
h3 { font-size: 1.02rem; margin: 0; display: flex; justify-content: space-between; gap: 1rem;
  align-items: baseline; flex-wrap: wrap; }
ul { margin: .2rem 0 .6rem; padding-left: 1.2rem; }
.todo { color: #39424f; } .todo::before { content: "\\2192\\00a0"; }
.url { color: #5a6472; overflow-wrap: anywhere; }
code { font-family: "DejaVu Sans Mono", Consolas, monospace; font-size: .92em; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); gap: .1rem 1.2rem;
  margin: .4rem 0 0; }
dl .wide { grid-column: 1 / -1; }
dt, dd { display: inline; margin: 0; overflow-wrap: break-word; }
dt { color: #5a6472; } dt::after { content: ": "; } :lang(fr) dt::after { content: "\\00a0: "; }
.sign { display: grid; grid-template-columns: 1fr 1fr; gap: 1.5rem; margin-top: 1.6rem; }
.sign div { border-top: 1px solid #5a6472; padding-top: .3rem; min-height: 4.5rem; color: #5a6472; }
@page { margin: 14mm 12mm; }
@media print { :root { font-size: 11.5px; } body { margin: 0; max-width: none; padding: 0; } }
@media (max-width: 45rem) { thead { display: none; } td { display: block; border: 0; padding: .1rem 0; }
  tr { display: block; border-bottom: 1px solid #e2e5ea; padding: .5rem 0; } }
"""


def html_report(
    park: Sequence[Checked], when: str, standard: Standard, translate: Translate, language: str
) -> str:
    """Return the page. `when` is the time of the check in words, `language` its language code."""
    return "\n".join(_page(park, when, standard, translate, language)) + "\n"


def _page(
    park: Sequence[Checked], when: str, standard: Standard, tr: Translate, language: str
) -> Iterator[str]:
    title = tr(Sentence("Check of the portable readers"))
    yield f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>"
    yield f"<h1>{escape(title)}</h1>"
    checked_on = tr(Sentence("Checked on {when}, without changing anything in the readers", when=when))
    minutes = standard.drift_ms / 60_000
    measure = tr(
        Sentence(
            "Measured by version {newest}; a clock may be {minutes:g} min off",
            newest=standard.newest,
            minutes=minutes,
        )
    )
    yield f'<p class="when">{escape(checked_on)}. {escape(measure)}.</p>'
    yield '<div class="sum">'
    for verdict in Verdict:
        count = sum(each.verdict is verdict for each in park)
        if count:
            yield f"<div{_style(verdict)}>{escape(tr(verdict.text))}<b>{count}</b></div>"
    yield "</div>"
    yield "<table><thead><tr>"
    for heading in ("reader", "version", "verdict", Sentence("what was found, and the next step")):
        yield f"<th>{escape(_capital(tr(heading)))}</th>"
    yield "</tr></thead><tbody>"
    for each in park:
        yield from _row(each, tr)
    yield "</tbody></table>"
    heading = tr(Sentence("Each reader"))
    yield f"<h2>{escape(heading)}</h2>"
    for each in park:
        yield from _section(each, tr)
    yield '<div class="sign">'
    for who in (Sentence("Technician: name, date, signature"), Sentence("Customer: name, date, signature")):
        yield f"<div>{escape(tr(who))}</div>"
    yield "</div>\n</body>\n</html>"


def _row(checked: Checked, tr: Translate) -> Iterator[str]:
    reading, leading = checked.reading, checked.leading
    where = f'<div class="url">{_text(checked.url)}</div>'
    who = where if reading is None else f"{_text(reading.serial_number)}{where}"
    version = "" if reading is None else str(reading.version)
    yield f"<tr><td>{who}</td><td>{escape(version)}</td><td>{_badge(checked.verdict, tr)}</td>"
    found = _why(leading, tr) if leading.why else "–"
    yield f"<td>{found}{_todo(leading, tr)}</td></tr>"


def _section(checked: Checked, tr: Translate) -> Iterator[str]:
    reading = checked.reading
    name = escape(tr(Sentence("no identification"))) if reading is None else _text(reading.serial_number)
    yield f"<section><h3><span>{name}</span>{_badge(checked.verdict, tr)}</h3>"
    yield f'<div class="url">{_text(checked.url)}</div>'
    if checked.findings:
        yield "<ul>"
        for finding in checked.findings:
            yield f"<li>{_why(finding, tr)}{_todo(finding, tr)}</li>"
        yield "</ul>"
    if reading is not None:
        yield "<dl>"
        for label, value in _details(reading, tr):
            wide = ' class="wide"' if label in _WIDE else ""
            yield f"<div{wide}><dt>{escape(_capital(tr(label)))}</dt><dd>{_text(value)}</dd></div>"
        yield "</dl>"
    yield "</section>"


_WIDE: Final = ("software", Sentence("can do"))


def _details(reading: Reading, tr: Translate) -> Iterator[tuple[str, str]]:
    health = reading.health
    yield "manufacturer", reading.manufacturer
    yield Sentence("type"), reading.reader_type
    yield Sentence("operating system"), reading.operating_system
    yield "version", Sentence("{version} (CDC {cdc})", version=reading.version, cdc=reading.cdc)
    yield (
        "invoices",
        tr(
            Sentence(
                "{invoices} of at most {max_invoices}",
                invoices=health.invoices,
                max_invoices=reading.max_invoices,
            )
        ),
    )
    yield (
        "owners",
        tr(Sentence("{owners} of at most {max_owners}", owners=health.owners, max_owners=reading.max_owners)),
    )
    yield Sentence("clock"), tr(duration(reading.drift_ms))
    yield "battery", f"{health.battery} %"
    yield Sentence("case opened"), tr("yes" if health.tamper else "no")
    yield (
        "memory",
        tr(
            Sentence(
                "{free_bytes} KiB free of {total_bytes} KiB",
                free_bytes=health.free_bytes // 1024,
                total_bytes=health.total_bytes // 1024,
            )
        ),
    )
    yield Sentence("erasures of one sector, at most"), str(health.max_wear)
    yield Sentence("signature counter"), str(health.signature_counter)
    yield Sentence("starts"), str(health.boots)
    yield Sentence("damaged records"), str(health.damaged)
    for component in reading.components:
        released = "" if component.released is None else f" ({component.released:%d/%m/%Y})"
        checksum = tr(Sentence("checksum {checksum}", checksum=component.checksum))
        yield Sentence("software"), f"{component.name} {component.version}{released}, {checksum}"
    yield Sentence("can do"), ", ".join(map(tr, abilities(reading.capabilities))) or "–"


def _why(finding: Finding, tr: Translate) -> str:
    ssv = "" if finding.ssv is None else f" (SSV {finding.ssv:04X})"
    return f"{_text(tr(finding.why))}{ssv}."


def _todo(finding: Finding, tr: Translate) -> str:
    """Return the next step as HTML, with the command to type set apart."""
    if not finding.action:
        return ""
    said, colon, command = tr(finding.action).partition(": tla ")
    typed = f"<code>tla {_text(command)}</code>" if colon else ""
    return f'<div class="todo">{_text(said)}{": " if colon else ""}{typed}</div>'


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _text(text: str) -> str:
    return escape(mask_hidden(text))


def _badge(verdict: Verdict, tr: Translate) -> str:
    return f'<span class="badge"{_style(verdict)}>{escape(tr(verdict.text))}</span>'


def _style(verdict: Verdict) -> str:
    ink, paper = _COLOURS[verdict]
    return f' style="color:{ink};background:{paper}"'
