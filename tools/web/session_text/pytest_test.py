"""A session as a pytest test with the fixtures of the plugin."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.display import Screen
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.web.session_text.asked import Asked, answered_at_once
from tla_sim.tools.web.session_text.session import (
    CodeTyped,
    CodeVerified,
    Pressed,
    Sent,
    Session,
    SessionStep,
)
from tla_sim.tools.web.session_text.start import where_to_get_it
from tla_sim.tools.web.session_text.teller import CARD_WORDS, Teller

_INDENT: Final = "    "
_WIDTH: Final = 96
_SHORT: Final = 40
"""The most bytes of a command that stand where it is sent."""
_IMPORTS: Final = {
    "Path(": "from pathlib import Path",
    "pytest.": "import pytest",
    "tla_sim.": "import tla_sim",
    "InProcessTransport(": "from tla_sim.host.transport.in_process import InProcessTransport",
    "Lad.": "from tla_sim.protocol.lad import Lad",
}


def pytest_test(session: Session) -> str:
    """Return the session as a file with one test."""
    made = session.made
    steps = tuple(answered_at_once(session.since_start if made is None else session.since_made))
    long = {apdu: f"COMMAND_{number}" for number, apdu in enumerate(_long_commands(steps), 1)}
    if made is None:
        first = [
            *where_to_get_it(session, "the folder of this file"),
            f"START = {_quoted(session.start_file)}",
        ]
        begin = [
            "reader = tla_make_reader()",
            "reader.restore(reader.read_snapshot(Path(__file__).with_name(START)))",
        ]
    else:
        first = []
        options = f'seed={made.seed}, profile="{made.profile}", moment={made.moment}'
        begin = [f"reader = tla_make_reader({options})"]
    if made is None and session.plugged:
        begin.append("cable = InProcessTransport(reader.control.transmit)")
    if any(
        isinstance(each, CodeTyped | CodeVerified) and not each.right
        for step in steps
        for each in (step.pressed if isinstance(step, Asked) else (step,))
    ):
        begin.append("wrong = reader.code[:-1] + str((int(reader.code[-1]) + 1) % 10)")
    body = [*begin, *_PytestTeller(long).tell(steps)]
    commands = [line for apdu, name in long.items() for line in ("", *_constant(name, apdu))]
    code = [
        *(("", *first) if first else ()),
        *commands,
        "",
        "",
        "def test_recorded_session(tla_make_reader):",
        *(f"{_INDENT}{line}" for line in body),
    ]
    imports = [line for word, line in _IMPORTS.items() if any(word in each for each in code)]
    return (
        "\n".join(("# A session with a simulated reader, as a test. Needs tla-sim.", *imports, *code)) + "\n"
    )


def _long_commands(steps: Iterable[SessionStep | Asked]) -> Iterator[bytes]:
    sent = (step for step in steps if isinstance(step, Sent))
    yield from dict.fromkeys(step.apdu for step in sent if len(step.apdu) > _SHORT)


def _constant(name: str, apdu: bytes) -> Iterator[str]:
    yield f'{name} = bytes.fromhex("""'
    yield from textwrap.wrap(apdu.hex(), _WIDTH)
    yield '""")'


def _code(right: bool) -> str:
    return "reader.code" if right else "wrong"


class _PytestTeller(Teller):
    """Names long commands by the constants that hold them."""

    def __init__(self, long: Mapping[bytes, str]) -> None:
        self._long = long

    def inserted(self, slot: Slot, card: str) -> str:
        return f'reader.insert_{CARD_WORDS[slot]}("{card}")'

    def removed(self, slot: Slot) -> str:
        return f"reader.remove_{CARD_WORDS[slot]}()"

    def pressed(self, legends: tuple[str, ...]) -> str:
        return f"reader.press({', '.join(map(_quoted, legends))})"

    def code_typed(self, right: bool) -> str:
        return f'reader.press({_code(right)}, "VAL")'

    def code_verified(self, right: bool) -> str:
        return _verify(f"verify_code({_code(right)})", right)

    def waited(self, ms: int) -> str:
        return f"reader.advance({ms})"

    def switched(self, on: bool) -> str:
        return f"reader.power_{'on' if on else 'off'}()"

    def cabled(self, plugged: bool) -> str:
        return "cable = reader.transport()" if plugged else "reader.unplug()"

    def sent(self, lad: Lad, apdu: bytes) -> str:
        command = self._long.get(apdu) or f'bytes.fromhex("{apdu.hex()}")'
        return f"cable.transmit({command}{'' if lad is Lad.LOG_SV else f', Lad.{lad.name}'})"

    def waits_for_code(self, lad: Lad, apdu: bytes) -> str:
        return f"reader.control.begin(Lad.{lad.name}, bytes.fromhex({_quoted(apdu.hex())}), lambda _: None)"

    def asked(self, lad: Lad, apdu: bytes, pressed: Iterable[Pressed | CodeTyped]) -> str:
        keys = [
            key
            for each in pressed
            for key in (
                (_code(each.right), '"VAL"') if isinstance(each, CodeTyped) else map(_quoted, each.legends)
            )
        ]
        rule = f'reader.add_rule("CODE PORTEUR", keys=[{", ".join(keys)}], once=True)'
        return f"{rule}\n{self.sent(lad, apdu)}"

    def injected(self, plan: str) -> str:
        return f"reader.inject({_quoted(plan)})"

    def charged(self, percent: int) -> str:
        return f"reader.set_battery({percent})"

    def case_opened(self) -> str:
        return "reader.open_case()"

    def shown(self, screen: Screen) -> str:
        return f"assert reader.screen == ({', '.join(_quoted(line.rstrip()) for line in screen)})"


def _verify(call: str, right: bool) -> str:
    done = f"tla_sim.ReaderClient(cable).{call}"
    return done if right else f"with pytest.raises(tla_sim.StatusError):\n{_INDENT}{done}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
