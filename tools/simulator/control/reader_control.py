"""All that can be done with one simulated reader. The page, the HTTP API and Python reach a reader by it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

from tla_sim.host.practice.model import Practice
from tla_sim.reader_fw.app.software.profile import TLA_1_40
from tla_sim.tools.cast.people import MORNING
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.simulator.control.going_back import GoingBack
from tla_sim.tools.simulator.control.host_side import HostSide
from tla_sim.tools.simulator.control.opening import make_in_memory, open_directory
from tla_sim.tools.simulator.control.rules_and_faults import RulesAndFaults


class ReaderControl(RulesAndFaults, HostSide, GoingBack):
    """One simulated reader, switched on, and everything that can be done with it and seen of it.

    Not for several threads at a time: `RunningReader` takes calls from any. Time passes in `advance`, while
    the reader works, and as whoever drives it lets it.
    """

    @classmethod
    def in_memory(
        cls,
        practice: Practice,
        *,
        seed: int = 1,
        profile: str = TLA_1_40.name,
        moment: int = MORNING,
        faults: FaultPlan | str = "",
        name: str = "reader-1",
    ) -> Self:
        """Make a reader that leaves nothing on disk and is on a visit, without cable and cards.

        Raises as `SimulatedReader.in_memory`.
        """
        return cls(make_in_memory(practice, seed, profile, moment, faults), practice, name)

    @classmethod
    def on_directory(
        cls,
        directory: str | os.PathLike[str],
        practice: Practice,
        *,
        seed: int | None = None,
        profile: str = "",
        moment: int | None = None,
        faults: FaultPlan | str = "",
        name: str = "",
    ) -> Self:
        """Open the reader of a state directory, made on first use. Raises as `SimulatedReader.open`."""
        controlled = open_directory(directory, practice, seed, profile, moment, faults)
        return cls(controlled, practice, name or Path(directory).name)
