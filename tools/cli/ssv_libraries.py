"""What `tla ssv build` and `tla ssv functions` do."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tla_sim.host.ssv.build import BITS, build
from tla_sim.host.ssv.declaration import Certainty, Function
from tla_sim.host.ssv.libraries import FUNCTIONS, file_name
from tla_sim.host.ssv.prototypes import prototype
from tla_sim.protocol.sentence import Sentence, sentences
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.output import note, print_as_it_is, print_json, print_table

_SURE: Final = {
    Certainty.PUBLIC: Sentence("public"),
    Certainty.MEASURED: Sentence("measured"),
    Certainty.INFERRED: Sentence("inferred"),
    Certainty.PROJECT: Sentence("ours"),
}
"""How sure the facts are, in one word that a table has room for."""


def build_libraries(out: Path, bits: int, as_json: bool) -> None:
    """Compile the libraries, and print what was written. Raises UsageProblem and what `build` raises."""
    if bits not in BITS:
        raise UsageProblem("There are no libraries of {bits} bits", "Choose 64 or 32", bits=bits)
    built = build(out, bits)
    if as_json:
        print_json(
            {
                "bits": built.bits,
                "compiled": built.compiled,
                "libraries": [str(each) for each in built.libraries],
                "headers": [str(each) for each in built.headers],
                "pkg_config": str(built.pkg_config),
                "link": built.link_line,
            }
        )
        return
    for path in (*built.libraries, *built.headers, built.pkg_config):
        print_as_it_is(str(path))
    if not built.compiled:
        note(Sentence("No C compiler was found: these libraries came with the wheel."))
    note(Sentence("Link a program with: {command}", command=built.link_line))


def list_functions(as_json: bool) -> None:
    """Print the functions as a table, or as JSON with prototypes, parameters and codes."""
    if as_json:
        print_json([_facts(each) for each in FUNCTIONS])
        return
    print_table(
        sentences("function", "what it does", "prototype", "zones"),
        [(each.name, each.doc, _SURE[each.certainty], _contents(each)) for each in FUNCTIONS],
    )


def _facts(function: Function) -> dict[str, object]:
    return {
        "name": function.name,
        "library": file_name(function.library),
        "prototype": prototype(function),
        "does": function.doc,
        "parameters": [
            {"name": each.name, "is": each.doc, "facts": each.certainty.name.lower()}
            for each in function.parameters
        ],
        "codes": [f"{code:04X}" for code in function.codes],
        "commands": list(function.commands),
        "seconds": 0 if function.in_library else function.seconds,
        "facts": function.certainty.name.lower(),
        "contents": function.contents and function.contents.name.lower(),
    }


def _contents(function: Function) -> str:
    return "" if function.contents is None else _SURE[function.contents]
