"""The actions of the library's errors as verbs of `tla`: the library itself names no command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tla_sim.protocol.sentence import Sentence, fill, sentences

_PAIRS: Final = (
    sentences(
        "Nothing is left to certify; what is PARTIAL waits for its owner's final signature",
        "Nothing is left to certify; what is PARTIAL waits for tla sign",
    ),
    sentences(
        "Scan the other side, or leave the empty pages out",
        "Scan the other side, or leave empty pages out: --without-empty-pages",
    ),
    sentences(
        "Sign one at the desk, or have it loaded",
        "Sign one with: tla certify --invoice {number}; or load it: tla invoice degrade {number} --load",
    ),
    sentences("Erase it from the reader first", "Erase it from the reader first: tla erase --owner {owner}"),
    sentences("Name the piece by more of its digest", "Look at: tla scor list"),
    sentences("Detach the scan first", "Detach it first: tla scor detach {number} {piece}"),
    sentences(
        "Only what an ARL rejects is rectified; read the ARL first",
        "Only what an ARL rejects is rectified: tla arl read FILE",
    ),
    sentences("Register a signature first", "tla scor signature --owner {owner} --image FILE"),
    sentences("See in the ledger where it stands", "Look at: tla ledger"),
    sentences(
        "{renumbered} is in the ledger already; if it is this invoice, push the renumbered file",
        "{renumbered} is in the ledger already; if it is this invoice, push the file that"
        " tla practice renumber writes",
    ),
    sentences(
        "Give it a number of its own, such as {free}; where numbers restart each year, put the year"
        " before them",
        "Give it a number of its own, such as {free}; for a file whose numbers restart each year:"
        " tla practice renumber",
    ),
    sentences("Name one of the owners: {choices}", "Choose with --owner: {choices}"),
    sentences("Give the PEM of the right ones", "Give the PEM of the right ones with --ca"),
    sentences("Record one first", "Record one with --trace FILE"),
    sentences("Bill it again", "Bill it again: tla invoice degrade {number}"),
    sentences(
        "Switch the reader off and on, then check what it runs",
        "Switch the reader off and on, then check it with: tla check",
    ),
    sentences("Update it", "Update it: tla update IMAGE --reader {url}"),
    sentences("Start the server", "Start it: tla ssv serve --reader URL"),
    sentences("Set the clock", "Set it: tla clock --set now --reader {url}"),
    sentences(
        "Pull its invoices, then install the software again",
        "Pull its invoices, then install the software again: tla update",
    ),
    sentences("Pull it, or erase it", "Pull it, or erase it with: tla erase --owner {owner}"),
    sentences("See which files and lots there are", "Look at: tla desk --list 5"),
    sentences("Insert it, then give the final signature", "Insert it, then: tla sign --invoice {number}"),
    sentences(
        "Certify it with reader {reader}, then pull it", "Certify it with reader {reader}, then: tla pull"
    ),
    sentences(
        "Insert the missing card, then certify it",
        "Insert the missing card, then: tla certify --invoice {number}",
    ),
    sentences("Finish that first", "Finish that first: tla send --file {file} --out {directory}"),
    sentences(
        "Ask the recipient for Message-ID {identity}, then send it again (the same message) or note whether"
        " it arrived; or read its ARL",
        "Ask the recipient for Message-ID {identity}, then: tla send --file {file} with"
        " --again (the same message), --arrived or --not-arrived; or read its ARL",
    ),
    sentences(
        "Read its ARL, or note whether it arrived",
        "Read its ARL, or: tla send --file {file} with --arrived or --not-arrived",
    ),
    sentences("Begin one there first", "Run: tla fuzz run TARGET"),
    sentences("Give a finding that a campaign wrote", "Give a finding of tla fuzz run"),
    sentences("Name one that it has", "List their names with: tla readers"),
    sentences(
        "Name a new directory, or update its software",
        "Name a new directory, or change its software with: tla update",
    ),
)
REMEDIES: Final[Mapping[str, str]] = {said.template: worded.template for said, worded in _PAIRS}
"""The action as `tla` words it, by the library's action; both have the same places."""


def remedy(action: str) -> str:
    """Return an action as `tla` words it, with the verb that does it if there is one."""
    if not isinstance(action, Sentence) or action.template not in REMEDIES:
        return action
    return fill(REMEDIES[action.template], action.values)
