"""Collect the sentences of the bench's page from its scripts: the literals of `say` and `sayMany`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.jslexer import Token, tokenize, unquote_string

SCRIPTS: Final = Path(__file__).resolve().parents[1] / "web" / "pages" / "js"
_ONE: Final = "say"
_SEVERAL: Final = "sayMany"


class NotLiteral(ValueError):
    """A sentence of the page is put together before anybody can look it up."""


def page_sentences(script: str, name: str) -> Iterator[str | tuple[str, str]]:
    """Yield the sentences of a script, those about a number of things as singular and plural.

    `name` is the script's, for the error. Calls within the values of another are found as well. Raises
    NotLiteral where `say("…")` or `sayMany(number, "…", "…")` does not get double-quoted literals, by which
    the running bench finds them again.
    """
    tokens = list(tokenize(script))
    for at, token in enumerate(tokens[:-1]):
        called = token.type == "name" and token.value in (_ONE, _SEVERAL) and tokens[at + 1].value == "("
        if not called or (at and tokens[at - 1].value in ("function", ".")):
            continue
        arguments = list(_arguments(tokens, at + 2))
        given = arguments[1:3] if token.value == _SEVERAL else arguments[:1]
        texts = [_literal(each) for each in given]
        if None in texts or len(texts) != (2 if token.value == _SEVERAL else 1):
            raise NotLiteral(f"{name}:{token.lineno}: {token.value} needs literals in double quotes")
        said = [text for text in texts if text is not None]
        yield said[0] if len(said) == 1 else (said[0], said[1])


def _arguments(tokens: list[Token], at: int) -> Iterator[list[Token]]:
    """Yield the arguments of a call, each as its tokens, from the token after the parenthesis."""
    depth = 0
    argument: list[Token] = []
    for token in tokens[at:]:
        if token.type == "operator":
            depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.value, 0)
            if depth < 0:
                break
            if depth == 0 and token.value == ",":
                yield argument
                argument = []
                continue
        argument.append(token)
    yield argument


def _literal(argument: list[Token]) -> str | None:
    whole = len(argument) == 1 and argument[0].type == "string" and argument[0].value.startswith('"')
    return unquote_string(argument[0].value) if whole else None
