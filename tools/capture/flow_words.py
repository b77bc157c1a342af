"""A difference between two flows, in words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.capture.flow_diff import Difference, DifferenceKind
from tla_sim.tools.capture.flow_leaves import Leaf
from tla_sim.tools.capture.flow_steps import HEADER, Step

_LONGEST: Final = 64
_SHORT: Final = 20
_BETWEEN: Final = " › "
_OWNER: Final = "owner"
_INVOICE_NUMBER: Final = "invoice_number"


def say_difference(found: Difference) -> Sentence:
    """Return what differs, in one sentence without its full stop."""
    yours, reference = step_words(found.yours), step_words(found.reference)
    match found.kind:
        case DifferenceKind.EXTRA:
            return Sentence("Yours asks {yours}, which the reference does not", yours=yours)
        case DifferenceKind.MISSING:
            return Sentence("The reference asks {reference}, which yours does not", reference=reference)
        case DifferenceKind.ORDER:
            return Sentence(
                "Yours asks {yours} where the reference asks {reference}: their order differs",
                yours=yours,
                reference=reference,
            )
        case DifferenceKind.COMMAND:
            return Sentence(
                "Yours asks {yours} where the reference asks {reference}", yours=yours, reference=reference
            )
        case DifferenceKind.YOURS_ENDS:
            return Sentence("Yours ends here; the reference goes on with {reference}", reference=reference)
        case DifferenceKind.REFERENCE_ENDS:
            return Sentence("The reference ends here; yours goes on with {yours}", yours=yours)
        case DifferenceKind.STATUS:
            return Sentence(
                "{name} ends with {yours} in yours, with {reference} in the reference",
                name=yours,
                yours=status_words(found.yours),
                reference=status_words(found.reference),
            )
        case DifferenceKind.REQUEST:
            return _say_leaves(Sentence("In what {name} asks", name=_common_words(found)), found)
        case DifferenceKind.ANSWER:
            return _say_leaves(Sentence("In the answer to {name}", name=_common_words(found)), found)


def _common_words(found: Difference) -> str:
    """Return the words of both steps, without what the field that differs says itself."""
    words = step_words(found.yours)
    is_inside = any(leaf is not None and len(leaf.path) > 1 for leaf in found.leaves)
    return _name(found.yours) if is_inside or words != step_words(found.reference) else words


def _say_leaves(where: str, found: Difference) -> Sentence:
    mine, other = found.leaves
    leaf = mine or other
    assert leaf is not None
    path = path_words(leaf, found.yours if mine is not None else found.reference)
    if mine is None:
        return Sentence(
            "{where}, only the reference has {path}: {value}", where=where, path=path, value=value_words(leaf)
        )
    if other is None:
        return Sentence(
            "{where}, only yours has {path}: {value}", where=where, path=path, value=value_words(leaf)
        )
    if mine.path != other.path:
        return Sentence(
            "{where}, yours has {path} where the reference has {other}",
            where=where,
            path=path,
            other=path_words(other, found.reference),
        )
    return Sentence(
        "{where}, {path} is {yours} in yours, {reference} in the reference",
        where=where,
        path=path,
        yours=value_words(mine),
        reference=value_words(other),
    )


def path_words(leaf: Leaf, step: Step | None = None) -> Sentence:
    """Return where a field of a step is, and what it is. An invoice in whose groups it is has its number."""
    if step is not None and leaf.path[-1] != _INVOICE_NUMBER:
        for each in (*step.asked, *step.answered):
            around = each.path[:-2]
            if each.path[-1] == _INVOICE_NUMBER and around and leaf.path[: len(around)] == around:
                return Sentence(
                    "invoice {number} › {path} ({text})",
                    number=value_words(each),
                    path=_BETWEEN.join(leaf.path[len(around) :]),
                    text=leaf.text,
                )
    return Sentence("{path} ({text})", path=_BETWEEN.join(leaf.path), text=leaf.text)


def step_words(step: Step | None) -> str:
    """Return the name of a step's command, and in brackets what tells it from others of that name.

    That is its owner, else its first invoice, else its first short text, if it has any.
    """
    if step is None or step.description.declared is None:
        return _name(step)
    texts = [each for each in step.asked if isinstance(each.value, str) and 0 < len(each.value) <= _SHORT]
    owners = [each for each in texts if each.path == (_OWNER,)]
    invoices = [each for each in texts if each.path[-1] == _INVOICE_NUMBER]
    others = [each for each in texts if len(each.path) == 1 and each.path[0] not in HEADER]
    for found in (owners, invoices, others):
        if found:
            more = "…" if found is invoices and len(invoices) > 1 else ""
            return f"{step.name} ({found[0].path[-1]} {found[0].value}{more})"
    return step.name


def value_words(leaf: Leaf) -> str:
    """Return a field's value as people read it, a long one shortened."""
    if leaf.shown:
        return leaf.shown
    if leaf.value is None:
        return Sentence("a value that varies")
    if isinstance(leaf.value, bool):
        return Sentence("yes") if leaf.value else Sentence("no")
    text = str(leaf.value)
    if len(text) > _LONGEST:
        return Sentence("{text}… ({count} characters)", text=text[:_LONGEST], count=len(text))
    return text or "-"


def status_words(step: Step | None) -> str:
    """Return the status of a step, number and sentence."""
    if step is None or step.word is None:
        return Sentence("no answer")
    return Sentence("{word:04X} ({meaning})", word=step.word, meaning=step.meaning)


def place_words(step: Step | None) -> str:
    """Return which exchanges a step took, and when it began."""
    if step is None:
        return Sentence("the end")
    if step.last == step.number:
        return Sentence("exchange {number}, {moment}", number=step.number, moment=time_text(step.ns))
    return Sentence(
        "exchanges {number} to {last}, {moment}",
        number=step.number,
        last=step.last,
        moment=time_text(step.ns),
    )


def time_text(ns: int) -> str:
    """Return a time in ns since 1970 as date and time to the millisecond, UTC."""
    seconds, fraction = divmod(ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.{fraction // 1_000_000:03}"


def _name(step: Step | None) -> str:
    return "" if step is None else f"{step.name}"
