"""The report of a campaign: one self-contained HTML page."""

from __future__ import annotations

from html import escape
from typing import Final

from tla_sim.protocol.sentence import Quantity, Sentence, sentences
from tla_sim.tools.fuzz.finding import Finding
from tla_sim.tools.fuzz.plots import line_plot, matrix
from tla_sim.tools.fuzz.report_data import Report, TargetReport
from tla_sim.tools.fuzz.targets.registry import target
from tla_sim.tools.fuzz.unreachable import why_not
from tla_sim.tools.language import localise, spoken_language

_STYLE: Final = """
:root { --ink: #1d2733; --soft: #5b6b7c; --line: #dfe5ec; --blue: #1f6feb; --red: #c62f3b; --paper: #fff; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: #f4f6f9; margin: 0; }
main { max-width: 1180px; margin: 0 auto; padding: 28px 20px 60px; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 34px 0 10px; }
.sub { color: var(--soft); margin: 0 0 20px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; }
.tile, section, figure, details {
  background: var(--paper); border: 1px solid var(--line); border-radius: 8px; }
.tile { padding: 12px 14px; } .tile b { display: block; font-size: 22px; } .tile span { color: var(--soft); }
.tile.bad b { color: var(--red); }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(330px, 1fr)); gap: 12px; }
figure { margin: 0; padding: 10px 12px; } figcaption { font-weight: 600; } svg { width: 100%; height: auto; }
svg text { font-size: 11px; fill: var(--soft); } svg .y { text-anchor: end; } svg .x { text-anchor: middle; }
svg .grid { stroke: var(--line); } svg .curve { fill: none; stroke: var(--blue); stroke-width: 2; }
section { padding: 12px 14px; } .wide { overflow-x: auto; }
table { border-collapse: collapse; } td, th { padding: 4px 10px; text-align: left; font-weight: 400; }
.list th { color: var(--soft); border-bottom: 1px solid var(--line); } .list .n { text-align: right; }
.matrix { font-size: 12px; }
.matrix th, .matrix td { padding: 0 3px; height: 20px; border: 1px solid var(--line); }
.matrix td { width: 20px; min-width: 20px; text-align: center; }
.matrix .up { height: 190px; vertical-align: bottom; }
.matrix .up span { writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap; }
.hit { background: rgb(31 111 235 / var(--w)); } .missing { background: #fbe3e5; color: var(--red); }
.never { background: repeating-linear-gradient(45deg, #e9edf2 0 3px, #fff 3px 6px); }
details { padding: 8px 14px; margin: 8px 0; } summary { cursor: pointer; } summary b { color: var(--red); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: 12px/1.45 ui-monospace, monospace; }
.good { color: #19734a; }
"""


