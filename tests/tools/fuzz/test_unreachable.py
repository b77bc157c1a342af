"""Which pairs of command and status a campaign is asked for, and how they are counted."""

from __future__ import annotations

from tla_sim.protocol.commands.certifying import CERTIFY
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.identity import IDENTIFY
from tla_sim.protocol.commands.loading import OPEN_LOAD
from tla_sim.protocol.commands.status import Status
from tla_sim.tools.fuzz.targets.registry import target
from tla_sim.tools.fuzz.unreachable import SOUND, STATEFUL, pairs_seen, why_never, why_not

DECLARED = [(command.name, status.name) for command in COMMANDS for status in command.statuses]


def test_what_no_target_can_see_is_what_no_reader_answers() -> None:
    never = [pair for pair in DECLARED if why_never(*pair) is not None]
    assert {status for _, status in never} == {
        "INTERNAL",
        "EXCHANGE_ABANDONED",
        "CODE_LOST",
        "MEMORY_FAILURE",
        "INSTRUCTION_NOT_SUPPORTED",
    }
    assert why_never(CERTIFY.name, Status.INSTRUCTION_NOT_SUPPORTED.name) is None
    assert why_never(IDENTIFY.name, Status.INSTRUCTION_NOT_SUPPORTED.name) is not None


def test_what_needs_a_fault_is_asked_of_the_target_that_makes_faults() -> None:
    pair = (OPEN_LOAD.name, Status.NOT_MULTI_OWNER.name)
    assert why_not(SOUND, *pair) is not None
    assert why_not("faults", *pair) is None


def test_pairs_are_counted_over_all_stateful_targets() -> None:
    first, second = DECLARED[0], (OPEN_LOAD.name, Status.NOT_MULTI_OWNER.name)
    together = pairs_seen({"log_sv": [first], "faults": [first, second], "files": [DECLARED[1]]})
    assert together is not None
    assert (together.seen, together.declared) == (2, len(DECLARED))
    assert 2 < together.reachable < len(DECLARED)
    assert pairs_seen({"files": []}) is None


def test_the_stateful_targets_declare_all_pairs() -> None:
    for name in STATEFUL:
        assert list(target(name).declared()) == DECLARED
