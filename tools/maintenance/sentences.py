"""Which sentences reach the person at the terminal, read off the sources: what a translation must have.

Every text of at least two words counts that is not a docstring, not in a module that says nothing to people,
and not an argument of what never reaches them (internal errors, wire declarations, SQL). The help of verbs is
their docstrings and options. A value in a text is a pair of braces: f"Reader {name} is off" is `Reader {} is
off`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = ("protocol", "host", "reader_fw", "tools")

SILENT: Final = (
    "host/desk/care_sheet.py",
    "host/desk/lists.py",
    "host/desk/pdf_apart.py",
    "host/ledger/conditions.py",
    "host/ledger/desk_lists.py",
    "host/ledger/desk_schema.py",
    "host/desk/summary.py",
    "host/ledger/files.py",
    "host/ledger/marks.py",
    "host/ledger/queries.py",
    "host/ledger/rows.py",
    "host/ledger/soundness.py",
    "host/desk/signature_image.py",
    "host/transport/galss/codes.py",
    "host/transport/logged.py",
    "host/transport/logging_tap.py",
    "protocol/commands/",
    "protocol/documents/words.py",
    *(f"protocol/t1/{name}.py" for name in ("rules", "states", "table")),
    "protocol/wire/compiled.py",
    *(f"protocol/groups/{name}.py" for name in ("invoice", "lot", "ps_card", "reader", "vitale")),
    "protocol/wire/straight.py",
    "reader_fw/app/software/profile.py",
    "reader_fw/app/screens/screens.py",
    "reader_fw/app/screens/visit.py",
    "reader_fw/board/clock.py",
    "tools/bench/",
    "tools/cli/version.py",
    "tools/simulator/ccid_host.py",
    *(f"tools/explore/{name}.py" for name in ("flash", "guessing", "kills", "people", "plan_run", "rot")),
    *(f"tools/explore/{name}.py" for name in ("round", "torn_ledger", "updating", "watch", "world")),
    "tools/fuzz/",
    "tools/judge/",
    "tools/language/",
    "tools/maintenance/",
    "tools/testing/",
    "tools/simulator/served_reader.py",
    "tools/simulator/vpcd_host.py",
)
"""Modules whose texts are for nobody at the terminal: declarations with texts of their own in both languages,
the reader's screens (always French), documents (always French), instruments of this project's makers, and
the line with the version, which programs read too."""

_UNHEARD: Final = frozenset(
    (
        *("ValueError", "TypeError", "RuntimeError", "KeyError", "IndexError", "AssertionError", "OSError"),
        *("NotImplementedError", "OutOfTurn", "PowerCut", "SectorFailed", "Ill", "ArgumentTypeError"),
        *("u8", "u16", "u24", "u32", "u64", "boolean", "fixed", "blob8", "blob16", "string", "choice"),
        *("blobs", "records", "text", "digits", "day", "moment", "cents", "number", "flag", "group"),
        *("execute", "executescript", "executemany", "cast", "compile", "NewType", "TypeVar", "getLogger"),
        *(
            "debug",
            "Command",
            "WireField",
            "strftime",
            "strptime",
            "fromisoformat",
            "encode",
            "removesuffix",
            "open",
        ),
    )
)
_WORDS: Final = re.compile(r"[A-Za-z]{2,}[,:;.]? +[A-Za-z{(]|\} [a-z]{2,}|[a-z]{2,} \{")
_FOR_PROGRAMS: Final = re.compile(
    r"\s*((SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA|ALTER|DROP|BEGIN|WITH|AND|ORDER|CAST|FRIENDLYNAME)\b|[<;]|:root|"
    r"-----|openssl |mkdir |bold |black )"
)
"""What texts for databases, browsers, shells and other programs begin with."""

EXTRA: Final = {
    "COMMAND [ARGS]...": "typer:0",
    "No such option: {}": "typer:0",
    "No such command '{}'": "typer:0",
    "Missing argument '{}'": "typer:0",
    "Missing option '{}'": "typer:0",
    "Missing command": "typer:0",
    "Invalid value for {}: {}": "typer:0",
    "{} is not one of {}": "typer:0",
    "Input should be a valid integer, unable to parse string as an integer": "typer:0",
    "Input should be greater than or equal to {}": "typer:0",
    "Input should be less than or equal to {}": "typer:0",
    "Got unexpected extra argument(s) ({})": "typer:0",
    "Option '{}' requires an argument": "typer:0",
    "Option '{}' does not take a value": "typer:0",
    "{}. Did you mean {}?": "typer:0",
    "{} (Possible options: {})": "typer:0",
    **dict.fromkeys(
        (
            *("No such file or directory", "Is a directory", "Not a directory", "Permission denied"),
            *("Operation not permitted", "File exists", "File name too long", "Directory not empty"),
            *("No space left on device", "Disk quota exceeded", "Read-only file system"),
            *("Input/output error", "Device or resource busy", "Too many open files", "Invalid argument"),
            *("Too many levels of symbolic links", "No such device or address", "Text file busy"),
            *("Address already in use", "Cannot assign requested address", "Connection refused"),
            *("Connection reset by peer", "Connection timed out", "No route to host"),
            *("Network is unreachable", "Name or service not known"),
            *("File too large", "Cannot allocate memory", "Stale file handle", "No such device"),
            *("Too many open files in system", "Remote I/O error"),
            "Temporary failure in name resolution",
        ),
        "errno:0",
    ),
    **dict.fromkeys(
        (
            *("Expecting value", "Extra data", "Unterminated string starting", "Invalid control character"),
            *("Expecting ',' delimiter", "Expecting ':' delimiter", "Invalid \\escape"),
            *("Expecting property name enclosed in double quotes", "Invalid \\uXXXX escape"),
        ),
        "json:0",
    ),
    "Arguments": "typer:0",
    "Options": "typer:0",
    "Commands": "typer:0",
    "default: {default}": "typer:0",
    "env var: {var}": "typer:0",
    "required": "typer:0",
    "Show this message and exit.": "typer:0",
    "Install completion for the current shell.": "typer:0",
    "Show completion for the current shell, to copy it or customize the installation.": "typer:0",
    **dict.fromkeys(
        (
            "bytes into the reader's T=1 link",
            "bytes into the workstation's end of T=1",
            "bytes into the reader's CCID line",
            "bytes into the reader's vpcd link",
            "sequences of APDUs, cards, keys and time into Log_SV",
            "a reader of any version under faults of flash, cards and power",
            "operations of the invoice store, the key store and the settings",
            "APDUs into each card",
            "a hostile reader answering the loader's push, pull and sign",
            "practice files, scans, FSEs, lots, ARLs, galss.ini, images, traces, plans and scripts",
            "typed values of the protocol, built and read back",
        ),
        "tools/fuzz/targets:0",
    ),
    "yes": "tools/cli/output.py:0",
    "no": "tools/cli/output.py:0",
    "paper": "tools/cli/desk.py:0",
    "folder": "host/sending/send.py:0",
    "mail": "host/sending/send.py:0",
    **dict.fromkeys(
        (
            *("invoice no.", "degraded", "third party", "made on", "since", "sent by", "rejections"),
            *("prescription SCOR", "care sheet SCOR", "FSEs to secure", "DREs to secure", "FSEs to send"),
            *("DREs to send", "Files to send", "no.", "list", "count"),
        ),
        "tools/cli/desk.py:0",
    ),
    "{}: found nothing, expected {}": "host/practice/problem.py:0",
    "{} ahead": "host/park/verdict.py:0",
    "{} behind": "host/park/verdict.py:0",
    "unreachable": "host/park/verdict.py:0",
    "remark: {}": "tools/cli/galss.py:0",
    "nothing": "tools/cli/fse.py:0",
    **dict.fromkeys(
        ("insert cps|vitale FILE", "press KEY…", "code DIGITS", "expect TEXT"), "tools/visit/script.py:0"
    ),
    "push": "host/round/push.py:0",
    "pull": "host/round/pull.py:0",
    "sign": "host/round/sign.py:0",
    "update": "host/park/update.py:0",
    "check": "tools/cli/check.py:0",
    "visit": "tools/demo/round.py:0",
    "transmit": "tools/demo/round.py:0",
    **dict.fromkeys(
        (
            *("profile", "serial", "holder", "protocol", "speciality", "situation", "situations", "insured"),
            *("fund", "born", "rank", "quality", "rights", "coverage", "certificate", "valid"),
            *("beneficiaries", "atr", "billing number"),
        ),
        "tools/cards/view.py:0",
    ),
    "before": "tools/cli/clock.py:0",
    "practitioners": "tools/cli/practice.py:0",
    "staff": "tools/cli/practice.py:0",
    "patients": "tools/cli/practice.py:0",
    "manufacturer": "tools/cli/identify.py:0",
    "reader type": "tools/cli/identify.py:0",
    "max owners": "tools/cli/identify.py:0",
    "max invoices": "tools/cli/identify.py:0",
    "cdc version": "tools/cli/identify.py:0",
    "type": "host/park/page.py:0",
    "software": "host/park/page.py:0",
    "wear": "host/park/page.py:0",
    "starts": "host/park/page.py:0",
    "clock": "host/park/page.py:0",
    "why": "host/park/rows.py:0",
    "components": "host/park/rows.py:0",
    "capabilities": "host/park/rows.py:0",
    "battery %": "host/park/rows.py:0",
}
"""Sentences put together from pieces, and those that typer says."""
_SHOWN: Final = frozenset(
    ("print_table", "print_facts", "Quantity", "Sentence", "sentences", "note", "print_line", "Progress")
)
_VERB_DECORATORS: Final = ("command", "callback")


def sentences() -> dict[str, str]:
    """Each text a person may read, with the first place it stands (file:line)."""
    found = dict(EXTRA)
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(SILENT):
                reader = _Reader(in_cli=name.startswith("tools/cli/"))
                reader.visit(ast.parse(path.read_text("utf-8")))
                for text, line in reader.found:
                    found.setdefault(text, f"{name}:{line}")
    return found


def template(node: ast.expr) -> str:
    """The text of a literal with a pair of braces for each value; empty for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return ""


