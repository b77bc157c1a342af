"""The files as a tree of objects, looked for one by one and described anew at each SELECT."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Final

from tla_sim.reader_fw.cards.image import CardFile, FileKind
from tla_sim.tools.bench.plain_card.apdu import joined

LOG: Final = logging.getLogger(__name__)

_FROM_MF, _DIRECTORY, _FILE, _BY_NAME, _PATH_FROM_MF, _PATH_FROM_HERE = 0x00, 0x01, 0x02, 0x04, 0x08, 0x09
_NOTHING: Final = 0x0C
_PARAMETERS: Final = 0x04


class Refused(Exception):
    """A command ends with a status word."""

    def __init__(self, word: int, reason: str) -> None:
        super().__init__(reason)
        self.word = word


class DataObject:
    """A data object: a tag of one byte and what is in it."""

    def __init__(self, tag: int, value: bytes) -> None:
        self.tag = tag
        self.value = value

    def encode(self) -> bytes:
        """Return its bytes."""
        size = len(self.value)
        length = [size] if size < 0x80 else [0x81, size] if size < 0x100 else [0x82, size >> 8, size & 0xFF]
        return joined([self.tag, *length]) + self.value


def decode_objects(data: bytes) -> Iterator[DataObject]:
    """Yield the data objects in bytes, with tags and lengths of one byte."""
    left = list(data)
    while len(left) >= 2:
        tag, size = left.pop(0), left.pop(0)
        value, left = left[:size], left[size:]
        yield DataObject(tag, joined(value))


class Node:
    """A file of either kind, and the directory that it is in, `None` for the MF."""

    def __init__(self, declared: CardFile, parent: Node | None) -> None:
        self.parent = parent
        self.is_directory = declared.kind == FileKind.DIRECTORY
        self.fid = declared.fid
        self.short = declared.sfi
        self.name = declared.aid
        self.content = declared.content
        self.children: list[Node] = []

    def first(self, **wanted: object) -> Node:
        """Return the first file inside whose attributes are as wanted. Raises Refused."""
        for child in self.children:
            if all(getattr(child, name) == value for name, value in wanted.items()):
                return child
        text = f"not found in\n{self}"
        LOG.debug(text)
        raise Refused(0x6A82, "file not found")

    def everything(self) -> Iterator[Node]:
        """Yield this file and all below it."""
        yield self
        for child in self.children:
            yield from child.everything()

    def parameters(self, template: int) -> bytes:
        """Return the file control parameters in a template."""
        fid = joined([self.fid >> 8, self.fid & 0xFF])
        objects = [DataObject(0x82, b"\x38" if self.is_directory else b"\x01"), DataObject(0x83, fid)]
        if self.is_directory:
            if self.name:
                objects.append(DataObject(0x84, self.name))
        else:
            size = len(self.content)
            objects.append(DataObject(0x80, joined([size >> 8, size & 0xFF])))
            if self.short:
                objects.append(DataObject(0x88, joined([self.short << 3])))
        objects.append(DataObject(0x8A, b"\x05"))
        return DataObject(template, b"".join([each.encode() for each in objects])).encode()

    @property
    def path(self) -> list[int]:
        """The identifiers from the MF to here."""
        return [self.fid] if self.parent is None else [*self.parent.path, self.fid]

    def lines(self, depth: int = 0) -> Iterator[str]:
        """Yield the lines of a trace that show the file and all below it."""
        margin = "  " * depth
        place = "/".join([f"{each:04x}" for each in self.path])
        about = []
        if self.is_directory:
            about += [f"directory of {len(self.children)} files", f"name {self.name.hex(' ')}"]
        else:
            about += [f"file of {len(self.content)} bytes", f"beginning {self.content[:8].hex(' ')}"]
        if self.short:
            about.append(f"short identifier {self.short:2d}")
        yield f"{margin}{self.fid:04x} ({place}): {', '.join(about)}"
        for child in self.children:
            yield from child.lines(depth + 1)

    def __str__(self) -> str:
        return "\n".join(self.lines())


class Tree:
    """The files of a card and the one that is selected."""

    def __init__(self, files: Sequence[CardFile]) -> None:
        nodes: list[Node] = []
        for each in files:
            parent = nodes[each.parent] if nodes else None
            node = Node(each, parent)
            if parent is not None:
                parent.children.append(node)
            nodes.append(node)
        self.mf = nodes[0]
        self.selected = self.mf

    @property
    def directory(self) -> Node:
        """The selected directory, or that of the selected file."""
        parent = self.selected.parent
        return self.selected if self.selected.is_directory or parent is None else parent

    def select(self, p1: int, p2: int, data: bytes) -> tuple[int, bytes]:
        """Carry out SELECT."""
        found = self._find(p1, data)
        self.selected = self._note(found)
        if p2 == _NOTHING:
            return 0x9000, b""
        return 0x9000, found.parameters(0x62 if p2 == _PARAMETERS else 0x6F)

    def read_binary(self, p1: int, p2: int, data: bytes) -> tuple[int, bytes]:
        """Carry out READ BINARY: return all from the offset on."""
        if data:
            raise Refused(0x6700, "there are no data to read")
        offset = p1 * 0x100 + p2
        if p1 & 0x80:
            self.selected = self._note(self.directory.first(is_directory=False, short=p1 & 0x1F))
            offset = p2
        if self.selected.is_directory:
            raise Refused(0x6986, "no file is selected")
        content = self.selected.content
        if offset and offset >= len(content):
            raise Refused(0x6B00, "the offset is outside the file")
        return 0x9000, content[offset:]

    def _note(self, found: Node) -> Node:
        text = f"selected\n{found}"
        LOG.debug(text)
        return found

    def _find(self, way: int, data: bytes) -> Node:
        if way == _BY_NAME:
            for node in self.mf.everything():
                if node.name and node.name.startswith(data):
                    return node
            raise Refused(0x6A82, "no application of this name")
        if way in (_DIRECTORY, _FILE):
            found = self._follow(self.directory, data)
            if found.is_directory != (way == _DIRECTORY):
                raise Refused(0x6A82, "a file of the other kind")
            return found
        if way == _PATH_FROM_MF:
            return self._follow(self.mf, data)
        if way == _PATH_FROM_HERE:
            return self._follow(self.directory, data)
        if way == _FROM_MF:
            here = self.directory
            for start in (self.mf, here):
                if int.from_bytes(data[:2], "big") == start.fid:
                    return self._follow(start, data[2:])
            return self._follow(here, data)
        raise Refused(0x6A86, "no such way to select")

    def _follow(self, start: Node, path: bytes) -> Node:
        if len(path) % 2:
            raise Refused(0x6A80, "half an identifier")
        for at in range(0, len(path), 2):
            fid = int.from_bytes(path[at : at + 2], "big")
            start = start.first(fid=fid)
        return start