def render(report: Report) -> str:
    """Return the page."""
    cases = sum(each.cases for each in report.targets)
    found = len(report.findings)
    tiles = [
        _tile(_number(cases), Sentence("cases")),
        _tile(localise(_duration(report.seconds)), Sentence("of work")),
        _tile(f"{found}", Sentence("finding") if found == 1 else Sentence("findings"), bad=found > 0),
        _tile(_number(report.kept), Sentence("cases in the corpus")),
    ]
    if report.shares:
        label = Sentence("branches of protocol/ and reader_fw/app/")
        tiles.append(_tile(localise(Sentence("{share:.1%}", share=report.goal_share)), label))
    if report.pairs is not None:
        seen = _seen_of(report.pairs.seen, report.pairs.reachable)
        tiles.append(_tile(seen, Sentence("command × status pairs")))
    names = ", ".join(each.name for each in report.targets)
    title = _say(Sentence("Fuzzing {names}", names=names))
    origin = Sentence(
        "Seed {seed}, {shards}. The same seed and shards give the same cases again.",
        seed=report.seed,
        shards=Quantity(report.shards, "shard"),
    )
    none_found = Sentence("None. Every oracle was satisfied by every case.")
    parts = [
        f"<h1>{title}</h1>",
        f'<p class="sub">{_say(origin)}</p>',
        f'<div class="tiles">{"".join(tiles)}</div>',
        _heading(Sentence("Over time")),
        f'<div class="plots">{_plots(report)}</div>',
        _heading(Sentence("Findings")),
        "".join(_finding(each) for each in report.findings) or f'<p class="good">{_say(none_found)}</p>',
        _heading(Sentence("Targets")),
        _targets(report.targets),
        *(_matrix(each) for each in report.targets if each.pairs),
        _coverage(report),
    ]
    return (
        f'<!doctype html><html lang="{spoken_language()}"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{title}</title><style>{_STYLE}</style></head>'
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def _say(text: str) -> str:
    return escape(localise(text))


def _heading(text: str) -> str:
    return f"<h2>{_say(text)}</h2>"


def _number(number: float) -> str:
    return localise(Sentence("{number:,.0f}", number=number))


def _seen_of(seen: int, reachable: int) -> str:
    return localise(Sentence("{seen} of {reachable}", seen=seen, reachable=reachable))


def _tile(value: str, label: str, bad: bool = False) -> str:
    kind = "tile bad" if bad else "tile"
    return f'<div class="{kind}"><b>{escape(value)}</b><span>{_say(label)}</span></div>'


def _duration(seconds: float) -> Sentence:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return Sentence("{hours} h {minutes} min", hours=hours, minutes=minutes)
    if minutes:
        return Sentence("{minutes} min {seconds} s", minutes=minutes, seconds=rest)
    return Sentence("{seconds:.1f} s", seconds=seconds)


def _plots(report: Report) -> str:
    series = report.series
    return "".join(
        (
            line_plot(localise("Cases"), [(row[0], row[1]) for row in series], localise("cases")),
            line_plot(
                localise("Branches reached"), [(row[0], row[2]) for row in series], localise("branches")
            ),
            line_plot(localise("Findings"), [(row[0], row[3]) for row in series], localise("findings")),
        )
    )


def _finding(finding: Finding) -> str:
    steps = "\n".join(map(localise, target(finding.target).describe(finding.case)))
    where = Sentence(
        "in {target}, {steps}, {origin}",
        target=finding.target,
        steps=Quantity(len(finding.case), "step"),
        origin=finding.origin,
    )
    again = Sentence("Play it again:")
    return (
        f"<details><summary><b>{_say(finding.cause)}</b> {_say(where)}</summary>"
        f"<p>{_say(finding.message)}</p><pre>{escape(steps)}</pre><p>{_say(again)} "
        f"<code>tla fuzz replay findings/{finding.file_name}</code></p>"
        "</details>"
    )


def _targets(targets: tuple[TargetReport, ...]) -> str:
    rows = "".join(
        f'<tr><td>{escape(each.name)}</td><td class="n">{_number(each.cases)}</td>'
        f'<td class="n">{_number(each.units)}</td>'
        f'<td>{_say(f"{each.unit}s")}</td><td class="n">{_number(each.rate)}</td>'
        f'<td class="n">{_seen_of(each.seen, len(each.reachable)) if each.reachable else ""}</td></tr>'
        for each in targets
    )
    headings = sentences("target", "cases", "judged", "", "a second, a core", "pairs seen")
    head = f"<tr>{''.join(f'<th>{_say(heading)}</th>' for heading in headings)}</tr>"
    return f'<section><table class="list">{head}{rows}</table></section>'


def _matrix(each: TargetReport) -> str:
    known = dict.fromkeys((*each.declared, *each.pairs))
    rows = list(dict.fromkeys(subject for subject, _ in known))
    columns = list(dict.fromkeys(outcome for _, outcome in known))
    reasons = {
        pair: localise(reason) for pair in each.declared if (reason := why_not(each.name, *pair)) is not None
    }
    legend = Sentence(
        "Darker is more often. A red ! was declared and never seen; hatched cannot be seen by this target, "
        "and the tip says why."
    )
    title = Sentence("{target}: what was answered", target=each.name)
    return (
        f"{_heading(title)}<p class='sub'>"
        f"{_say(legend)}</p><section>"
        f"{matrix(rows, columns, each.pairs, each.declared, reasons)}</section>"
    )


def _coverage(report: Report) -> str:
    if not report.shares:
        return ""
    rows = "".join(
        f'<tr><td>{escape(file)}</td><td class="n">{reached}</td><td class="n">{there}</td>'
        f'<td class="n">{localise(Sentence("{share:.0%}", share=reached / there))}</td></tr>'
        for file, (reached, there) in sorted(report.shares.items(), key=lambda row: row[1][0] - row[1][1])
        if there
    )
    headings = sentences("file", "branches reached", "there are", "share")
    head = f"<tr>{''.join(f'<th>{_say(heading)}</th>' for heading in headings)}</tr>"
    measured = Sentence("Measured on a sample of cases and on loading; those with most left come first.")
    title = Sentence("Branches, file by file")
    return (
        f"{_heading(title)}<p class='sub'>{_say(measured)}"
        f'</p><section><table class="list">{head}{rows}</table></section>'
    )
