"""What `tla sim --json` says, one JSON object a line: events of a reader that is served. Project-defined."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any, Final

MAX_LINE: Final = 4_096
"""What a line of the visit script, which is what a served reader is told, has at most."""


class ServingEvent(StrEnum):
    """The value of `event`, and what stands beside it.

    LINK: `link` as it was asked for, `address`, `url` that hosts open (empty for a far end that they reach
    otherwise), `configuration` for pcscd or empty. PCSCD: `socket` of the PC/SC service. SEED: `seed`.
    SERVING: hosts may come now. SCREEN: `lines`, four of 20 characters. STEP: `number` and `line` of the
    script line that is done, `said`. FAILED: `number` of the one that is not, `error`, `action`. FAULT:
    `fault` that struck. NOTE: `text`. OFF: the end.
    """

    LINK = "link"
    PCSCD = "pcscd"
    SEED = "seed"
    SERVING = "serving"
    SCREEN = "screen"
    STEP = "step"
    FAILED = "failed"
    FAULT = "fault"
    NOTE = "note"
    OFF = "off"


def event_line(event: ServingEvent, **fields: object) -> str:
    """The line of an event."""
    return json.dumps({"event": event.value, **fields}, ensure_ascii=False)


def parse_event(line: str) -> tuple[ServingEvent, dict[str, Any]] | None:
    """The event of a line and its fields; `None` for a line that is not one."""
    try:
        fields = json.loads(line)
        return ServingEvent(fields.pop("event")), fields
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
