"""Coverage-guided fuzzing with atheris: libFuzzer's bytes are the generator's choices.

The bytes choose a case as a seed would, so every case is as well-formed as the target's generator makes it.
Bytes that reached new code are kept in DIR/guided and mutated further. Atheris takes over its process and
ends it, so each shard runs in its own (`python -m tla_sim.tools.fuzz.guided`): it reports as JSON on standard
output, libFuzzer on standard error. The campaign is kept like any other.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import pkgutil
import re
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Final
from zlib import crc32

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.tools.fuzz.campaign import Campaign, Lane, Tally
from tla_sim.tools.fuzz.case import Case
from tla_sim.tools.fuzz.chance import BytesChance
from tla_sim.tools.fuzz.finding import Finding, shrink_finding, try_case
from tla_sim.tools.fuzz.targets.base import Notes
from tla_sim.tools.fuzz.targets.registry import target

LONGEST_INPUT: Final = 2_048
_LONGEST_CASE_SECONDS: Final = 60
_STOP_SECONDS: Final = 10
_TELL_EVERY: Final = 0.5
_INSTRUMENTED: Final = ("tla_sim.protocol", "tla_sim.reader_fw", "tla_sim.host")
_STATUS: Final = re.compile(r"#\d+\s.*cov: (\d+)")
_RATE: Final = "stat::average_exec_per_sec:"
_EXECUTED: Final = "stat::number_of_executed_units:"


class AtherisMissing(TlaError):
    """atheris is not installed."""

    category = Category.BAD_INPUT


class GuidedFailed(TlaError):
    """Atheris ended unexpectedly."""

    category = Category.REFUSED


class GuidedRun:
    """One run of a guided campaign. Raises AtherisMissing.

    `rate` is the number of cases a second that libFuzzer measured in the end; 0 for a run shorter than a
    second. `bare` leaves out the oracles, to measure what they cost.
    """

    def __init__(self, campaign: Campaign, *, bare: bool = False) -> None:
        if importlib.util.find_spec("atheris") is None:
            raise AtherisMissing("atheris is not installed", "pip install 'tla-sim[fuzz]'")
        self.rate = 0.0
        self._campaign = campaign
        self._name = campaign.plan.targets[0]
        self._how = "bare" if bare else "judged"
        self._said: SimpleQueue[tuple[_Child, str | None]] = SimpleQueue()
        (campaign.directory / "guided").mkdir(exist_ok=True)
        (campaign.directory / "artifacts").mkdir(exist_ok=True)

    def run(self) -> Generator[Tally, None, None]:
        """Work until the plan is done. Keep what was done, however it ends. Raises GuidedFailed."""
        campaign, tally = self._campaign, self._campaign.tally
        before, started = tally.seconds, time.monotonic()
        lanes = [lane for lane in campaign.lanes if not campaign.finished(lane)]
        children = [_Child(lane, self._start(lane), self._said) for lane in lanes]
        talking = 2 * len(children)
        try:
            while talking:
                try:
                    child, line = self._said.get(timeout=_TELL_EVERY)
                except Empty:
                    continue
                if line is None:
                    talking -= 1
                elif self._take(child, line):
                    tally.seconds = before + time.monotonic() - started
                    tally.busy[self._name] = tally.seconds * campaign.plan.shards  # type: ignore[assignment]
                    campaign.note_progress()
                    yield tally
            for child in children:
                self._judge_end(child)
        finally:
            for child in children:
                child.stop()
            tally.seconds = before + time.monotonic() - started
            campaign.save()

    def _start(self, lane: Lane) -> subprocess.Popen[str]:
        campaign = self._campaign
        directory, plan = campaign.directory, campaign.plan
        command = [sys.executable, "-m", "tla_sim.tools.fuzz.guided", self._name, str(directory), self._how]
        command += [f"-max_len={LONGEST_INPUT}", f"-timeout={_LONGEST_CASE_SECONDS}", "-print_final_stats=1"]
        command += [f"-artifact_prefix={directory / 'artifacts'}{os.sep}"]
        command += [f"-seed={_number(f'{plan.seed}/{lane.shard}/{lane.next}')}"]
        if plan.cases is not None:
            command.append(f"-runs={campaign.share(lane) - lane.next}")
        if plan.seconds is not None:
            command.append(f"-max_total_time={max(int(plan.seconds - campaign.tally.seconds), 1)}")
        command.append(str(directory / "guided"))
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def _take(self, child: _Child, line: str) -> bool:
        """Take in a line from a shard. Return whether it was news."""
        tally, name = self._campaign.tally, self._name
        if line.startswith("{"):
            news = json.loads(line)
            self._count(child, news["cases"])
            tally.units[name] += news["units"]
            for subject, outcome, count in news["pairs"]:
                tally.pairs[name][subject, outcome] += count
            for file in news["findings"]:
                finding = Finding.read(self._campaign.directory / "findings" / file)
                tally.findings.setdefault((name, finding.cause), (child.lane.next, child.lane.shard, finding))
            return True
        child.last_lines = [*child.last_lines[-4:], line]
        if line.startswith(_RATE):
            self.rate += float(line.removeprefix(_RATE))
        elif line.startswith(_EXECUTED):
            self._count(child, int(line.removeprefix(_EXECUTED)))
        elif (status := _STATUS.match(line)) is not None:
            reached = max(tally.arc_count, int(status[1]))
            tally.new_arcs, tally.arc_count = reached - tally.arc_count, reached
            tally.kept = sum(1 for _ in (self._campaign.directory / "guided").iterdir())
        else:
            return False
        return True

    def _count(self, child: _Child, cases: int) -> None:
        more = max(cases - child.cases, 0)
        child.cases += more
        child.lane.next += more
        self._campaign.tally.cases[self._name] += more

    def _judge_end(self, child: _Child) -> None:
        """Record as a finding the case at which libFuzzer ended a shard: it hung or filled the memory."""
        if child.process.wait() == 0:
            return
        campaign = self._campaign
        left = sorted((campaign.directory / "artifacts").iterdir())
        if not left:
            raise GuidedFailed(
                "atheris ended with: {said}", "Start it again", said=" ".join(child.last_lines)[-300:]
            )
        for path in left:
            case = target(self._name).generate(BytesChance(path.read_bytes()))
            cause = f"libFuzzer: {path.name.partition('-')[0]}"
            message = f"libFuzzer gave up a case ({path.name}): {' '.join(child.last_lines)[-300:]}"
            finding = Finding(self._name, "atheris", cause, message, case)
            finding.write(campaign.directory / "findings")
            campaign.tally.findings.setdefault(
                (self._name, cause), (child.lane.next, child.lane.shard, finding)
            )


class _Child:
    """One shard's process. Its lines go into `said`, then `None` at the end of each of its two streams."""

    def __init__(
        self, lane: Lane, process: subprocess.Popen[str], said: SimpleQueue[tuple[_Child, str | None]]
    ) -> None:
        self.lane = lane
        self.process = process
        self.cases = 0
        self.last_lines: list[str] = []
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            threading.Thread(target=self._listen, args=(stream, said), daemon=True).start()

    def _listen(self, stream: IO[str], said: SimpleQueue[tuple[_Child, str | None]]) -> None:
        for line in stream:
            said.put((self, line.rstrip("\n")))
        said.put((self, None))

    def stop(self) -> None:
        """End the process if it still runs."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def _number(seed: str) -> int:
    """Return the seed as libFuzzer takes it: a number of 31 bits, not 0, which would mean the time."""
    return crc32(seed.encode()) % 2**31 or 1


class _Judge:
    """Judges, in the shard's process, each input of libFuzzer as one case."""

    def __init__(self, name: str, directory: Path, bare: bool) -> None:
        self._target = target(name)
        self._directory = directory
        self._bare = bare
        self._known = {Finding.read(path).cause: None for path in (directory / "findings").glob("*.json")}
        self._cases = 0
        self._notes = Notes()
        self._findings: list[str] = []
        self._told_at = time.monotonic()

    def __call__(self, raw: bytes) -> None:
        """Run the case that these bytes choose; write a finding if it fails, and return to go on."""
        case = self._target.generate(BytesChance(raw))
        self._cases += 1
        if self._bare:
            self._notes.units += self._target.bare(case)
        else:
            failure = try_case(self._target.name, case, self._notes)
            if failure is not None and failure.cause not in self._known:
                self._keep(case, failure.cause)
        if time.monotonic() - self._told_at >= _TELL_EVERY:
            self._tell()

    def _keep(self, case: Case, cause: str) -> None:
        self._known[cause] = None
        finding = shrink_finding(self._target.name, "atheris", case, cause)
        finding.write(self._directory / "findings")
        self._findings.append(finding.file_name)
        self._tell()

    def _tell(self) -> None:
        self._told_at = time.monotonic()
        notes, self._notes = self._notes, Notes()
        findings, self._findings = self._findings, []
        pairs = [[subject, outcome, count] for (subject, outcome), count in notes.pairs.items()]
        news = {"cases": self._cases, "units": notes.units, "pairs": pairs, "findings": findings}
        print(json.dumps(news), flush=True)


def _main(arguments: list[str]) -> None:
    import atheris

    name, directory, how, *options = arguments
    with atheris.instrument_imports(include=list(_INSTRUMENTED)):
        for package in map(importlib.import_module, _INSTRUMENTED):
            for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
                if not found.name.endswith("__main__"):
                    importlib.import_module(found.name)
    judge = _Judge(name, Path(directory), how == "bare")
    atheris.Setup([sys.argv[0], *options], judge)
    atheris.Fuzz()


if __name__ == "__main__":
    _main(sys.argv[1:])
