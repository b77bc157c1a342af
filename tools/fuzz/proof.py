"""Prove that targets find bugs: `python -m tla_sim.tools.fuzz.proof [NAME…]` plants each and hunts it."""

from __future__ import annotations

import multiprocessing
import secrets
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Final

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.fuzz.finding import try_case
from tla_sim.tools.fuzz.mutants.apply import plant
from tla_sim.tools.fuzz.mutants.declared import BY_NAME, MUTANTS
from tla_sim.tools.fuzz.shard import Task, case_of
from tla_sim.tools.language import language_of_environment, localise, speak

LIMIT_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Proof:
    """Whether a planted bug was found, after how many cases and seconds, and with which cause."""

    mutant: str
    seed: str
    found: bool
    cases: int
    seconds: float
    cause: str


def prove(name: str, seed: str) -> Proof:
    """Hunt one planted bug for LIMIT_SECONDS at most."""
    task = Task(BY_NAME[name].target, seed, 0, 0, 0)
    started = time.monotonic()
    cases = 0
    with plant(name):
        while time.monotonic() - started < LIMIT_SECONDS:
            failure = try_case(task.target, case_of(task, cases))
            cases += 1
            if failure is not None:
                return Proof(name, seed, True, cases, time.monotonic() - started, failure.cause)
    return Proof(name, seed, False, cases, time.monotonic() - started, "")


def main(names: list[str]) -> int:
    """Hunt the named bugs, or all. Return the exit code: 1 if one was not found in time."""
    unknown = [name for name in names if name not in BY_NAME]
    if unknown:
        said = Sentence("no planted bug is named {names}", names=", ".join(unknown))
        print(localise(said), file=sys.stderr)
        return 2
    wanted = names or [mutant.name for mutant in MUTANTS]
    seed = secrets.token_hex(4)
    print(localise(Sentence("seed {seed}", seed=seed)))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context, max_tasks_per_child=1) as pool:
        missed = 0
        for proof in pool.map(prove, wanted, [seed] * len(wanted)):
            missed += not proof.found
            print(localise(_line(proof)), flush=True)
    told = Sentence(
        "{found} of {wanted} planted bugs found within {seconds:.0f} s",
        found=len(wanted) - missed,
        wanted=len(wanted),
        seconds=LIMIT_SECONDS,
    )
    print(localise(told))
    return int(missed > 0)


def _line(proof: Proof) -> Sentence:
    return Sentence(
        "{mutant:22} {state:11} {cases:6} cases {seconds:6.1f} s  {cause}",
        mutant=proof.mutant,
        state=Sentence("found") if proof.found else Sentence("NOT FOUND"),
        cases=proof.cases,
        seconds=proof.seconds,
        cause=proof.cause,
    )


if __name__ == "__main__":
    speak(language_of_environment())
    sys.exit(main(sys.argv[1:]))
