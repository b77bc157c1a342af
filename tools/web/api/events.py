"""The events of a reader, or of all, as they happen (SSE)."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from tla_sim.tools.language import Language
from tla_sim.tools.web.api.asked import Asked, BenchAsked, Spoken, StreamsAsked
from tla_sim.tools.web.bench import Bench
from tla_sim.tools.web.event_ids import LONGEST
from tla_sim.tools.web.following import Follower
from tla_sim.tools.web.streams import Streams

router = APIRouter(prefix="/v1", tags=["events"])

MEDIA_TYPE: Final = "text/event-stream"
_SAID: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Messages with `id`, `event` and one line of JSON as `data`.",
        "content": {
            MEDIA_TYPE: {
                "itemSchema": {
                    "type": "object",
                    "properties": {name: {"type": "string"} for name in ("id", "event", "data")},
                    "required": ["id", "event", "data"],
                }
            }
        },
    },
    429: {"description": "There are too many streams."},
}
Since = Annotated[
    str | None, Query(max_length=LONGEST, description="The id of the last event that is known already.")
]
LastEventId = Annotated[
    str | None,
    Header(alias="Last-Event-ID", max_length=LONGEST, description="The same, as browsers send it."),
]
Follow = Annotated[bool, Query(description="False: only what there is, then the end.")]


class EventStream(StreamingResponse):
    """Server-sent events, counted while they are sent. Refused with TooManyStreams."""

    media_type = MEDIA_TYPE

    def __init__(self, follower: Follower, streams: Streams, follow: bool) -> None:
        super().__init__(())
        self._follower = follower
        self._streams = streams
        self._follow = follow

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events."""
        with self._streams.opened() as waker:
            self.body_iterator = self._follower.messages(waker, self._follow)
            await super().__call__(scope, receive, send)


@router.get("/events", response_class=StreamingResponse, responses=_SAID)
async def follow_all(
    bench: BenchAsked,
    streams: StreamsAsked,
    language: Spoken,
    after: Since = None,
    last_event_id: LastEventId = None,
    follow: Follow = True,
) -> EventStream:
    """Follow the events of every reader; each says which `reader`.

    `readers` comes when one is made or removed, `practice`, without an id, when what the practice holds may
    have changed. The ids are of this stream only.
    """
    return _stream(bench, streams, None, last_event_id or after or "", language, follow)


@router.get("/readers/{reader}/events", response_class=StreamingResponse, responses=_SAID)
async def follow_reader(
    asked: Asked,
    streams: StreamsAsked,
    language: Spoken,
    after: Since = None,
    last_event_id: LastEventId = None,
    follow: Follow = True,
) -> EventStream:
    """Follow what happens to a reader.

    The events are screen, exchange, reader, fault, rule, rewound, snapshot, progress and gone.
    Without an id, from now on. `missed` says that events are lost to this client: load everything anew.
    When they come too fast, the newest are told, and `skipped` says how many were left out.
    """
    return _stream(asked.bench, streams, asked.shown.name, last_event_id or after or "", language, follow)


def _stream(
    bench: Bench, streams: Streams, name: str | None, since: str, language: Language, follow: bool
) -> EventStream:
    return EventStream(Follower(bench, streams, name, since, language), streams, follow)
