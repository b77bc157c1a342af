"""A session as a pytest test with the fixtures of the plugin."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.web.session_text.session import (
    Cabled,
    CaseOpened,
    Charged,
    CodeTyped,
    CodeVerified,
    Injected,
    Inserted,
    Left,
    Pressed,
    Removed,
    Sent,
    Session,
    SessionStep,
    Shown,
    Switched,
    Waited,
)

_INDENT: Final = "    "
_WIDTH: Final = 96
_SHORT: Final = 40
"""The most bytes of a command that stand where it is sent."""
_IMPORTS: Final = {
    "Path(": "from pathlib import Path",
    "pytest.": "import pytest",
    "tla_sim.": "import tla_sim",
    "Lad.": "from tla_sim.protocol.lad import Lad",
}


def pytest_test(session: Session) -> str:
    """Return the session as a file with one test."""
    steps = tuple(_answered_at_once(session.steps))
    long = {step.apdu: f"COMMAND_{number}" for number, step in enumerate(_long_commands(steps), 1)}
    body = [line for step in steps for line in _lines(step, long)]
    if session.from_new and session.kept is None:
        seed = 1 if session.seed is None else session.seed
        head = [
            "def test_recorded_session(tla_make_reader):",
            f'{_INDENT}reader = tla_make_reader(seed={seed}, profile="{session.profile}", '
            f"moment={session.moment})",
        ]
    else:
        head = [
            "def test_recorded_session():",
            f"{_INDENT}# It began on a reader that had been used before: open a copy of its state.",
            f"{_INDENT}reader = tla_sim.SimulatedReader.open({_quoted(str(session.kept or 'DIR'))})",
        ]
    if any(isinstance(step, CodeTyped | CodeVerified | _Asked) and not step.right for step in steps):
        head.append(f"{_INDENT}wrong = reader.code[:-1] + str((int(reader.code[-1]) + 1) % 10)")
    commands = [line for apdu, name in long.items() for line in ("", *_constant(name, apdu))]
    code = [*commands, "", "", *head, *(f"{_INDENT}{line}" for line in body)]
    imports = [line for word, line in _IMPORTS.items() if any(word in each for each in code)]
    return (
        "\n".join(("# A session with a simulated reader, as a test. Needs tla-sim.", *imports, *code)) + "\n"
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A command for which the code is typed at the keypad, as soon as the reader asks for it."""

    sent: Sent
    right: bool


_Step = SessionStep | _Asked


def _answered_at_once(steps: Iterable[SessionStep]) -> Iterator[_Step]:
    """Yield the steps, with the code that a command waits for beside the command.

    A test does one thing at a time: a rule types the code while the command waits.
    """
    waiting: Sent | None = None
    for step in steps:
        match step:
            case Sent(at_keypad=True):
                waiting = step
            case CodeTyped(right) if waiting is not None:
                yield _Asked(waiting, right)
                waiting = None
            case Shown() | Waited() if waiting is not None:
                continue
            case _:
                yield step


def _long_commands(steps: Iterable[_Step]) -> Iterator[Sent]:
    seen = dict.fromkeys(step for step in steps if isinstance(step, Sent) and len(step.apdu) > _SHORT)
    yield from {step.apdu: step for step in seen}.values()


def _constant(name: str, apdu: bytes) -> Iterator[str]:
    yield f'{name} = bytes.fromhex("""'
    yield from textwrap.wrap(apdu.hex(), _WIDTH)
    yield '""")'


def _code(right: bool) -> str:
    return "reader.code" if right else "wrong"


def _lines(step: _Step, long: Mapping[bytes, str]) -> Iterator[str]:
    match step:
        case Inserted(slot, card, known):
            name = "insert_ps" if slot is Slot.PS else "insert_vitale"
            yield f'reader.{name}("{card}")' if known else f'reader.{name}(Path("{card}.card"))'
        case Removed(slot):
            yield f"reader.remove_{'ps' if slot is Slot.PS else 'vitale'}()"
        case Pressed(legends):
            yield f"reader.press({', '.join(map(_quoted, legends))})"
        case CodeTyped(right):
            yield f'reader.press({_code(right)}, "VAL")'
        case CodeVerified(right):
            yield from _verify("verify_code", right)
        case _Asked(_, right):
            yield f'reader.add_rule("CODE PORTEUR", keys=[{_code(right)}, "VAL"], once=True)'
            yield from _verify("verify_code_at_reader", right)
        case Waited(ms):
            yield f"reader.advance({ms})"
        case Switched(on):
            yield f"reader.power_{'on' if on else 'off'}()"
        case Cabled(plugged):
            yield "cable = reader.transport()" if plugged else "reader.unplug()"
        case Sent(lad, apdu):
            command = long.get(apdu) or f'bytes.fromhex("{apdu.hex()}")'
            yield f"cable.transmit({command}{'' if lad is Lad.LOG_SV else f', Lad.{lad.name}'})"
        case Injected(plan):
            yield f"reader.inject({_quoted(plan)})"
        case Charged(percent):
            yield f"reader.control.battery({percent})"
        case CaseOpened():
            yield "reader.control.open_case()"
        case Left(what):
            yield f"# left out: {what}"
        case Shown(screen):
            yield f"assert reader.screen == ({', '.join(_quoted(line.rstrip()) for line in screen)})"


def _verify(call: str, right: bool) -> Iterator[str]:
    given = ("reader.code" if right else "wrong") if call == "verify_code" else ""
    if right:
        yield f"tla_sim.ReaderClient(cable).{call}({given})"
    else:
        yield "with pytest.raises(tla_sim.StatusError):"
        yield f"{_INDENT}tla_sim.ReaderClient(cable).{call}({given})"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
