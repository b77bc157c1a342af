"""A session as a visit script."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Final

from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.people import MORNING
from tla_sim.tools.simulator.kept_reader import WORD_OF
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

_LAD_WORDS: Final = {Lad.LOG_SV: "log_sv", Lad.PS: WORD_OF[Slot.PS], Lad.VITALE: WORD_OF[Slot.VITALE]}


def visit_script(session: Session) -> str:
    """Return the session as a visit script, with the command that plays it in its first lines."""
    lines = [
        "# A session with a simulated reader. Its code porteur is taken from TLA_CODE, or asked for.",
        "#",
    ]
    if session.from_new and session.kept is None:
        seed = "" if session.seed is None else f" --seed {session.seed}"
        lines.append(f"#     tla visit --in-memory{seed} --profile {session.profile} --script FILE")
        if session.moment != MORNING:
            lines.append(f"# {OTHER_CLOCK}")
    else:
        lines += [
            "# It began on a reader that had been used before. Play it on a copy of that reader:",
            f"#     tla visit --state {shlex.quote(str(session.kept or 'DIR'))} --script FILE",
        ]
    return "\n".join([*lines, "", *(line for step in session.steps for line in _lines(step))]) + "\n"


def _lines(step: SessionStep) -> Iterator[str]:
    match step:
        case Inserted(slot, card, known):
            yield f"insert {WORD_OF[slot]} {card if known else f'{card}.card'}"
        case Removed(slot):
            yield f"remove {WORD_OF[slot]}"
        case Pressed(legends):
            yield f"press {' '.join(legends)}"
        case CodeTyped(right):
            yield "code" if right else "code wrong"
        case CodeVerified(right):
            yield "verify" if right else "verify wrong"
        case Waited(ms):
            yield f"wait {ms}"
        case Switched(on):
            yield f"power {'on' if on else 'off'}"
        case Cabled(plugged):
            yield f"cable {'in' if plugged else 'out'}"
        case Sent(lad, apdu):
            yield f"send {_LAD_WORDS[lad]} {apdu.hex().upper()}"
        case Injected(plan):
            yield f"fault {plan}"
        case Charged(percent):
            yield f"battery {percent}"
        case CaseOpened():
            yield "tamper"
        case Left(what):
            yield f"# left out: {what}"
        case Shown(screen):
            shown = " ".join(" ".join(screen).split())
            if shown:
                yield f"expect {shown}"
