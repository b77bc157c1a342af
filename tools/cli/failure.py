"""What the person reads when something fails, and the exit code that goes with it.

0 done; 1 the reader, a card or a signature said no; 2 wrong usage, or a file that cannot be used; 3 the link
failed; 70 a fault of this program; 130 stopped with Ctrl-C; 141 nobody reads standard output any more.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import Final

from typer.exceptions import TyperException

from tla_sim.protocol.errors import CodecError, LinkError, TlaError
from tla_sim.tools.cli.printable import printable
from tla_sim.tools.language import translated

REFUSED: Final = 1
UNUSABLE: Final = 2
LINK_FAILED: Final = 3
INTERNAL: Final = 70
STOPPED: Final = 130
UNHEARD: Final = 141


class UsageProblem(TlaError):
    """The arguments do not make sense together, or a file given is not what the verb needs."""


def exit_code(error: TlaError) -> int:
    """The exit code of an error."""
    if isinstance(error, _link_failed()):
        return LINK_FAILED
    return UNUSABLE if isinstance(error, _unusable()) else REFUSED


def _link_failed() -> tuple[type[TlaError], ...]:
    """Imported only now, as the others."""
    from tla_sim.host.sending.errors import SendFailed, SendUncertain
    from tla_sim.tools.fuzz.workers import SchedulerUnusable

    return LinkError, SendFailed, SendUncertain, SchedulerUnusable


def _unusable() -> tuple[type[TlaError], ...]:
    """Imported only now: a command that succeeds should not wait for them."""
    from tla_sim.host.desk.errors import BadSignatureImage, PieceRefused, UnknownInvoice
    from tla_sim.host.desk.piece_store import PieceLost
    from tla_sim.host.ledger.errors import LedgerUnusable
    from tla_sim.host.practice.problem import PracticeFileError, UnknownOwner
    from tla_sim.host.round.outbox import OutboxConflict, OutboxUnusable
    from tla_sim.host.sending.errors import BadMailAddress, FileRefused
    from tla_sim.host.transport import BadUrl
    from tla_sim.host.transport.galss.named import GalssUnreadable
    from tla_sim.host.whole_file import FileUnusable
    from tla_sim.protocol.documents.certificates import CertificateMalformed
    from tla_sim.protocol.firmware import ImageRefused
    from tla_sim.reader_fw.app.software.boot_area import SoftwareDamaged
    from tla_sim.reader_fw.app.software.profiles import UnknownProfile
    from tla_sim.reader_fw.app.store.sealing import RecordDamaged
    from tla_sim.reader_fw.app.store.vault import VaultDamaged
    from tla_sim.reader_fw.board.filesystem import FileSystemDamaged
    from tla_sim.reader_fw.board.flash import FlashImageError
    from tla_sim.reader_fw.cards.image import CardImageRefused
    from tla_sim.reader_fw.cards.issue import CardNotIssued
    from tla_sim.reader_fw.serve.spec import BadLink
    from tla_sim.tools.cards.issue import CardsExist
    from tla_sim.tools.faults.plan import PlanMalformed
    from tla_sim.tools.fuzz.campaign import CampaignUnusable
    from tla_sim.tools.fuzz.corpus import CorpusUnusable
    from tla_sim.tools.fuzz.finding import FindingUnreadable
    from tla_sim.tools.fuzz.guided import AtherisMissing
    from tla_sim.tools.fuzz.targets.registry import UnknownTarget
    from tla_sim.tools.simulator.kept_reader import CardFileUnreadable, OtherSoftware
    from tla_sim.tools.simulator.state_directory import StateError
    from tla_sim.tools.visit.script import ScriptError

    return (
        *(GalssUnreadable, ImageRefused, SoftwareDamaged, UnknownProfile, OtherSoftware),
        *(UsageProblem, PlanMalformed, BadUrl, BadLink, CodecError, ScriptError),
        *(PracticeFileError, UnknownOwner, CertificateMalformed),
        *(LedgerUnusable, OutboxConflict, OutboxUnusable, PieceLost),
        *(BadMailAddress, BadSignatureImage, PieceRefused, FileRefused, FileUnusable, UnknownInvoice),
        *(CardFileUnreadable, CardImageRefused, CardNotIssued, CardsExist),
        *(CampaignUnusable, CorpusUnusable, FindingUnreadable, AtherisMissing, UnknownTarget),
        *(StateError, FlashImageError, FileSystemDamaged, VaultDamaged, RecordDamaged),
    )


def report(error: TlaError, as_json: bool = False) -> int:
    """Say on standard error what went wrong and what to do; the exit code."""
    code = exit_code(error)
    if as_json:
        said, action = translated(error.message), translated(error.action)
        fields = {"error": said, "action": action, "exit": code}
        _say(json.dumps(fields | {"ssv": None if error.ssv is None else f"{error.ssv:04X}"}))
    else:
        ssv = "" if error.ssv is None else f" (SSV {error.ssv:04X})"
        _say(f"{_sentences(error)}{ssv}")
    return code


def _sentences(error: TlaError) -> str:
    if type(error).__str__ is not TlaError.__str__:
        return translated(str(error))
    said = translated(error.message)
    return f"{said}. {translated(error.action)}." if error.action else said


def report_file(error: OSError, as_json: bool = False) -> int:
    """Say which file or device could not be used and why; the exit code."""
    reason = error.strerror or type(error).__name__
    where = f"{error.filename}: " if error.filename is not None else ""
    problem = UsageProblem(f"{where}{reason}", "Correct that, then run the same command again")
    return report(problem, as_json)


def report_usage(error: TyperException) -> int:
    """Say what is wrong with the arguments, in a sentence; a command without any shows its help."""
    show = getattr(error, "show", None)
    if show is not None and type(error).__name__ == "NoArgsIsHelpError":
        show()
        return UNUSABLE
    message = getattr(error, "format_message", lambda: str(error))().replace("Value error, ", "")
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "tla"
    said = translated(message.rstrip("."))
    _say(f"{said}{'' if said.endswith('?') else '.'} {translated(f'Try: {command} --help')}")
    return UNUSABLE


def report_stop() -> int:
    """Say what Ctrl-C left behind; the exit code."""
    _say(translated("Stopped. Nothing is lost: run the same command again and it goes on from there."))
    return STOPPED


def report_internal(error: Exception) -> int:
    """Own up to a fault of this program; the exit code. A traceback only with TLA_DEBUG=1."""
    if os.environ.get("TLA_DEBUG") == "1":
        traceback.print_exc()
    name = type(error).__name__
    said = f"Internal error of tla ({name}). Please report it, with the output of TLA_DEBUG=1 tla …."
    _say(translated(said))
    return INTERNAL


def _say(text: str) -> None:
    print("\n".join(printable(line) for line in text.splitlines()), file=sys.stderr)
