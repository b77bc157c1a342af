"""tla fuzz"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from tla_sim.protocol.sentence import Sentence, sentences
from tla_sim.tools.cli import failure
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.output import JsonOption, note, print_json, print_line, print_table
from tla_sim.tools.cli.verb import new_verb
from tla_sim.tools.language import localise

verb = new_verb("Fuzz the reader and the loader: run campaigns, replay findings, write reports.")

_DURATION: Final = re.compile(r"(\d+)(s|m|h)?")
_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3_600}


def _duration(text: str) -> float:
    found = _DURATION.fullmatch(text.strip())
    if found is None or not int(found[1]):
        raise UsageProblem("'{text}' is not a duration", "Write 30s, 10m or 1h", text=text)
    return float(int(found[1]) * _SECONDS[found[2] or ""])


@verb.command("run")
def run(
    target: Annotated[
        str, typer.Argument(metavar="TARGET", help="A target, as listed by `tla fuzz targets`, or all.")
    ],
    seed: Annotated[
        str | None,
        typer.Option(
            metavar="SEED",
            show_default=False,
            help="Repeat the campaign with this seed. Default: a new seed.",
        ),
    ] = None,
    time: Annotated[
        str | None,
        typer.Option(metavar="TIME", show_default=False, help="How long: 30s, 10m, 1h. Default: 1m."),
    ] = None,
    cases: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, show_default=False, help="Number of cases for each target."),
    ] = None,
    jobs: Annotated[int, typer.Option(metavar="N", min=1, help="Number of processes.")] = 1,
    shards: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            show_default=False,
            help="Number of independent parts of the campaign. Default: as many as jobs.",
        ),
    ] = None,
    coverage: Annotated[
        bool,
        typer.Option(
            "--coverage", metavar="", help="Let atheris guide the cases by coverage; for a single target."
        ),
    ] = False,
    corpus: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            show_default=False,
            help="Traces or kept cases to start from; may be given several times.",
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", show_default=False, help="Run on the Dask cluster at tcp://HOST:PORT."
        ),
    ] = None,
    directory: Annotated[
        Path | None,
        typer.Option(
            "--dir",
            metavar="DIR",
            show_default=False,
            help="Directory of the campaign; an existing campaign is continued. Default: fuzz-TARGET-SEED.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Run a campaign until its time is up or Ctrl-C; the same command continues it.

    Exit code 1 if there are findings, otherwise 0.
    """
    import secrets

    from tla_sim.tools.fuzz.campaign import Campaign, Plan, read
    from tla_sim.tools.fuzz.corpus import load
    from tla_sim.tools.fuzz.coverage_probe import available
    from tla_sim.tools.fuzz.targets.registry import ALL, NAMES
    from tla_sim.tools.fuzz.targets.registry import target as find

    names = NAMES if target == ALL else (find(target).name,)
    if time is not None and cases is not None:
        raise UsageProblem("--time and --cases exclude each other", "Give one of them")
    if len(names) > 1 and (corpus or coverage):
        option = "--coverage" if coverage else "--corpus"
        raise UsageProblem("{option} needs a single target", "Name one target instead of all", option=option)
    if coverage and (corpus or scheduler or shards):
        option = "--corpus" if corpus else "--scheduler" if scheduler else "--shards"
        raise UsageProblem(
            "--coverage cannot be combined with {option}", "Leave one of them out", option=option
        )
    kept = None
    if directory is not None and (directory / "campaign.json").exists():
        kept = read(directory)
    if seed is None:
        seed = secrets.token_hex(4) if kept is None else str(kept["seed"])
    if shards is None:
        shards = jobs if kept is None or coverage else int(kept["shards"])
    where = directory or Path(f"fuzz-{target}-{seed}")
    plan = Plan(
        names,
        seed,
        shards,
        cases,
        None if cases is not None else _duration(time or "1m"),
        load(names[0], corpus) if corpus else (),
        probes=available() and not coverage,
        guided=coverage,
    )
    campaign = Campaign(where, plan)
    note(
        Sentence(
            "Seed {seed}; kept in {where}. Ctrl-C stops it; the same command with --dir "
            "{where} continues it.",
            seed=seed,
            where=where,
        )
    )
    try:
        with _progress(campaign, jobs, scheduler) as progress, _view(campaign) as show:
            for tally in progress:
                show(tally)
    except KeyboardInterrupt:
        note("Stopped.")
    raise typer.Exit(_sum_up(campaign, as_json))


