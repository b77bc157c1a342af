"""Only the ledger's room speaks SQL, and it names members of enums, never their bare numbers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tla_sim.host.ledger.codes import codes
from tla_sim.host.ledger.model import TO_SEND

ROOT = Path(__file__).parents[3]
ROOM = ROOT / "host" / "ledger"

APART = {
    "tools/bench/desk.py": "takes lots apart",
    "tools/bench/long_list.py": "writes a list of 50,000 lines that no practice certified",
    "tools/faults/host.py": "counts the statements of a connection, to strike one of them",
    "tools/fuzz/targets/loader_world.py": "copies one ledger in memory for each case",
}
"""What looks at a database on purpose, and why."""

STATEMENT = re.compile(
    r"\bSELECT\b.+\bFROM\b|\bINSERT (OR \w+ )?INTO\b|\bUPDATE\b.+\bSET\b|\bDELETE FROM\b|\bPRAGMA \w"
    r"|\bCREATE (TEMP )?(TABLE|VIEW|INDEX)\b|\bBEGIN IMMEDIATE\b",
    re.DOTALL,
)
CALLS = ("execute", "executemany", "executescript")
BARE = re.compile(r"\b(state|kind|mode|role)\b\s*(=|<>|<|>|<=|>=|IN\s*\()\s*\d")


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def texts(tree: ast.AST) -> Iterator[str]:
    """The literals of a module, of an f-string the whole with holes."""
    inside: dict[int, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inside |= {id(each): None for each in node.values}
            yield "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.value


def spoken(path: Path) -> list[str]:
    """What of a module is SQL, sends a statement, or reaches for a database."""
    tree = ast.parse(path.read_text("utf-8"))
    found = [text for text in texts(tree) if STATEMENT.search(text)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS:
            found.append(ast.unparse(node.func))
        if isinstance(node, ast.Attribute) and ast.unparse(node).endswith("ledger.database"):
            found.append(ast.unparse(node))
        if isinstance(node, ast.Import) and any(each.name == "sqlite3" for each in node.names):
            found.append("import sqlite3")
    return found


def test_sql_is_spoken_in_one_room() -> None:
    others = [each for each in sources("host", "tools", "protocol", "reader_fw") if ROOM not in each.parents]
    said = {str(each.relative_to(ROOT)): found for each in others if (found := spoken(each))}
    assert {name: found for name, found in said.items() if name not in APART} == {}
    assert sorted(said) == sorted(APART), "a reason without its module is to be taken out"


@pytest.mark.parametrize(
    "source",
    [
        "ledger.database.rows(question)",
        "connection.execute(question)",
        "import sqlite3",
        "question = 'SELECT owner FROM marks'",
        "question = f'SELECT {columns} FROM marks'",
        "question = 'SELECT owner' ' FROM marks'",
    ],
)
def test_the_walk_hears_what_it_is_to_hear(tmp_path: Path, source: str) -> None:
    module = tmp_path / "module.py"
    module.write_text(source)
    assert spoken(module)


def test_no_statement_has_the_bare_number_of_an_enum() -> None:
    history = ("desk_schema.py", "file.py")  # what a version once was stays as it was written
    today = [path for path in sources("host/ledger") if path.name not in history]
    statements = [(path.name, text) for path in today for text in texts(ast.parse(path.read_text("utf-8")))]
    assert len(statements) > 30
    assert [each for each in statements if BARE.search(each[1])] == []


def test_members_are_named_by_their_numbers() -> None:
    assert codes(TO_SEND) == "3, 4"
    assert codes(()) == ""
