"""tla image"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tla_sim.protocol.sentence import Joined, Sentence, sentences
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.output import JsonOption, note, print_facts, print_json, print_line, print_table
from tla_sim.tools.cli.printable import bytes_text
from tla_sim.tools.cli.value_parsers import day
from tla_sim.tools.cli.verb import new_verb

if TYPE_CHECKING:
    from tla_sim.protocol.firmware import Image

verb = new_verb("Make or examine an image of reader software.")


@verb.command()
def build(
    profile: Annotated[
        str, typer.Argument(metavar="PROFILE", help="A version, as listed by `tla profiles`.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            show_default=False,
            help="The file to write. Default: tla-PROFILE.tlafw in the current directory, "
            "tla-PROFILE-tables.tlafw with --tables.",
        ),
    ] = None,
    tables: Annotated[
        Path | None,
        typer.Option(
            "--tables",
            metavar="FILE",
            show_default=False,
            help="Put the bytes of FILE in as tables, in place of those of the version.",
        ),
    ] = None,
    tables_version: Annotated[
        str | None,
        typer.Option(
            "--tables-version",
            metavar="TEXT",
            show_default=False,
            help="The version of these tables, as group 61 will report it.",
        ),
    ] = None,
    tables_date: Annotated[
        date | None,
        typer.Option(
            "--tables-date",
            metavar="DAY",
            parser=day("--tables-date"),
            show_default=False,
            help="The date of these tables. Default: today.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Make the image of a version, signed with the TEST key that everyone has.

    With --tables it brings new tables to readers that run this version, and leaves their software as it is.
    """
    from tla_sim.host.park.image_file import SUFFIX
    from tla_sim.host.whole_file import read_start, replace_file
    from tla_sim.reader_fw.app.software.profiles import find_profile
    from tla_sim.reader_fw.app.software.profiles.factory import MAX_TABLES_BYTES, image_of, with_tables

    if (tables is None) != (tables_version is None) or (tables is None and tables_date is not None):
        raise UsageProblem(
            "--tables and --tables-version go together", "Name the file of tables and their version"
        )
    version = find_profile(profile)
    if tables is None or tables_version is None:
        made, ending = image_of(version), ""
    else:
        content = read_start(tables, MAX_TABLES_BYTES + 1)
        made, ending = with_tables(version, content, tables_version, tables_date or date.today()), "-tables"
    path = out or Path(f"tla-{made.manifest.release}{ending}{SUFFIX}")
    if path.exists() and not force:
        raise UsageProblem(
            "{path} already exists", "Choose another file, or replace it with --force", path=path
        )
    replace_file(path, made.build())
    note("Signed with the TEST key: only simulated readers accept it.")
    print_line(str(path))


@verb.command()
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An image file.")],
    as_json: JsonOption = False,
) -> None:
    """Check an image file and show what it contains."""
    from tla_sim.host.park.abilities import abilities
    from tla_sim.host.park.image_file import read_image

    found = read_image(file)
    if as_json:
        print_json(_facts(found))
        return
    manifest = found.manifest
    print_facts(
        {
            Sentence("release"): manifest.release,
            Sentence("version"): manifest.version,
            Sentence("for"): manifest.target,
            Sentence("CDC version"): manifest.cdc,
            Sentence("never below"): manifest.floor,
            Sentence("can do"): Joined(", ", abilities(manifest.capabilities)),
            Sentence("capacity"): Sentence(
                "{max_documents} invoices of {max_owners} owners",
                max_documents=manifest.max_documents,
                max_owners=manifest.max_owners,
            ),
            Sentence("size"): bytes_text(len(found.build())),
            Sentence("signature"): Sentence("valid, by the TEST key"),
        }
    )
    print_table(
        sentences("component", "version", "date", "bytes", "checksum"),
        [
            (each.name, each.version, each.day, each.size, f"{each.checksum:08X}")
            for each in manifest.components
        ],
        right=("bytes",),
    )


def _capabilities(image: Image) -> list[str]:
    from tla_sim.protocol.commands.capability import Capability

    return [each.name.lower() for each in Capability if image.manifest.capabilities & each]


def _facts(image: Image) -> dict[str, object]:
    manifest = image.manifest
    return {
        "release": manifest.release,
        "version": str(manifest.version),
        "target": manifest.target,
        "cdc_version": str(manifest.cdc),
        "never_below": str(manifest.floor),
        "capabilities": _capabilities(image),
        "max_owners": manifest.max_owners,
        "max_invoices": manifest.max_documents,
        "image_id": image.head.image_id,
        "bytes": len(image.build()),
        "components": [
            {
                "name": each.name,
                "version": each.version,
                "date": each.day.isoformat(),
                "bytes": each.size,
                "checksum": f"{each.checksum:08X}",
            }
            for each in manifest.components
        ],
    }
