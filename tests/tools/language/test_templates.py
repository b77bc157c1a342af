"""What people read is a template with named values, so that it can be looked up and said in French."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tla_sim.tools.maintenance.sentences import PACKAGES, ROOT, SAID, collect_sentences, error_names

ONE = frozenset(("Sentence", "Joined", *SAID))


def templates(tree: ast.AST, errors: frozenset[str]) -> Iterator[ast.expr]:
    """What stands where a template is expected."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in errors:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Call) and called(inner) == "__init__":
                    yield from inner.args[:2]
        if isinstance(node, ast.Call):
            if called(node) in errors - {"__init__"}:
                yield from node.args[:2]
            elif called(node) == "Violation":
                yield from node.args[:3]
            elif called(node) == "sentences":
                yield from node.args
            elif called(node) in ONE:
                yield from node.args[:1]


def called(node: ast.Call) -> str:
    return str(getattr(node.func, "id", getattr(node.func, "attr", "")))


def finished(node: ast.expr) -> bool:
    """Whether English was put together before anybody could look it up, or where Babel sees two as one."""
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            return any(finished(each) or isinstance(each, ast.Constant) for each in (body, orelse))
        case ast.BinOp():
            return any(isinstance(each, ast.Constant | ast.JoinedStr) for each in (node.left, node.right))
        case ast.Call(func=ast.Attribute(attr="format")):
            return True
        case ast.JoinedStr(values=values):
            said = [str(each.value) for each in values if isinstance(each, ast.Constant)]
            return any(map(str.isalpha, "".join(said)))
        case _:
            return False


def modules() -> Iterator[tuple[str, ast.AST]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def test_templates_are_not_finished_text() -> None:
    errors = error_names()
    found = [
        f"{name}:{node.lineno}"
        for name, tree in modules()
        for node in templates(tree, errors)
        if finished(node)
    ]
    assert found == [], "give a template with named places and its values, or a Sentence for each case"


def test_babel_sees_every_template() -> None:
    """It passes over a call inside another call's arguments; that one is given a name first."""
    errors = error_names()
    said = {
        each
        for message in collect_sentences()
        for each in ((message,) if isinstance(message, str) else message)
    }
    missed = [
        f"{name}:{node.lineno}: {node.value}"
        for name, tree in modules()
        for node in templates(tree, errors)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if node.value and node.value not in said
    ]
    assert missed == []


def test_finished_text_is_told_from_a_template() -> None:
    def found(text: str) -> bool:
        return any(map(finished, templates(ast.parse(text), frozenset(("TlaError",)))))

    bad = (
        'TlaError(f"{a} is off")',
        'TlaError("Off", "Put " + a)',
        'note("%s is off" % a)',
        'Sentence("off" if a else "on")',
        'print_line("{} is off".format(a))',
        'Violation("life", f"{a} is lost")',
    )
    good = ('TlaError("{a} is off", a=a)', 'Sentence("off")', 'note(f"{a}: {b}")', "localise(text)")
    assert [each for each in bad if not found(each)] == []
    assert [each for each in good if found(each)] == []
