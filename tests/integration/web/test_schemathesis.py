"""Requests made from the API's own description, right and wrong ones, and what the answers must be like.

What the description cannot say in JSON Schema, that a text must be a plan of faults or a body a card file,
the API finds out by itself: there, a refusal of a request that the description allows is no finding.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, CheckFunction, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.tools.web.bench_kit import new_bench
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.maintenance.http_page import description
from tla_sim.tools.web.app import make_app
from tla_sim.tools.web.bench import Bench
from tla_sim.tools.web.gate import Gate

LONGEST_MS: Final = 20
ANYBODY: Final = Gate(None, None)
BY_MEANING: Final = {
    "POST /v1/readers/{reader}/cards",
    "POST /v1/readers/{reader}/links",
    "POST /v1/readers/{reader}/rules",
    "POST /v1/readers/{reader}/wait",
    "POST /v1/readers/{reader}/faults",
    "POST /v1/readers/{reader}/snapshots",
    "PUT /v1/readers/{reader}/snapshots/{name}",
    "POST /v1/surgery/unload",
    "POST /v1/surgery/sign",
    "GET /v1/practice/home",
    "POST /v1/practice/card",
    "GET /v1/practice/load",
    "GET /v1/practice/on-reader",
    "GET /v1/practice/signatures-due",
    "POST /v1/practice/invoices/{owner}/{number}/bill",
    "GET /v1/practice/lists/{chosen}",
    "GET /v1/practice/lists/{chosen}.csv",
    "GET /v1/practice/pieces",
    "POST /v1/practice/pieces",
    "GET /v1/practice/pieces/{digest}",
    "GET /v1/practice/pieces/{digest}/pages/{page}.png",
    "DELETE /v1/practice/pieces/{digest}",
    "PUT /v1/practice/paper",
    "GET /v1/practice/sheets/{owner}/{number}/pages/{page}.png",
    "GET /v1/practice/signatures/{owner}/image.png",
    "PUT /v1/practice/signatures/{owner}",
    "PUT /v1/practice/signatures/{owner}/on",
    "GET /v1/practice/lots",
    "POST /v1/practice/lots",
    "GET /v1/practice/files/{identity}",
    "GET /v1/practice/files/{identity}/documents",
    "GET /v1/practice/files/{identity}/content",
    "POST /v1/practice/files/{identity}/check",
    "POST /v1/practice/files/{identity}/settle",
    "POST /v1/practice/files/{identity}/send",
    "POST /v1/practice/answers",
    "POST /v1/practice/rectify",
    "PUT /v1/practice/file",
    "POST /v1/practice/invoices",
}
"""Routes that refuse by the meaning of a text or a file."""
ENDS_THE_READER: Final = "DELETE /v1/readers/{reader}"
ONLY_RIGHT: Final = {
    "GET /v1/status",
    "GET /v1/profiles",
    "GET /v1/commands",
    "GET /v1/readers",
    "GET /v1/faults",
    "GET /v1/surgery",
    "GET /v1/surgery/files/{name}",
    "GET /v1/practice/file",
    "GET /v1/practice/practice.json",
    "POST /v1/practice/check",
    "POST /v1/practice/answers",
}
"""Routes that nothing wrong can be asked of: all bytes are a body."""

SCHEMA = schemathesis.openapi.from_dict(json.loads(description()))
OPERATIONS: Final[dict[str, Any]] = {}
for found in SCHEMA.get_all_operations():
    assert isinstance(found, Ok), found
    OPERATIONS[found.ok().label] = found.ok()
CASES = [
    (label, mode)
    for label in OPERATIONS
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    if not (mode is GenerationMode.NEGATIVE and label in ONLY_RIGHT)
]


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with new_bench(demo_practice()) as made:
        yield made


def soften(case: Case[Any], mode: GenerationMode) -> None:
    """Name a reader that there is, let nothing wait long, and let no stream be endless."""
    if mode is GenerationMode.POSITIVE and "reader" in (case.path_parameters or {}):
        case.path_parameters["reader"] = "reader-1"
    if case.operation.path.endswith("/events"):
        case.query = {**(case.query or {}), "follow": "false"}
    for part in (case.query, case.body):
        wait = part.get("timeout") if isinstance(part, dict) else None
        if isinstance(part, dict) and isinstance(wait, int | float):
            part["timeout"] = min(wait, LONGEST_MS)


@pytest.mark.parametrize(("label", "mode"), CASES, ids=lambda each: str(getattr(each, "value", each)))
def test_the_api_is_as_it_describes_itself(bench: Bench, label: str, mode: GenerationMode) -> None:
    app = make_app(bench, ANYBODY)
    excluded: list[CheckFunction] | None = [positive_data_acceptance] if label in BY_MEANING else None

    @settings(max_examples=max(8, settings().max_examples // 3), suppress_health_check=list(HealthCheck))
    @given(case=OPERATIONS[label].as_strategy(generation_mode=mode))
    def hold(case: Case[Any]) -> None:
        soften(case, mode)
        if label == ENDS_THE_READER:
            case.path_parameters["reader"] = "nobody"
        case.call_and_validate(app=app, excluded_checks=excluded)

    hold()
    assert bench.readers[0].name == "reader-1"
