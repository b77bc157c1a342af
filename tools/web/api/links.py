"""The ways to reach a reader from outside: serial lines, TCP, card readers for PC/SC."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path

from tla_sim.tools.web.api.answers import Link, Links
from tla_sim.tools.web.api.asked import Asked
from tla_sim.tools.web.api.requests import NewLink
from tla_sim.tools.web.telling import tell_link

router = APIRouter(prefix="/v1/readers/{reader}/links", tags=["links"])

LinkId = Annotated[str, Path(pattern="^[0-9]{1,9}$", description="The id of a link.")]


@router.get("")
async def list_links(asked: Asked) -> Links:
    """Return the links that are served."""
    return Links(links=[tell_link(link) for link in asked.shown.running.links])


@router.post("", status_code=201)
async def open_link(new: NewLink, asked: Asked) -> Link:
    """Serve a link, on which practice software reaches the reader while its cable is in."""
    return tell_link(await asyncio.wrap_future(asked.shown.running.open_link(new.link)))


@router.delete("/{link}", status_code=204)
async def close_link(link: LinkId, asked: Asked) -> None:
    """Stop to serve a link."""
    await asyncio.wrap_future(asked.shown.running.close_link(int(link)))
