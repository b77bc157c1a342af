"""Make a reader in memory, or open that of a state directory, for a control."""

from __future__ import annotations

import os

from tla_sim.host.practice.model import Practice
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.moment import LATEST_MOMENT
from tla_sim.reader_fw.app.software.profiles import find_profile
from tla_sim.tools.faults.kinds import Where
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.faults.striking import Strikes
from tla_sim.tools.simulator.control.controlled_reader import ReaderInDirectory, ReaderInMemory
from tla_sim.tools.simulator.kept_reader import KeptReader


class HostFault(TlaError, ValueError):
    """The plan has a fault of a host, which cannot happen to a reader."""

    category = Category.BAD_INPUT


class BadTime(TlaError, ValueError):
    """The value is not a duration that can pass, or not a time that a reader's clock can show."""

    category = Category.BAD_INPUT


def make_in_memory(
    practice: Practice, seed: int, profile: str, moment: int, faults: FaultPlan | str
) -> ReaderInMemory:
    """Make a reader that leaves nothing on disk, switched on, whose clock shows `moment`.

    Raises PlanMalformed, HostFault, BadTime, UnknownProfile, CardNotIssued.
    """
    strikes = Strikes(plan_of(faults))
    _check_moment(moment)
    return ReaderInMemory(practice, seed, moment, find_profile(profile), strikes)


def open_directory(
    directory: str | os.PathLike[str],
    practice: Practice,
    seed: int | None,
    profile: str,
    moment: int | None,
    faults: FaultPlan | str,
) -> ReaderInDirectory:
    """Open the reader of a state directory and switch it on. Raises as `KeptReader.open`, and as above."""
    strikes = Strikes(plan_of(faults))
    if moment is not None:
        _check_moment(moment)
    kept = KeptReader.open(
        directory,
        seed=seed,
        clock_ms=moment,
        profile=find_profile(profile) if profile else None,
        faults=strikes,
        recorded=True,
    )
    try:
        kept.power_on()
        return ReaderInDirectory(kept, practice, strikes)
    except BaseException:
        kept.close()
        raise


def plan_of(faults: FaultPlan | str) -> FaultPlan:
    """Return the plan of a text, or the plan itself. Raises PlanMalformed, HostFault."""
    plan = faults if isinstance(faults, FaultPlan) else FaultPlan.parse(faults) if faults else FaultPlan()
    if hosts := plan.of(Where.HOST).faults:
        raise HostFault(
            "{fault} happens to a host, not to a reader", "Plan it for the host's side", fault=hosts[0]
        )
    return plan


def check_time(ms: object) -> None:
    """Raise BadTime unless this is a whole number of milliseconds, from 0 on."""
    if not isinstance(ms, int) or ms < 0:
        raise BadTime("{ms!r} is not a number of milliseconds", "Give a whole number from 0 on", ms=ms)


def _check_moment(moment: int) -> None:
    if not 0 <= moment <= LATEST_MOMENT:
        raise BadTime(
            "A reader's clock cannot show {moment} ms",
            "Give 0 to {latest}",
            moment=moment,
            latest=LATEST_MOMENT,
        )
