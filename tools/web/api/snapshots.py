"""Moments of a reader that are kept, to go back to, and as files for other machines."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from tla_sim.protocol.names import file_name
from tla_sim.tools.simulator.history.snapshot_file import SUFFIX
from tla_sim.tools.web.api.answers import Screen, Snapshots, SnapshotTold
from tla_sim.tools.web.api.asked import Asked
from tla_sim.tools.web.api.requests import NewSnapshot
from tla_sim.tools.web.api.uploads import BYTES, read_bytes
from tla_sim.tools.web.telling import tell_snapshot

router = APIRouter(prefix="/v1/readers/{reader}/snapshots", tags=["snapshots"])

SnapshotName = Annotated[str, Path(min_length=1, max_length=64, description="The name of a snapshot.")]
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file. It holds the test keys of the reader and its cards.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("")
async def list_snapshots(asked: Asked) -> Snapshots:
    """Return the moments that are kept."""
    kept = await asked.ask(lambda control: control.snapshots)
    return Snapshots(snapshots=[tell_snapshot(info) for info in kept])


@router.post("", status_code=201)
async def save_snapshot(new: NewSnapshot, asked: Asked) -> SnapshotTold:
    """Keep the present under a name, replacing what had it."""
    return await asked.ask(lambda control: tell_snapshot(control.save(new.name)))


@router.post("/{name}/restore")
async def restore_snapshot(name: SnapshotName, asked: Asked) -> Screen:
    """Take the reader and its cards to a moment that was kept. The present is kept as a snapshot before."""
    return await asked.screen(lambda control: control.restore(name))


@router.get("/{name}", response_class=Response, responses=_FILE)
async def download_snapshot(name: SnapshotName, asked: Asked) -> Response:
    """Return a snapshot as a file that another machine opens. Keep it to yourself: it holds test keys."""
    raw = await asked.ask(lambda control: control.snapshot_image(name))
    file = (file_name(name) or "reader") + SUFFIX
    headers = {"Content-Disposition": f'attachment; filename="{file}"'}
    return Response(raw, 200, headers, "application/octet-stream")


@router.put("/{name}", openapi_extra=BYTES)
async def upload_snapshot(request: Request, name: SnapshotName, asked: Asked) -> SnapshotTold:
    """Add a snapshot from a file, under a name."""
    raw = await read_bytes(request)
    return await asked.ask(lambda control: tell_snapshot(control.add_snapshot(name, raw)))


@router.delete("/{name}", status_code=204)
async def forget_snapshot(name: SnapshotName, asked: Asked) -> None:
    """Forget a snapshot."""
    await asked.ask(lambda control: control.forget(name))
