"""The page that shows differing screens side by side: one HTML file without a script."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Final

from tla_sim.protocol.sentence import Quantity, Sentence
from tla_sim.reader_fw.board.display import Screen
from tla_sim.tools.language import localise, spoken_language
from tla_sim.tools.testing.golden.comparison import Difference
from tla_sim.tools.testing.golden.flow import FlowScreen

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1d2733; --soft: #4d5c6b; --paper: #fff; --back: #f3f5f8;
  --line: #d5dde6; --lcd: #c9d8a4; --dots: #1c2a12; --mark: #7a1022; --mark-ink: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7edf3; --soft: #a9b7c5; --paper: #1a222b;
  --back: #11171d; --line: #35414e; --lcd: #2c3a20; --dots: #d9ecb4; --mark: #ffb3bd; --mark-ink: #3b0610; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--back); margin: 0; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 0 0 .75rem; overflow-wrap: anywhere; }
p { margin: 0 0 .5rem; } .soft { color: var(--soft); }
section { background: var(--paper); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem;
  margin: 0 0 1rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(19rem, 100%), 1fr)); gap: 1rem; }
figure { margin: 0; min-width: 0; } figcaption { font-weight: 600; margin: 0 0 .25rem; }
pre { display: inline-block; max-width: 100%; overflow-x: auto; margin: 0; padding: .75rem;
  border-radius: .4rem; background: var(--lcd); color: var(--dots);
  font: 1.1rem/1.35 ui-monospace, "DejaVu Sans Mono", monospace; }
mark { background: var(--mark); color: var(--mark-ink); font-weight: 700; text-decoration: underline;
  text-decoration-thickness: .15em; }
ul { margin: .75rem 0 0; padding-left: 1.2rem; } .none { padding: .75rem 0; color: var(--soft); }
"""


@dataclass(frozen=True, slots=True)
class ComparedFlow:
    """A flow that differs: its name, the golden file as people call it, and the differences."""

    name: str
    golden: str
    screens: int
    differences: tuple[Difference, ...]


def render(flows: Iterable[ComparedFlow]) -> str:
    """Return the page about flows that differ from their golden screens."""
    differing = list(flows)
    count = sum(len(each.differences) for each in differing)
    title = _say(Quantity(count, "screen differs from the golden one", "screens differ from the golden ones"))
    legend = _say(Sentence("First what was recorded, then what is shown now; what differs is underlined."))
    body = "".join(map(_flow, differing))
    return (
        f'<!doctype html>\n<html lang="{spoken_language()}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
        f'<p class="soft">{legend}</p>\n{body}</main>\n</body>\n</html>\n'
    )


def _say(text: str) -> str:
    return escape(localise(text))


def _flow(flow: ComparedFlow) -> str:
    where = Sentence(
        "{differing} of {screens}, recorded in {file}",
        differing=len(flow.differences),
        screens=Quantity(flow.screens, "screen"),
        file=flow.golden,
    )
    return (
        f'<h2>{escape(flow.name)}</h2>\n<p class="soft">{_say(where)}</p>\n'
        f"{''.join(map(_difference, flow.differences))}"
    )


def _difference(difference: Difference) -> str:
    was, now = difference.golden, difference.shown
    after = (now or was or FlowScreen("", _BLANK)).after
    # What a user wrote is not translated, though it may read like a sentence of ours.
    number = difference.number
    named = (
        Sentence("Screen {number}, after:", number=number)
        if after
        else Sentence("Screen {number}", number=number)
    )
    heading = f"{_say(named)} {escape(after)}".rstrip()
    recorded = _figure(Sentence("Recorded"), was, now, Sentence("No such screen was recorded."))
    shown = _figure(Sentence("Shown now"), now, was, Sentence("This screen is no longer shown."))
    said = "".join(f"<li>{_say(each)}</li>" for each in _lines_that_differ(was, now))
    told = f"<ul>{said}</ul>" if said else ""
    return f'<section>\n<h3>{heading}</h3>\n<div class="pair">{recorded}{shown}</div>\n{told}</section>\n'


_BLANK: Final[Screen] = ("", "", "", "")


def _figure(caption: Sentence, one: FlowScreen | None, other: FlowScreen | None, none: Sentence) -> str:
    if one is None:
        return f'<figure><figcaption>{_say(caption)}</figcaption><p class="none">{_say(none)}</p></figure>'
    screen = one.screen
    against = other.screen if other is not None else screen
    text = "\n".join(_marked(line, beside) for line, beside in zip(screen, against, strict=True))
    return f"<figure><figcaption>{_say(caption)}</figcaption><pre>{text}</pre></figure>"


def _marked(line: str, beside: str) -> str:
    """Return a line with every run of characters marked that the line beside it does not have there."""
    parts: list[tuple[bool, str]] = []
    for mine, other in zip(line, beside, strict=True):
        if parts and parts[-1][0] == (mine != other):
            parts[-1] = (parts[-1][0], parts[-1][1] + mine)
        else:
            parts.append((mine != other, mine))
    return "".join(f"<mark>{escape(text)}</mark>" if differs else escape(text) for differs, text in parts)


def _lines_that_differ(was: FlowScreen | None, now: FlowScreen | None) -> Iterable[Sentence]:
    """Yield a sentence for each line that differs, for those who do not see the marks."""
    if was is None or now is None:
        return
    for number, (before, after) in enumerate(zip(was.screen, now.screen, strict=True), 1):
        if before != after:
            yield Sentence(
                "Line {number}: “{after}” instead of “{before}”",
                number=number,
                after=after.rstrip(),
                before=before.rstrip(),
            )
