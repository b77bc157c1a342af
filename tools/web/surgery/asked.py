"""What the routes of a practice need: its surgery, a thread to work in, and how to say a sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Depends

from tla_sim.tools.simulator.control.running_reader import RunningReader
from tla_sim.tools.web.api.asked import BenchAsked, Spoken
from tla_sim.tools.web.spoken import say
from tla_sim.tools.web.surgery.answers import Say
from tla_sim.tools.web.surgery.kept_ledger import KeptLedger
from tla_sim.tools.web.surgery.surgery import Surgery

T = TypeVar("T")


class _SurgeryAsked:
    """The practice of the bench, asked by a request."""

    def __init__(self, bench: BenchAsked, language: Spoken) -> None:
        self.surgery = bench.surgery
        self.bench = bench
        self.language = language

    def reader(self, name: str) -> RunningReader:
        """Return a reader of the bench. Raises UnknownReader, TwinReaders."""
        return self.bench.at_practice(name)

    async def do(self, work: Callable[[Surgery], T]) -> T:
        """Return what a function returns that is called in a thread of the surgery's."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.surgery.threads, work, self.surgery)

    async def look(self, find: Callable[[KeptLedger], T]) -> T:
        """Return what a function finds in the ledger that is kept open for looking."""
        return await asyncio.wrap_future(self.surgery.ledger.ask(find))

    async def change(self, work: Callable[[Surgery], T]) -> T:
        """Return what a function returns that changes what the practice holds, and tell who looks."""

        def carry_out(surgery: Surgery) -> T:
            try:
                return work(surgery)
            finally:
                surgery.changed()

        return await self.do(carry_out)

    @property
    def say(self) -> Say:
        """How to say a sentence to whoever asked."""
        language = self.language
        return lambda text: say(text, language)


SurgeryAsked = Annotated[_SurgeryAsked, Depends()]
