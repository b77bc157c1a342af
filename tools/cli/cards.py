"""tla cards issue|odd|show|export|import"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tla_sim.protocol.sentence import Sentence, sentences
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.output import (
    JsonOption,
    print_facts,
    print_json,
    print_json_text,
    print_line,
    print_table,
)
from tla_sim.tools.cli.progress_bar import show_progress
from tla_sim.tools.cli.verb import new_verb

if TYPE_CHECKING:
    from tla_sim.reader_fw.cards.pki import KeySource

ForceFileOption = Annotated[bool, typer.Option("--force", help="Replace an existing file.")]

verb = new_verb("Issue the test cards of a practice, look at one, or edit one as text.")


@verb.command()
def issue(
    practice: Annotated[Path, typer.Argument(metavar="PRACTICE", help="The practice file.")],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="The directory to write the card files to.")
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace existing cards.")] = False,
    pooled: Annotated[
        bool,
        typer.Option(
            "--pooled", help="Use the shipped test keys: fast, the same every time, shared between cards."
        ),
    ] = False,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            metavar="MODEL,…",
            help="The generation of the PS cards (cps3, cps4), the Vitales (vitale-2, vitale-1) or both.",
        ),
    ] = None,
    odd: Annotated[
        list[str] | None,
        typer.Option(
            "--odd",
            metavar="NAME,…",
            help="Issue these odd cards too, for the first holder of each profile; tla cards odd lists them.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Issue a card for everyone in a practice, and the test authorities' certificates.

    A CPS for each professional, a CPE or CPF for each member of staff, a Vitale for each patient. Their keys
    are new each time, and worth nothing. Where all of these are already, --odd adds the odd cards alone.
    """
    from tla_sim.host.practice.file import load_practice
    from tla_sim.reader_fw.cards.pki import FreshKeys, ShippedKeys
    from tla_sim.tools.cards.issue import TEST_CODE, all_issued, card_orders, issue_orders
    from tla_sim.tools.cards.models import as_models, model_named
    from tla_sim.tools.cards.odd.orders import odd_orders

    alter = as_models(model_named(name) for name in _names(model))
    people = load_practice(practice)
    ordinary, odd_ones = card_orders(people, alter), odd_orders(people, _names(odd), alter)
    added = bool(odd_ones) and not force and all_issued(ordinary, out)
    orders = odd_ones if added else (*ordinary, *odd_ones)
    keys: KeySource = ShippedKeys(reuse=True) if pooled else FreshKeys()
    with show_progress() as on_progress:
        files = issue_orders(orders, out, keys, replace=force, on_progress=on_progress)
    written = list(zip(orders, files, strict=True))
    if as_json:
        cards = [
            {
                "file": str(file),
                "card": order.card,
                "profile": order.profile.name,
                "holder": order.holder,
            }
            for order, file in written
        ]
        print_json({"directory": str(out), "cards": cards})
        return
    print_table(
        sentences("card", "of", "file"), [(order.card, order.holder, file) for order, file in written]
    )
    if added:
        print_line(Sentence("The ordinary cards in {out} stay as they were.", out=out))
    print_line(Sentence("The code of all PS cards is {test_code}, a test code.", test_code=TEST_CODE))


@verb.command()
def odd(as_json: JsonOption = False) -> None:
    """List the odd cards that `tla cards issue --odd` makes: expired, blocked, damaged and the like."""
    from tla_sim.tools.cards.odd.library import ODD_CARDS

    rows = [
        (name, ", ".join(profile.name for profile in each.profiles), each.said)
        for name, each in ODD_CARDS.items()
    ]
    if as_json:
        print_json(
            [
                {"name": name, "profiles": [each.name for each in ODD_CARDS[name].profiles], "said": said}
                for name, _, said in rows
            ]
        )
        return
    print_table(sentences("odd card", "made for", "what is odd"), rows)


@verb.command()
def show(
    card: Annotated[Path, typer.Argument(metavar="CARD", help="A card file.")], as_json: JsonOption = False
) -> None:
    """Show who a card belongs to and what it holds; never a code or a key."""
    from tla_sim.tools.cards.file import load_image
    from tla_sim.tools.cards.view import view_card

    view = view_card(load_image(card))
    if as_json:
        parts = {view.parts_title: [_json_names(part) for part in view.parts]} if view.parts_title else {}
        print_json(_json_names(view.facts) | parts)
        return
    print_facts(view.facts, title=str(card))
    if view.parts:
        print_table(
            tuple(view.parts[0]),
            [
                ["\n".join(value) if isinstance(value, list) else value for value in part.values()]
                for part in view.parts
            ],
            title=view.parts_title,
        )


@verb.command()
def export(
    card: Annotated[Path, typer.Argument(metavar="CARD", help="A card file.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write the text to this file, not to standard output."),
    ] = None,
    force: ForceFileOption = False,
    as_json: JsonOption = False,
) -> None:
    """Print a card as text that can be reviewed and edited: JSON, with or without --json.

    Groups, data objects and certificates are decoded. The text names the card's keys and codes, and holds
    none. `tla cards import` makes a card of it again.
    """
    from tla_sim.host.whole_file import replace_file
    from tla_sim.tools.cards.file import load_image
    from tla_sim.tools.cards.text.export import card_text
    from tla_sim.tools.cards.text.layout import laid_out

    text = laid_out(card_text(load_image(card)))
    if out is None:
        print_json_text(text)
        return
    _check_free(out, force)
    replace_file(out, text.encode())
    if as_json:
        print_json({"file": str(out)})
    else:
        print_line(Sentence("The text of the card was written to {out}.", out=out))


@verb.command("import")
def import_(
    text: Annotated[Path, typer.Argument(metavar="TEXT", help="A text that tla cards export wrote.")],
    out: Annotated[Path, typer.Option("--out", metavar="CARD", help="The card file to write.")],
    base: Annotated[
        Path | None,
        typer.Option(
            "--base",
            metavar="CARD",
            help="The card that the text came from: gives the keys and codes that a text only names.",
        ),
    ] = None,
    new_serial: Annotated[
        bool,
        typer.Option(
            "--new-serial",
            help="Give the card another serial number; middleware takes two cards of one number for one.",
        ),
    ] = False,
    force: ForceFileOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make a card of an edited text.

    Whatever a card can hold is taken, however odd. Certificates that the text describes are issued anew.
    Without edits it is the same card, to the byte.
    """
    from tla_sim.host.whole_file import read_whole
    from tla_sim.tools.cards.file import load_image, save_card
    from tla_sim.tools.cards.text.reading import MAX_TEXT_BYTES, read_card_text
    from tla_sim.tools.cards.text.renumber import renumbered
    from tla_sim.tools.cards.view import card_facts

    _check_free(out, force)
    held = None if base is None else load_image(base)
    image = read_card_text(read_whole(text, MAX_TEXT_BYTES), str(text), held)
    if new_serial:
        image = renumbered(image)
    save_card(out, image.build())
    facts = card_facts(image)
    if as_json:
        print_json({"file": str(out)} | _json_names(facts))
    else:
        print_facts(facts, title=str(out))


def _names(given: list[str] | None) -> list[str]:
    return [name.strip() for names in given or () for name in names.split(",") if name.strip()]


def _check_free(out: Path, force: bool) -> None:
    if os.path.lexists(out) and not force:
        raise UsageProblem("{out} already exists", "Choose another file, or replace it with --force", out=out)


def _json_names(facts: dict[str, Any]) -> dict[str, Any]:
    return {name.replace(" ", "_"): value for name, value in facts.items()}
