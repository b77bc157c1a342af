"""What is known of a file whose sending was cut, for whoever settles whether it arrived."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tla_sim.host.ledger.desk_model import FileState, HeldFile
from tla_sim.host.ledger.file_ways import FOLDER, MAIL
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.sending.send import message_id, staged_path
from tla_sim.protocol.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is known of a file half way, and what to ask or do.

    `folder` is the folder that it was on its way into, where it can be finished; `again` says that the same
    message can be sent once more.
    """

    known: str
    advice: str
    folder: Path | None = None
    again: bool = False


def find_doubt(ledger: Ledger, held: HeldFile) -> Doubt | None:
    """Return the doubt about a file, `None` where there is none. Raises `LedgerDamaged`."""
    if held.state is not FileState.SENDING:
        return None
    if held.way == FOLDER:
        staged = staged_path(ledger, held)
        return _half_way(staged.parent, waits=staged.exists())
    if held.way == MAIL:
        return Doubt(
            Sentence("It was being sent by e-mail when the exchange ended; it may have arrived."),
            Sentence(
                "Ask the recipient for the message {identity}; read its ARL if there is one. The same message"
                " can be sent again: it stays one message, however often it arrives.",
                identity=message_id(held.identity),
            ),
            again=True,
        )
    return Doubt(
        Sentence("It was given to a program, which may have sent it."),
        Sentence("Look into that program, or read the recipient's ARL."),
    )


def _half_way(folder: Path, *, waits: bool) -> Doubt:
    if waits:
        known = Sentence(
            "It was on its way into {folder}, and still waits there under a hidden name: no program has it.",
            folder=folder,
        )
    else:
        known = Sentence(
            "It was on its way into {folder}, and is no longer there under its hidden name: it got its name,"
            " or that folder is not there.",
            folder=folder,
        )
    advice = Sentence("Sending it into the same folder again finishes this, without a second file.")
    return Doubt(known, advice, folder)