@contextmanager
def _progress(campaign: Any, jobs: int, scheduler: str | None) -> Iterator[Iterator[Any]]:
    """Run the campaign where the options say. Closing the iterator stops it and keeps what was done."""
    from tla_sim.tools.fuzz.guided import GuidedRun

    if campaign.plan.guided:
        with closing(GuidedRun(campaign).run()) as running:
            yield running
        return
    with (
        _workers(jobs, scheduler) as (executor, at_once),
        closing(campaign.run(executor, at_once)) as running,
    ):
        yield running


@contextmanager
def _workers(jobs: int, scheduler: str | None) -> Iterator[tuple[Any, int]]:
    from tla_sim.tools.fuzz import workers

    if scheduler is None:
        with workers.local(jobs) as executor:
            yield executor, jobs
        return
    with workers.cluster(scheduler) as (executor, count):
        yield executor, count


@contextmanager
def _view(campaign: Any) -> Iterator[Any]:
    from tla_sim.tools.fuzz.live import follow

    with follow(campaign) as show:
        yield show


def _sum_up(campaign: Any, as_json: bool) -> int:
    from tla_sim.tools.fuzz.unreachable import pairs_seen

    tally, seed = campaign.tally, campaign.plan.seed
    findings = {
        str(campaign.directory / "findings" / finding.file_name): finding.cause
        for _, _, finding in tally.findings.values()
    }
    pairs = pairs_seen(tally.pairs)
    if as_json:
        told: dict[str, Any] = {"seed": seed, "cases": tally.cases, "seconds": tally.seconds}
        told["findings"] = [{"file": file, "cause": cause} for file, cause in findings.items()]
        print_json(told | ({} if pairs is None else {"pairs": pairs._asdict()}))
    else:
        for file, cause in findings.items():
            print_line(Sentence("{file}: {cause}", file=file, cause=cause))
        cases = sum(tally.cases.values())
        print_line(
            Sentence(
                "{cases:,} cases in {seconds:.1f} s, {count} finding(s), seed {seed}",
                cases=cases,
                seconds=tally.seconds,
                count=len(findings),
                seed=seed,
            )
        )
        if pairs is not None:
            print_line(
                Sentence(
                    "{seen} of {reachable} reachable command × status pairs seen, {declared} declared",
                    seen=pairs.seen,
                    reachable=pairs.reachable,
                    declared=pairs.declared,
                )
            )
    return failure.REFUSED if findings else 0


@verb.command("replay")
def replay(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A finding written by tla fuzz run.")],
    as_json: JsonOption = False,
) -> None:
    """Replay a finding. Exit code 1 while it still fails."""
    from tla_sim.tools.fuzz.finding import Finding, try_case
    from tla_sim.tools.fuzz.targets.registry import target

    finding = Finding.read(file)
    steps = target(finding.target).describe(finding.case)
    found = try_case(finding.target, finding.case)
    if as_json:
        fails = None if found is None else {"cause": found.cause, "message": found.message}
        print_json({"target": finding.target, "steps": steps, "fails": fails})
    else:
        for line in steps:
            print_line(localise(line)[:200])
        print_line(
            Sentence("It passes.") if found is None else Sentence("It fails: {found}", found=found.message)
        )
    if found is not None:
        raise typer.Exit(failure.REFUSED)


@verb.command("report")
def report(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The directory of a campaign.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The HTML page to write.")] = Path(
        "report.html"
    ),
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", show_default=False, help="Also write JUnit XML, for CI.")
    ] = None,
) -> None:
    """Write an HTML page about a campaign."""
    from tla_sim.host.whole_file import EVERYBODY, replace_file
    from tla_sim.tools.fuzz import junit as xml
    from tla_sim.tools.fuzz import report_html
    from tla_sim.tools.fuzz.report_data import read_report

    read = read_report(directory)
    replace_file(out, report_html.render(read).encode(), EVERYBODY)
    print_line(Sentence("Written to {out}", out=out))
    if junit is not None:
        replace_file(junit, xml.render(read), EVERYBODY)
        print_line(Sentence("Written to {junit}", junit=junit))


@verb.command("targets")
def targets(as_json: JsonOption = False) -> None:
    """List what can be fuzzed."""
    from tla_sim.tools.fuzz.targets.registry import NAMES, target

    summaries = {name: target(name).summary for name in NAMES}
    if as_json:
        print_json(summaries)
    else:
        print_table(sentences("target", "what is fuzzed"), list(summaries.items()))
