"""The report of a campaign: one self-contained HTML page."""

from __future__ import annotations

from html import escape
from typing import Final

from tla_sim.tools.fuzz.finding import Finding
from tla_sim.tools.fuzz.plots import line_plot, matrix
from tla_sim.tools.fuzz.report_data import Report, TargetReport
from tla_sim.tools.fuzz.targets.registry import target
from tla_sim.tools.fuzz.unreachable import why_not

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
        _tile(f"{cases:,}", "cases"),
        _tile(_duration(report.seconds), "of work"),
        _tile(f"{found}", "finding" if found == 1 else "findings", bad=found > 0),
        _tile(f"{report.kept:,}", "cases in the corpus"),
    ]
    if report.shares:
        tiles.append(_tile(f"{report.goal_share:.1%}", "branches of protocol/ and reader_fw/app/"))
    if report.pairs is not None:
        tiles.append(_tile(f"{report.pairs.seen} of {report.pairs.reachable}", "command × status pairs"))
    names = ", ".join(each.name for each in report.targets)
    parts = [
        f"<h1>Fuzzing {escape(names)}</h1>",
        f'<p class="sub">Seed {escape(report.seed)}, {report.shards} shard(s). The same seed and shards give '
        "the same cases again.</p>",
        f'<div class="tiles">{"".join(tiles)}</div>',
        "<h2>Over time</h2>",
        f'<div class="plots">{_plots(report)}</div>',
        "<h2>Findings</h2>",
        "".join(_finding(each) for each in report.findings)
        or '<p class="good">None. Every oracle was satisfied by every case.</p>',
        "<h2>Targets</h2>",
        _targets(report.targets),
        *(_matrix(each) for each in report.targets if each.pairs),
        _coverage(report),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>Fuzzing {escape(names)}</title><style>{_STYLE}</style></head>'
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def _tile(value: str, label: str, bad: bool = False) -> str:
    kind = "tile bad" if bad else "tile"
    return f'<div class="{kind}"><b>{escape(value)}</b><span>{escape(label)}</span></div>'


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return (
        f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"
    )


def _plots(report: Report) -> str:
    series = report.series
    return "".join(
        (
            line_plot("Cases", [(row[0], row[1]) for row in series], "cases"),
            line_plot("Branches reached", [(row[0], row[2]) for row in series], "branches"),
            line_plot("Findings", [(row[0], row[3]) for row in series], "findings"),
        )
    )


def _finding(finding: Finding) -> str:
    steps = "\n".join(target(finding.target).describe(finding.case))
    return (
        f"<details><summary><b>{escape(finding.cause)}</b> in {escape(finding.target)}, "
        f"{len(finding.case)} step(s), {escape(finding.origin)}</summary><p>{escape(finding.message)}</p>"
        f"<pre>{escape(steps)}</pre><p>Play it again: "
        f"<code>tla fuzz replay findings/{finding.file_name}</code></p>"
        "</details>"
    )


def _targets(targets: tuple[TargetReport, ...]) -> str:
    rows = "".join(
        f'<tr><td>{escape(each.name)}</td><td class="n">{each.cases:,}</td><td class="n">{each.units:,}</td>'
        f'<td>{escape(each.unit)}s</td><td class="n">{each.rate:,.0f}</td>'
        f'<td class="n">{f"{each.seen} of {len(each.reachable)}" if each.reachable else ""}</td></tr>'
        for each in targets
    )
    headings = ("target", "cases", "judged", "", "a second, a core", "pairs seen")
    head = f"<tr>{''.join(f'<th>{heading}</th>' for heading in headings)}</tr>"
    return f'<section><table class="list">{head}{rows}</table></section>'


def _matrix(each: TargetReport) -> str:
    known = dict.fromkeys((*each.declared, *each.pairs))
    rows = list(dict.fromkeys(subject for subject, _ in known))
    columns = list(dict.fromkeys(outcome for _, outcome in known))
    reasons = {pair: reason for pair in each.declared if (reason := why_not(each.name, *pair)) is not None}
    return (
        f"<h2>{escape(each.name)}: what was answered</h2><p class='sub'>Darker is more often. A red ! was "
        "declared and never seen; hatched cannot be seen by this target, and the tip says why.</p><section>"
        f"{matrix(rows, columns, each.pairs, each.declared, reasons)}</section>"
    )


def _coverage(report: Report) -> str:
    if not report.shares:
        return ""
    rows = "".join(
        f'<tr><td>{escape(file)}</td><td class="n">{reached}</td><td class="n">{there}</td>'
        f'<td class="n">{reached / there:.0%}</td></tr>'
        for file, (reached, there) in sorted(report.shares.items(), key=lambda row: row[1][0] - row[1][1])
        if there
    )
    head = "<tr><th>file</th><th>branches reached</th><th>there are</th><th>share</th></tr>"
    return (
        "<h2>Branches, file by file</h2><p class='sub'>Measured on a sample of cases and on loading; those "
        f'with most left come first.</p><section><table class="list">{head}{rows}</table></section>'
    )