class _Reader(ast.NodeVisitor):
    """Collects the texts of one module."""

    def __init__(self, in_cli: bool) -> None:
        self.found: list[tuple[str, int]] = []
        self._in_cli = in_cli

    def visit_Module(self, node: ast.Module) -> None:
        self._body(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._body(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if node.name in ("__repr__", "__post_init__"):
            return
        if self._in_cli and any(_is_verb(each) for each in node.decorator_list):
            for paragraph in _paragraphs(ast.get_docstring(node) or ""):
                self.found.append((paragraph, node.lineno))
        for each in (*node.args.defaults, *(part for part in node.args.kw_defaults if part)):
            self.visit(each)
        for argument in (*node.args.args, *node.args.kwonlyargs):
            if argument.annotation is not None:
                self.visit(argument.annotation)
        self._body(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        if node.exc is not None:
            self.visit(node.exc)

    def visit_Assert(self, node: ast.Assert) -> None:
        """What an assertion says is for developers."""

    def visit_Call(self, node: ast.Call) -> None:
        name = _name(node.func)
        if name in _UNHEARD:
            return
        if name in _SHOWN:
            self._shown(node, name)
        self._helped(node)
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self._take(template(node), node.lineno)
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._take(node.value, node.lineno)

    def _body(self, node: ast.Module | ast.ClassDef | ast.FunctionDef) -> None:
        for each in node.body:
            self.visit(each)

    def _shown(self, node: ast.Call, name: str) -> None:
        """Single words that stand in a table, a list of facts, or are counted."""
        if name == "Quantity" and len(node.args) > 1:
            one = template(node.args[1])
            several = template(node.args[2]) if len(node.args) > 2 else f"{one}s"
            self.found += [(f"{{}} {word}", node.lineno) for word in (one, several) if word.strip("{}")]
            return
        words = [each for argument in node.args[:1] for each in _literals(argument)]
        words += [template(argument) for argument in node.args] if name in ("Sentence", "sentences") else []
        words += [template(each.value) for each in node.keywords if each.arg == "title"]
        self.found += [(word, node.lineno) for word in words if re.search(r"[A-Za-z]{2}", word)]

    def _helped(self, node: ast.Call) -> None:
        """What the help says of an option, however short it is, and what it calls its value."""
        for keyword in node.keywords:
            said = template(keyword.value)
            if keyword.arg in ("help", "metavar") and re.search(r"[A-Za-z]{2}", said):
                self.found.append((said, node.lineno))

    def _take(self, text: str, line: int) -> None:
        if _WORDS.search(text) and not _FOR_PROGRAMS.match(text):
            self.found.append((text, line))


def _literals(node: ast.expr) -> Iterator[str]:
    """The texts of a tuple's elements or a dictionary's keys."""
    if isinstance(node, ast.Tuple | ast.List):
        for each in node.elts:
            yield template(each)
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                yield template(key)
            parts = (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,)
            yield from (
                part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )
    elif isinstance(node, ast.BinOp):
        yield from _literals(node.left)
        yield from _literals(node.right)


def _is_verb(node: ast.expr) -> bool:
    call = node.func if isinstance(node, ast.Call) else node
    return isinstance(call, ast.Attribute) and call.attr in _VERB_DECORATORS


def _paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of a docstring, each on one line."""
    for paragraph in text.split("\n\n"):
        yield " ".join(paragraph.split())


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
