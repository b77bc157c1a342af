"""A session as a visit script."""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.display import Screen
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.people import MORNING
from tla_sim.tools.simulator.kept_reader import WORD_OF
from tla_sim.tools.web.session_text.session import Session
from tla_sim.tools.web.session_text.start import where_to_get_it
from tla_sim.tools.web.session_text.teller import Teller

_LAD_WORDS: Final = {Lad.LOG_SV: "log_sv", Lad.PS: WORD_OF[Slot.PS], Lad.VITALE: WORD_OF[Slot.VITALE]}


def visit_script(session: Session) -> str:
    """Return the session as a visit script, with the command that plays it in its first lines."""
    head = [
        "# A session with a simulated reader. Its code porteur is taken from TLA_CODE, or asked for.",
        "#",
    ]
    made, tell = session.made, _VisitTeller().tell
    if made is not None and made.moment == MORNING:
        play = f"tla visit --in-memory --seed {made.seed} --profile {made.profile} --script FILE"
        return "\n".join((*head, f"#     {play}", "", *tell(session.since_made))) + "\n"
    lines = (
        *head,
        "#     tla visit --in-memory --script FILE",
        "#",
        *where_to_get_it(session, "the folder where you play it"),
        "",
        f"restore {session.start_file}",
        *tell(session.since_start),
    )
    return "\n".join(lines) + "\n"


class _VisitTeller(Teller):
    def inserted(self, slot: Slot, card: str) -> str:
        return f"insert {WORD_OF[slot]} {card}"

    def removed(self, slot: Slot) -> str:
        return f"remove {WORD_OF[slot]}"

    def pressed(self, legends: tuple[str, ...]) -> str:
        return f"press {' '.join(legends)}"

    def code_typed(self, right: bool) -> str:
        return "code" if right else "code wrong"

    def code_verified(self, right: bool) -> str:
        return "verify" if right else "verify wrong"

    def waited(self, ms: int) -> str:
        return f"wait {ms}"

    def switched(self, on: bool) -> str:
        return f"power {'on' if on else 'off'}"

    def cabled(self, plugged: bool) -> str:
        return f"cable {'in' if plugged else 'out'}"

    def sent(self, lad: Lad, apdu: bytes) -> str:
        return f"send {_LAD_WORDS[lad]} {apdu.hex().upper()}"

    def waits_for_code(self, lad: Lad, apdu: bytes) -> str:
        return self.sent(lad, apdu)

    def injected(self, plan: str) -> str:
        return f"fault {plan}"

    def charged(self, percent: int) -> str:
        return f"battery {percent}"

    def case_opened(self) -> str:
        return "tamper"

    def shown(self, screen: Screen) -> str:
        text = " ".join(" ".join(screen).split())
        return f"expect {text}" if text else ""
