"""Which modules, names and files of the project a text speaks of, and whether they are there."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from pkgutil import resolve_name
from types import ModuleType
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PLACEHOLDER: Final = "NAME"
"""What stands in a text for a name of the reader's choosing."""

_MADE: Final = ".egg-info"
"""What an installation leaves in a checkout."""

_DOTTED: Final = re.compile(r"\btla_sim(?!\.egg)(?:\.[A-Za-z_]\w*)+")
_IMPORTED: Final = re.compile(r"^\s*(?:>>> )?from (tla_sim[\w.]*) import (\([^)]*\)|.*)", re.MULTILINE)
_FOLDERS: Final = "protocol|host|reader_fw|tools|tests|docs|src"
_PATH: Final = re.compile(rf"(?<![\w./-])(?:{_FOLDERS})/[\w./-]*\w(?:::[\w.]*\w)?")


@cache
def project_files() -> tuple[Path, ...]:
    """What git keeps of the project, or would at the next commit."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-coz", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [ROOT / name for name in listed.split("\0") if name]
    return tuple(path for path in paths if path.is_file())


def places_missing(text: str) -> Iterator[str]:
    """The modules, names and files that a text speaks of and that do not exist."""
    for name in dict.fromkeys(_dotted(text)):
        if not _resolves(name):
            yield name
    for path in dict.fromkeys(_PATH.findall(text)):
        if PLACEHOLDER not in path and not path.endswith(_MADE) and not _stands(path):
            yield path


def _dotted(text: str) -> Iterator[str]:
    for name in _DOTTED.findall(text):
        yield name.partition(f".{PLACEHOLDER}")[0]
    for module, names in _IMPORTED.findall(text):
        for each in names.partition("#")[0].strip("()\\ ").split(","):
            name = each.strip().partition(" ")[0]
            if name.isidentifier():
                yield f"{module}.{name}"


@cache
def _resolves(name: str) -> bool:
    if name in _entry_point_groups() or name in _loggers():
        return True
    try:
        found = resolve_name(name)
    except (ImportError, AttributeError):
        return False
    # A folder that is gone leaves its bytecode behind in an old checkout, and that imports as a namespace.
    return not isinstance(found, ModuleType) or getattr(found, "__file__", None) is not None


@cache
def _entry_point_groups() -> tuple[str, ...]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return tuple(project["entry-points"])


@cache
def _loggers() -> tuple[str, ...]:
    sources = (path.read_text("utf-8") for path in project_files() if path.suffix == ".py")
    return tuple(name for text in sources for name in re.findall(r'getLogger\("([\w.]+)"\)', text))


@cache
def _stands(written: str) -> bool:
    path, _, name = written.partition("::")
    if not (ROOT / path).exists():
        return False
    return not name or _defines(ast.parse((ROOT / path).read_text("utf-8")), name.split("."))


def _defines(scope: ast.AST, names: list[str]) -> bool:
    first, *rest = names
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == first:
            return not rest or _defines(node, rest)
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if not rest and any(isinstance(each, ast.Name) and each.id == first for each in targets):
            return True
    return False
