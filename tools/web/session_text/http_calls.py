"""A session as calls of the bench's HTTP API: a shell script that needs curl."""

from __future__ import annotations

import json
import shlex
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Final

from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.people import MORNING
from tla_sim.tools.web.session_text.session import (
    OTHER_CLOCK,
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

_ASKS: Final = "CODE PORTEUR"
_SLOTS: Final = {Slot.PS: "ps", Slot.VITALE: "vitale"}

_HEAD: Final = """\
#!/bin/sh
# A session with a simulated reader, as calls of the bench's HTTP API. Start the bench with `tla web`, then:
#
#     TLA_URL=http://127.0.0.1:PORT TLA_CODE=... sh FILE
#
# TLA_URL is the address that tla web prints, TLA_CODE the code porteur of the cards. Needs curl.
set -eu
: "${TLA_URL:?is the address that tla web prints}"
bench=${TLA_URL%/}/v1
"""
_FUNCTIONS: Final = """
# Bodies go through standard input: nobody reads a code in the list of processes.
call() { # METHOD PATH [JSON]
    if ! answer=$(printf '%s' "${3-}" | curl --silent --show-error --fail-with-body --request "$1" \\
        --header 'Content-Type: application/json' --data-binary @- "$bench/$2"); then
        printf '%s %s\\n%s\\n' "$1" "$2" "$answer" >&2
        exit 1
    fi
}
ask() { call "$1" "readers/$reader/$2" "${3-}"; }
expect() { # the four lines of the screen
    wanted=$(printf '%s\\n' "$@")
    shown=$(curl --silent --show-error --fail "$bench/readers/$reader/screen.txt" | sed 's/ *$//')
    if [ "$shown" != "$wanted" ]; then
        printf 'The screen should show\\n%s\\nand shows\\n%s\\n' "$wanted" "$shown" >&2
        exit 1
    fi
}
"""
_CODES: Final = """\
: "${TLA_CODE:?is the code porteur of the cards}"
last=${TLA_CODE#"${TLA_CODE%?}"}
another=${TLA_CODE%?}$(((last + 1) % 10))
"""
_PAUSE: Final = """
# Time passes only while the reader works, and where it says so below.
ask PATCH clock '{"paused": true}'
"""


def http_calls(session: Session) -> str:
    """Return the session as a shell script that calls the HTTP API with curl."""
    coded = any(isinstance(step, CodeTyped | CodeVerified) for step in session.steps)
    if session.from_new and session.kept is None:
        made = {"name": "$reader", "profile": session.profile, "seed": session.seed}
        remark = "" if session.moment == MORNING else f"# {OTHER_CLOCK}\n"
        begin = (
            f"{remark}reader=session-$$\ncall POST readers {_filled_in(made)}\n"
            "trap 'call DELETE \"readers/$reader\"' EXIT\n"
        )
    else:
        begin = (
            "# It began on a reader that had been used before: name one in the same state.\n"
            "reader=${TLA_READER_NAME:?is the name of the reader}\n"
        )
    lines = "\n".join(_all_lines(session.steps))
    return f"{_HEAD}{_CODES if coded else ''}{_FUNCTIONS}\n{begin}{_PAUSE}\n{lines}\n"


def _all_lines(steps: Iterable[SessionStep]) -> Iterator[str]:
    ahead = deque(steps)
    while ahead:
        step = ahead.popleft()
        if isinstance(step, Sent) and step.at_keypad:
            beside = list(takewhile(lambda each: isinstance(each, Shown | Waited), ahead))
            if len(beside) < len(ahead) and isinstance(typed := ahead[len(beside)], CodeTyped):
                # A rule is there before the command: nobody has to be in time for what the reader asks.
                yield _type_when_asked(typed.right)
                yield _command(step.lad, step.apdu)
                for _ in range(len(beside) + 1):
                    ahead.popleft()
                continue
        yield from _lines(step)


def _type_when_asked(right: bool) -> str:
    rule = {"text": _ASKS, "keys": [_code(right), "VAL"], "once": True}
    return f"ask POST rules {_filled_in(rule)}"


def _ask(method: str, path: str, body: object = None) -> str:
    given = "" if body is None else f" {shlex.quote(json.dumps(body))}"
    return f"ask {method} {path}{given}"


def _filled_in(body: object) -> str:
    """Return JSON between double quotes, in which the shell fills in its variables."""
    return '"' + json.dumps(body).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _code(right: bool) -> str:
    return "$TLA_CODE" if right else "$another"


def _lines(step: SessionStep) -> Iterator[str]:
    match step:
        case Inserted(slot, card, known):
            if not known:
                yield f"# {card} is not a card of the practice: upload it first"
            yield _ask("PUT", f"slots/{_SLOTS[slot]}", {"card": card})
        case Removed(slot):
            yield _ask("DELETE", f"slots/{_SLOTS[slot]}")
        case Pressed(legends):
            yield _ask("POST", "keys", {"keys": list(legends)})
        case CodeTyped(right):
            yield f"ask POST keys {_filled_in({'keys': [_code(right), 'VAL']})}"
        case CodeVerified(right):
            asked = f"ask POST verify {_filled_in({'code': _code(right)})}"
            yield asked if right else f"({asked}) 2> /dev/null || true"
        case Waited(ms):
            yield _ask("POST", "clock/advance", {"ms": ms})
        case Switched(on):
            yield _ask("PUT", "power", {"on": on})
        case Cabled(plugged):
            yield _ask("PUT", "cable", {"plugged": plugged})
        case Sent(lad, apdu, at_keypad):
            yield from _send(lad, apdu, at_keypad)
        case Injected(plan):
            yield _ask("POST", "faults", {"plan": plan})
        case Charged(percent):
            yield _ask("PUT", "battery", {"percent": percent})
        case CaseOpened():
            yield _ask("POST", "tamper")
        case Left(what):
            yield f"# left out: {what}"
        case Shown(screen):
            yield f"expect {' '.join(shlex.quote(line.rstrip()) for line in screen)}"


def _send(lad: Lad, apdu: bytes, at_keypad: bool) -> Iterator[str]:
    sent = _command(lad, apdu)
    yield f"{sent} &" if at_keypad else sent
    if at_keypad:
        yield _ask("POST", "wait", {"text": _ASKS, "timeout": 10_000})


def _command(lad: Lad, apdu: bytes) -> str:
    return _ask("POST", "apdu", {"device": lad.name.lower(), "command": apdu.hex()})
