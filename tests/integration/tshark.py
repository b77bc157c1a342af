"""Debian's tshark with our dissectors, and what it found in a capture."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from tla_sim import __version__
from tla_sim.tools.capture.dissector.source import dissector_source

TIMEOUT = 120


@dataclass(frozen=True)
class Found:
    """One field as tshark tells it: its filter name, its line in the tree, and where its bytes lie."""

    name: str
    line: str
    start: int
    size: int
    shown: str
    value: str
    inside: tuple[Found, ...] = ()

    def walk(self) -> Iterator[Found]:
        yield self
        for each in self.inside:
            yield from each.walk()


@dataclass
class Frame:
    """What tshark found in one packet: our trees, and the names of the other protocols' fields."""

    trees: list[Found] = field(default_factory=list)
    others: set[str] = field(default_factory=set)

    def fields(self, name: str = "tla.") -> list[Found]:
        """The fields whose filter names begin so, in all trees."""
        return [each for tree in self.trees for each in tree.walk() if each.name.startswith(name)]


def dissect(folder: Path, capture: bytes, *more: str) -> list[Frame]:
    """What our dissectors found in each packet. Fails when tshark complains of anything but of root."""
    ran = run(
        folder, capture, "-T", "pdml", "-J", "tla iso7816 _ws.malformed _ws.lua", "-2", "-R", "frame", *more
    )
    frames = []
    for packet in ElementTree.fromstring(ran):
        frame = Frame()
        for proto in packet:
            if proto.get("name") == "tla":
                frame.trees.append(_found(proto))
            else:
                frame.others.update(each.get("name", "") for each in proto.iter())
        frames.append(frame)
    return frames


def run(folder: Path, capture: bytes, *options: str) -> str:
    """What tshark prints about a capture."""
    script, file = folder / "tla.lua", folder / "capture.pcapng"
    script.write_text(dissector_source(__version__), "utf-8")
    file.write_bytes(capture)
    ran = subprocess.run(
        ["tshark", "-X", f"lua_script:{script}", "-r", str(file), *options],
        capture_output=True,
        timeout=TIMEOUT,
        check=False,
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )
    said = [line for line in ran.stderr.decode().splitlines() if not line.startswith("Running as user")]
    assert (ran.returncode, said) == (0, []), ran.stderr.decode()[-2_000:]
    return ran.stdout.decode("utf-8")


def _found(element: ElementTree.Element) -> Found:
    told = element.get
    inside = tuple(_found(each) for each in element)
    start, size = int(told("pos", "0")), int(told("size", "0"))
    shown = told("show", "")
    return Found(told("name", ""), told("showname", shown), start, size, shown, told("value", ""), inside)
