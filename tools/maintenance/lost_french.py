"""A mypy plugin that reports where a sentence is turned into plain text before it can be said in French.

An f-string, `join`, `format` and `+` fill a `Sentence` in: what comes out remembers neither template nor
values, nobody can look it up any more, and the screen shows English in both languages. mypy calls `plugin`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from mypy.errorcodes import ErrorCode
from mypy.nodes import GeneratorExpr, ListComprehension, ListExpr, TupleExpr
from mypy.plugin import MethodContext, Plugin
from mypy.types import Instance, ProperType, TupleType, Type, UnionType, get_proper_type

LOST_FRENCH: Final = ErrorCode("lost-french", "A sentence becomes plain text before it is translated", "tla")
ROOMS: Final = ("host", "tools/cards", "tools/cli", "tools/demo", "tools/simulator", "tools/visit")
"""The packages that make what people read; other tools speak through these."""

_ROOT: Final = Path(__file__).resolve().parents[2]
_PACKAGE: Final = "src/tla_sim"
_SAID: Final = (
    "tla_sim.protocol.sentence.Sentence",
    "tla_sim.protocol.errors.TlaError",
    "tla_sim.host.practice.problem.Problem",
    "tla_sim.host.practice.problem.Unfit",
)
_OF_A_SENTENCE: Final = (
    *("__add__", "__getitem__", "__mod__", "capitalize", "format", "join", "lower", "lstrip", "removeprefix"),
    *("removesuffix", "replace", "rstrip", "strip", "upper"),
)
_METHODS: Final = (
    "builtins.str.join",
    "builtins.str.format",
    "builtins.str.__add__",
    "builtins.str.__radd__",
)


class LostFrench(Plugin):
    """Looks at the arguments of what makes plain text. f-strings come as `str.format` and `str.join`."""

    def get_method_hook(self, fullname: str) -> Callable[[MethodContext], Type] | None:
        """Return the check for a method of `str` that fills sentences in."""
        owner, _, method = fullname.rpartition(".")
        if owner == _SAID[0] and method in _OF_A_SENTENCE:
            return _report
        return _check if fullname in _METHODS else None


def _check(context: MethodContext) -> Type:
    return _report(context) if any(map(_is_said, _argument_types(context))) else context.default_return_type


def _report(context: MethodContext) -> Type:
    if _watched(context.api.path):
        context.api.fail(
            "A sentence becomes plain text here and is never said in French; "
            "put it into a Sentence as a value, take Joined, or translate it first",
            context.context,
            code=LOST_FRENCH,
        )
    return context.default_return_type


def _argument_types(context: MethodContext) -> Iterator[Type]:
    """Yield the types of the arguments, and of the items of lists, which mypy takes for `str`."""
    for types, expressions in zip(context.arg_types, context.args, strict=True):
        for found, expression in zip(types, expressions, strict=True):
            yield found
            inner = expression.generator if isinstance(expression, ListComprehension) else expression
            if isinstance(inner, GeneratorExpr):
                yield context.api.get_expression_type(inner.left_expr)
            elif isinstance(inner, ListExpr | TupleExpr):
                yield from map(context.api.get_expression_type, inner.items)


def _watched(path: str) -> bool:
    name = Path(path)
    for base in (_ROOT / _PACKAGE, _ROOT, Path(_PACKAGE), Path()):
        if name.is_relative_to(base):
            return name.relative_to(base).as_posix().startswith(tuple(f"{room}/" for room in ROOMS))
    return False


def _is_said(found: Type) -> bool:
    """Whether a value is a sentence or an error, or holds some as an iterable does."""
    return any(each.type.has_base(name) for each in _instances(get_proper_type(found)) for name in _SAID)


def _instances(found: ProperType) -> Iterator[Instance]:
    match found:
        case Instance():
            yield found
            # Iterating over a mapping gives its keys.
            for argument in found.args[:1] if found.type.has_base("typing.Mapping") else found.args:
                yield from _instances(get_proper_type(argument))
        case UnionType() | TupleType():
            for item in found.items:
                yield from _instances(get_proper_type(item))
        case _:
            return


def plugin(version: str) -> type[Plugin]:  # noqa: ARG001
    """Give mypy the plugin."""
    return LostFrench
