"""The output of `tla sim --json`: events of a served reader, one JSON object per line. Project-defined."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any, Final

MAX_LINE: Final = 4_096
"""The longest line, in characters, of a visit script, with which a served reader is driven."""


class ServingEvent(StrEnum):
    """The value of `event`, and the fields that accompany it.

    LINK: `link` as requested, `address`, the `url` that hosts open (empty for the far end of a real cable),
    `configuration` for pcscd or empty. PCSCD: `socket` of the PC/SC service. SEED: `seed`. SERVING: hosts may
    connect now. SCREEN: `lines`, four of 20 characters. STEP: `number` and `line` of the completed script
    line, `said`. FAILED: `number` of the failed line, `code` and `category` of the error, `error`,
    `action`. FAULT: the `fault` that struck. NOTE: `text`. OFF: the end.
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
    """Return the line that reports an event."""
    return json.dumps({"event": event.value, **fields}, ensure_ascii=False)


def parse_event(line: str) -> tuple[ServingEvent, dict[str, Any]] | None:
    """Return the event of a line and its fields, `None` for a line that is not an event."""
    try:
        fields = json.loads(line)
        return ServingEvent(fields.pop("event")), fields
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
