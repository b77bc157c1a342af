"""A session as calls of the bench's HTTP API: a shell script that needs curl."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable
from typing import Final

from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.display import Screen
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.people import MORNING
from tla_sim.tools.web.session_text.asked import answered_at_once
from tla_sim.tools.web.session_text.session import CodeTyped, CodeVerified, Pressed, Sent, Session
from tla_sim.tools.web.session_text.start import where_to_get_it
from tla_sim.tools.web.session_text.teller import CARD_WORDS, Teller

_ASKS: Final = "CODE PORTEUR"
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


_THERE: Final = """\
[ -r "$start" ] || { printf '%s is not there: see the first lines of this file\\n' "$start" >&2; exit 1; }
"""
_QUESTION: Final = """\
asked() { # wait until the reader asks for a code, while a command runs beside this
    tries=0
    until curl --silent --show-error --fail "$bench/readers/$reader/screen.txt" | grep -q 'CODE PORTEUR'; do
        tries=$((tries + 1))
        [ "$tries" -lt 300 ] || { printf 'The reader does not ask for a code\\n' >&2; exit 1; }
        sleep 0.1
    done
}
"""
_RESTORE: Final = """
if ! answer=$(curl --silent --show-error --fail-with-body --request PUT \\
    --header 'Content-Type: application/octet-stream' --data-binary "@$start" \\
    "$bench/readers/$reader/snapshots/start"); then
    printf '%s\\n' "$answer" >&2
    exit 1
fi
ask POST snapshots/start/restore
"""


def http_calls(session: Session) -> str:
    """Return the session as a shell script that calls the HTTP API with curl."""
    coded = any(isinstance(step, CodeTyped | CodeVerified) for step in session.steps)
    made = session.made
    if made is not None and made.moment == MORNING:
        steps, start, restore = session.since_made, "", ""
        begin = {"name": "$reader", "profile": made.profile, "seed": made.seed}
    else:
        steps, restore = session.since_start, _RESTORE
        where = "\n".join(where_to_get_it(session, "this folder", ", or name it in TLA_START"))
        start = f"{where}\nstart=${{TLA_START:-{session.start_file}}}\n{_THERE}"
        begin = {"name": "$reader"}
    make = (
        f"\nreader=session-$$\ncall POST readers {_filled_in(begin)}\n"
        "trap 'call DELETE \"readers/$reader\"' EXIT\n"
    )
    told = tuple(answered_at_once(steps))
    lines = "\n".join(_HttpTeller().tell(told))
    question = _QUESTION if any(isinstance(step, Sent) and step.at_keypad for step in told) else ""
    head = f"{_HEAD}{start}{_CODES if coded else ''}{_FUNCTIONS}{question}"
    return f"{head}{make}{_PAUSE}{restore}\n{lines}\n"


def _ask(method: str, path: str, body: object = None) -> str:
    given = "" if body is None else f" {shlex.quote(json.dumps(body))}"
    return f"ask {method} {path}{given}"


def _filled_in(body: object) -> str:
    """Return JSON between double quotes, in which the shell fills in its variables."""
    return '"' + json.dumps(body).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _code(right: bool) -> str:
    return "$TLA_CODE" if right else "$another"


class _HttpTeller(Teller):
    def inserted(self, slot: Slot, card: str) -> str:
        return _ask("PUT", f"slots/{CARD_WORDS[slot]}", {"card": card})

    def removed(self, slot: Slot) -> str:
        return _ask("DELETE", f"slots/{CARD_WORDS[slot]}")

    def pressed(self, legends: tuple[str, ...]) -> str:
        return _ask("POST", "keys", {"keys": list(legends)})

    def code_typed(self, right: bool) -> str:
        return f"ask POST keys {_filled_in({'keys': [_code(right), 'VAL']})}"

    def code_verified(self, right: bool) -> str:
        asked = f"ask POST verify {_filled_in({'code': _code(right)})}"
        return asked if right else f"({asked}) 2> /dev/null || true"

    def waited(self, ms: int) -> str:
        return _ask("POST", "clock/advance", {"ms": ms})

    def switched(self, on: bool) -> str:
        return _ask("PUT", "power", {"on": on})

    def cabled(self, plugged: bool) -> str:
        return _ask("PUT", "cable", {"plugged": plugged})

    def sent(self, lad: Lad, apdu: bytes) -> str:
        return _ask("POST", "apdu", {"device": lad.name.lower(), "command": apdu.hex()})

    def waits_for_code(self, lad: Lad, apdu: bytes) -> str:
        return f"{self.sent(lad, apdu)} &\nasked"

    def asked(self, lad: Lad, apdu: bytes, pressed: Iterable[Pressed | CodeTyped]) -> str:
        keys: list[str] = []
        for each in pressed:
            keys += [_code(each.right), "VAL"] if isinstance(each, CodeTyped) else each.legends
        # A rule is there before the command: nobody has to be in time for what the reader asks.
        rule = {"text": _ASKS, "keys": keys, "once": True}
        return f"ask POST rules {_filled_in(rule)}\n{self.sent(lad, apdu)}"

    def injected(self, plan: str) -> str:
        return _ask("POST", "faults", {"plan": plan})

    def charged(self, percent: int) -> str:
        return _ask("PUT", "battery", {"percent": percent})

    def case_opened(self) -> str:
        return _ask("POST", "tamper")

    def shown(self, screen: Screen) -> str:
        return f"expect {' '.join(shlex.quote(line.rstrip()) for line in screen)}"
