"""tla send"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from tla_sim.protocol.sentence import Quantity, Sentence, sentences
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.ledger_option import KnownLedgerOption, open_known_ledger
from tla_sim.tools.cli.output import JsonOption, print_json, print_line, print_table
from tla_sim.tools.cli.verb import new_verb

if TYPE_CHECKING:
    from tla_sim.host.ledger.ledger import Ledger
    from tla_sim.host.sending.mail_route import MailRoute
    from tla_sim.host.sending.send import SentFile

verb = new_verb()

PASSWORD: Final = "TLA_SMTP_PASSWORD"


@verb.command()
def send(
    ledger: KnownLedgerOption = None,
    file: Annotated[
        list[str] | None,
        typer.Option(
            "--file",
            metavar="ID",
            show_default=False,
            help="Only this file; may be given several times. Default: all that wait.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", show_default=False, help="Put the files into this folder."),
    ] = None,
    smtp: Annotated[
        str,
        typer.Option(
            "--smtp",
            metavar="HOST[:PORT]",
            show_default=False,
            help="Send the files by this mail server, on port 587 by default. smtps://HOST starts "
            "with TLS, on port 465 by default.",
        ),
    ] = "",
    sender: Annotated[
        str, typer.Option("--sender", metavar="ADDRESS", show_default=False, help="The sender's address.")
    ] = "",
    to: Annotated[
        str, typer.Option("--to", metavar="ADDRESS", show_default=False, help="The recipient's address.")
    ] = "",
    user: Annotated[
        str,
        typer.Option(
            "--user",
            metavar="NAME",
            show_default=False,
            help=f"Log in as this user, with the password in {PASSWORD}.",
        ),
    ] = "",
    ca: Annotated[
        Path | None,
        typer.Option("--ca", metavar="PEM", show_default=False, help="Trust these authorities for TLS."),
    ] = None,
    need_tls: Annotated[
        bool, typer.Option("--need-tls", metavar="", help="Refuse a server that does not offer TLS.")
    ] = False,
    again: Annotated[
        bool,
        typer.Option(
            "--again",
            metavar="",
            help="Send again, as the same message, a file whose sending was interrupted.",
        ),
    ] = False,
    arrived: Annotated[
        bool | None,
        typer.Option(
            "--arrived/--not-arrived",
            show_default=False,
            help="Record whether a file whose sending was interrupted has arrived; nothing is sent.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Send the files of lots, each once: into a folder, or by e-mail with TLS where the server offers it.

    If it is not known whether a file arrived, it is not sent until that is settled.
    """
    from tla_sim.host.round.outbox import Outbox
    from tla_sim.host.sending.send import send_by_mail, send_to_folder, waiting

    chosen = sum((out is not None, bool(smtp), arrived is not None))
    if chosen != 1:
        raise UsageProblem(
            "Exactly one action is needed",
            "Give --out DIR, --smtp HOST, or --arrived or --not-arrived with --file ID",
        )
    with open_known_ledger(ledger) as book:
        if arrived is not None:
            _settle(book, file or [], arrived, as_json)
            return
        route = _route(smtp, sender, to, user, ca, need_tls) if smtp else None
        sent: list[SentFile] = []
        try:
            for identity in file or waiting(book):
                sent.append(
                    send_to_folder(book, identity, Outbox(out))
                    if out is not None
                    else send_by_mail(book, identity, _given(route), again=again)
                )
        except BaseException:
            if sent or as_json:
                _print(sent, as_json)
            raise
    _print(sent, as_json)


def _given(route: MailRoute | None) -> MailRoute:
    assert route is not None
    return route


def _route(smtp: str, sender: str, recipient: str, user: str, ca: Path | None, need_tls: bool) -> MailRoute:
    from tla_sim.host.sending.mail_route import MailRoute, mail_server

    server = mail_server(smtp)
    if not sender or not recipient:
        raise UsageProblem("Mail needs --sender and --to", "Give both addresses")
    if ca is not None and not ca.is_file():
        raise UsageProblem("{ca} is not a file", "Name the authorities' PEM file", ca=ca)
    password = os.environ.get(PASSWORD, "")
    if user and not password:
        raise UsageProblem(
            "There is no password for {user}", "Give it in {variable}", user=user, variable=PASSWORD
        )
    return MailRoute(
        server.host, server.port, sender, recipient, user, password, ca, need_tls, server.tls_at_once
    )


def _settle(book: Ledger, files: list[str], arrived: bool, as_json: bool) -> None:
    from tla_sim.host.sending.send import settle

    if not files:
        raise UsageProblem("No file is named", "Give --file ID; tla desk --list 5 lists them")
    for identity in files:
        settle(book, identity, arrived=arrived)
    if as_json:
        print_json({"settled": files, "arrived": arrived})
    else:
        print_line(
            Sentence(
                "Noted: {files} {what}.",
                files=", ".join(files),
                what=Sentence("arrived") if arrived else Sentence("did not arrive and may be sent"),
            )
        )


def _print(sent: list[SentFile], as_json: bool) -> None:
    if as_json:
        print_json(
            [{"identity": each.identity, "way": each.way, "documents": each.documents} for each in sent]
        )
    elif not sent:
        print_line(Sentence("No file waits to be sent; tla lot make puts invoices into one."))
    else:
        print_table(
            sentences("file", "by", "documents"),
            [(each.identity, each.way, each.documents) for each in sent],
            title=Sentence("{files} sent", files=Quantity(len(sent), "file")),
            right=("documents",),
        )
