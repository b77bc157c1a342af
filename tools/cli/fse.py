"""tla fse show|verify|export"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Joined, Quantity, Sentence, sentences
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.output import JsonOption, print_facts, print_json, print_line, print_table
from tla_sim.tools.cli.verb import new_verb
from tla_sim.tools.language.words import word

if TYPE_CHECKING:
    from tla_sim.protocol.documents.act import BilledAct
    from tla_sim.protocol.documents.certificates import SignerIdentity
    from tla_sim.protocol.documents.fse import Fse
    from tla_sim.protocol.documents.invoice import PreparedInvoice
    from tla_sim.protocol.documents.verification import VerifiedFse

verb = new_verb("Show or verify a certified invoice, or split it into files for openssl.")

_MAX_PEM: Final = 1024 * 1024

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A certified invoice (.fse).")]
CaOption = Annotated[
    Path | None,
    typer.Option(
        "--ca",
        metavar="PEM",
        show_default=False,
        help="The authorities to trust, roots and intermediates. Default: this project's own.",
    ),
]


@verb.command()
def show(file: FileArgument, ca: CaOption = None, as_json: JsonOption = False) -> None:
    """Show a certified invoice: its content, its state, who signed, and whether the signatures hold."""
    fse = _read(file)
    invoice = fse.invoice
    checked, problem = _check(fse, ca)
    if as_json:
        print_json(_content(fse, invoice) | _outcome(fse, checked, problem))
    else:
        _print_content(fse, invoice, verified=checked is not None)
        _print_signatures(fse, checked)
    if problem is not None:
        raise problem


@verb.command()
def verify(file: FileArgument, ca: CaOption = None, as_json: JsonOption = False) -> None:
    """Verify every signature and every chain of a certified invoice, offline."""
    fse = _read(file)
    checked, problem = _check(fse, ca)
    if as_json:
        print_json({"number": fse.invoice.number} | _outcome(fse, checked, problem))
    elif checked is not None:
        _print_signatures(fse, checked)
        print_line(
            Sentence(
                "{signatures} verified; the invoice is {state}.",
                signatures=Quantity(len(fse.blocks), "signature"),
                state=word(fse.state),
            )
        )
    if problem is not None:
        raise problem


@verb.command()
def export(
    file: FileArgument,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A new or empty directory.")],
    ca: CaOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write each signer's signed bytes, signature, certificate and chain as files for openssl."""
    from tla_sim.host.round.fse_export import export_fse
    from tla_sim.host.whole_file import replace_file

    files = export_fse(_read(file), _authorities(ca))
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in sorted(out.iterdir()):
        if not _is_there(path, files.get(path.name)):
            raise UsageProblem(
                "{out} already holds {name}", "Name a new or empty directory", out=out, name=path.name
            )
    for name, content in files.items():
        replace_file(out / name, content)
    if as_json:
        print_json({"directory": str(out), "files": list(files)})
    else:
        print_line(
            Sentence(
                "{files} written. Check them with: cd {out} && sh VERIFY.txt",
                files=Quantity(len(files), "file"),
                out=out,
            )
        )


def _read(path: Path) -> Fse:
    from tla_sim.host.whole_file import read_whole
    from tla_sim.protocol.documents.fse import MAX_FSE_BYTES, Fse

    return Fse.parse(read_whole(path, MAX_FSE_BYTES))


def _is_there(path: Path, content: bytes | None) -> bool:
    """Return whether a file exists with exactly this content."""
    from tla_sim.host.whole_file import read_start

    return content is not None and path.is_file() and read_start(path, len(content) + 1) == content


def _authorities(ca: Path | None) -> bytes:
    from tla_sim.host.text_file import NotText, unicode_text
    from tla_sim.host.whole_file import read_whole
    from tla_sim.protocol.card_kind import CardKind
    from tla_sim.protocol.documents.certificates import shipped_authorities_pem

    if ca is None:
        return "".join(shipped_authorities_pem(kind) for kind in CardKind).encode()
    pem = read_whole(ca, _MAX_PEM)
    try:
        return unicode_text(pem).encode()
    except NotText:
        return pem


def _check(fse: Fse, ca: Path | None) -> tuple[VerifiedFse | None, TlaError | None]:
    from tla_sim.protocol.documents.certificates import TrustAnchors
    from tla_sim.protocol.documents.document import Document
    from tla_sim.protocol.documents.verification import verify_fse

    anchors = TrustAnchors.from_pem(_authorities(ca))
    try:
        return verify_fse(Document.of(fse), anchors), None
    except TlaError as error:
        return None, error


