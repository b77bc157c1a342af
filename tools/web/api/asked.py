"""What every route needs: the bench, the reader that the address names, and the language asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar, cast

from fastapi import Depends, Request

from tla_sim.tools.language import Language
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.web.api.answers import Reader, Screen
from tla_sim.tools.web.api.requests import ReaderName
from tla_sim.tools.web.bench import Bench, Shown
from tla_sim.tools.web.problems import language_of
from tla_sim.tools.web.streams import Streams
from tla_sim.tools.web.telling import tell_reader, tell_screen

T = TypeVar("T")


async def bench_of(request: Request) -> Bench:
    """Return the bench of the server."""
    return cast("Bench", request.app.state.bench)


async def streams_of(request: Request) -> Streams:
    """Return the streams of the server."""
    return cast("Streams", request.app.state.streams)


async def spoken_by(request: Request) -> Language:
    """Return the language that a request asks for."""
    return language_of(request)


BenchAsked = Annotated[Bench, Depends(bench_of)]
StreamsAsked = Annotated[Streams, Depends(streams_of)]
Spoken = Annotated[Language, Depends(spoken_by)]


@dataclass(frozen=True)
class ReaderAsked:
    """The reader that the address names."""

    bench: Bench
    shown: Shown

    async def ask(self, do: Callable[[ReaderControl], T]) -> T:
        """Return what a function returns that is called in the reader's thread, between two of its events."""
        return await asyncio.wrap_future(self.shown.running.call(do))

    async def screen(self, do: Callable[[ReaderControl], object]) -> Screen:
        """Do something with the reader, and return its settled screen."""

        def carry_out(control: ReaderControl) -> Screen:
            do(control)
            return tell_screen(control.screen)

        return await self.ask(carry_out)

    async def reader(self, do: Callable[[ReaderControl], object] | None = None) -> Reader:
        """Do something with the reader, if anything, and return the reader as it stands then."""

        def carry_out(control: ReaderControl) -> Reader:
            if do is not None:
                do(control)
            return tell_reader(control, self.shown, self.bench.epoch)

        return await self.ask(carry_out)


async def reader_of(reader: ReaderName, bench: BenchAsked) -> ReaderAsked:
    """Return the reader that the address names. Raises UnknownReader."""
    return ReaderAsked(bench, bench.find(reader))


Asked = Annotated[ReaderAsked, Depends(reader_of)]