def _outcome(fse: Fse, checked: VerifiedFse | None, problem: TlaError | None) -> dict[str, Any]:
    from tla_sim.protocol.documents.fse import find_missing_roles

    return {
        "state": fse.state.name,
        "lacks": [role.name for role in find_missing_roles(fse)],
        "valid": checked is not None,
        "problem": None if problem is None else problem.message,
        "signatures": [
            {
                "role": block.role.name,
                "signer": None if checked is None else checked.signers[index].name,
                "profile": None if checked is None else checked.signers[index].profile.name,
                "reader": block.context.reader_serial,
                "counter": block.context.counter,
                "moment": block.context.moment,
                "vitale_serial": block.context.vitale_serial,
                "ps_serial": block.context.ps_serial,
            }
            for index, block in enumerate(fse.blocks)
        ],
    }


def _content(fse: Fse, invoice: PreparedInvoice) -> dict[str, Any]:
    return {
        "number": invoice.number,
        "kind": fse.kind.name,
        "mode": fse.mode.name,
        "owner": invoice.owner,
        "owner_name": f"{invoice.ps.last_name} {invoice.ps.first_name}",
        "patient": f"{invoice.patient.last_name} {invoice.patient.first_name}",
        "made_on": invoice.made_on.isoformat(),
        "recipient": invoice.amo.recipient,
        "total": invoice.totals.total,
        "fund": invoice.totals.fund,
        "complementary": invoice.totals.complementary,
        "insured": invoice.totals.insured,
        "to_pay": invoice.totals.to_pay,
        "acts": [
            {
                "date": act.performed_on.isoformat(),
                "code": act.code,
                **_of_its_nomenclature(act),
                "quantity": act.quantity,
                "amount": act.amount,
            }
            for act in invoice.acts
        ],
    }


def _of_its_nomenclature(act: BilledAct) -> dict[str, Any]:
    from tla_sim.protocol.groups.invoice import CcamAct

    if not isinstance(act, CcamAct):
        return {"coefficient": act.coefficient}
    return {
        "activity": act.activity,
        "phase": act.phase,
        "modifiers": act.modifiers,
        "association": act.association,
        "exceptional_reimbursement": act.exceptional,
        "price": act.price,
    }


def _print_content(fse: Fse, invoice: PreparedInvoice, *, verified: bool) -> None:
    from tla_sim.protocol.documents.act import act_text
    from tla_sim.protocol.documents.fse import find_missing_roles
    from tla_sim.protocol.documents.invoice import euros
    from tla_sim.protocol.groups.invoice import CcamAct

    content = _content(fse, invoice)
    totals = invoice.totals
    parts = {
        Sentence("fund's share"): totals.fund,
        Sentence("complementary part"): totals.complementary,
        Sentence("insured person's share"): totals.insured,
        Sentence("to pay"): totals.to_pay,
    }
    missing = [Sentence("{role} signature", role=word(role)) for role in find_missing_roles(fse)]
    print_facts(
        {
            Sentence("invoice"): invoice.number,
            Sentence("date"): f"{invoice.made_on:%d/%m/%Y}",
            Sentence("kind"): f"{fse.kind.name}, {word(fse.mode).lower()}",
            Sentence("owner"): f"{content['owner_name']} ({invoice.owner})",
            Sentence("patient"): content["patient"],
            Sentence("recipient"): invoice.amo.recipient,
            Sentence("total"): f"{euros(invoice.totals.total)} €",
            **{name: f"{euros(amount)} €" for name, amount in parts.items()},
            Sentence("state"): word(fse.state)
            if verified
            else Sentence("not verified, claims {state}", state=word(fse.state)),
            Sentence("lacks"): Joined(" and ", missing) or Sentence("nothing"),
        }
    )
    print_table(
        sentences("date", "act", "price €", "quantity", "amount €"),
        [
            (
                f"{act.performed_on:%d/%m/%Y}",
                act_text(act),
                euros(act.price) if isinstance(act, CcamAct) else None,
                act.quantity,
                euros(act.amount),
            )
            for act in invoice.acts
        ],
        right=("price €", "quantity", "amount €"),
        optional=("price €",),
    )


def _signer_text(signer: SignerIdentity) -> str:
    name = signer.name.removesuffix(signer.serial).strip()
    return name if name == signer.profile.name else f"{name} ({signer.profile.name})"


def _print_signatures(fse: Fse, checked: VerifiedFse | None) -> None:
    from tla_sim.protocol.moment import moment_text

    print_table(
        sentences("signature", "signer", "card", "reader", "counter", "date and time"),
        [
            (
                word(block.role),
                Sentence("not verified") if checked is None else _signer_text(checked.signers[index]),
                None if checked is None else checked.signers[index].serial,
                block.context.reader_serial,
                block.context.counter,
                moment_text(block.context.moment),
            )
            for index, block in enumerate(fse.blocks)
        ],
        right=("counter",),
    )
