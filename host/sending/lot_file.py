"""A file of lots: a ZIP that any program opens, laid out as in docs/reference/lot-file.md.

It holds `file.json`, then for each lot its header, list, signature and documents, and each scanned piece
once. Equal lots give equal bytes. Project-defined: it is not a B2 file, and no insurer takes it.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final

from tla_sim.host.sending.errors import FileRefused
from tla_sim.host.strict_json import JsonFlawed, decode_text, parse
from tla_sim.protocol.documents.certificates import SignerIdentity, TrustAnchors
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.fse import MAX_FSE_BYTES, DocumentKind, SignatureBlock
from tla_sim.protocol.documents.invoice import digest
from tla_sim.protocol.documents.lot import MAX_HEADER_BYTES, Lot, verify_lot
from tla_sim.protocol.documents.verification import VerifiedFse, verify_fse
from tla_sim.protocol.errors import CodecError, TlaError
from tla_sim.protocol.groups.lot import LotDocument
from tla_sim.protocol.sentence import Sentence

FORMAT: Final = "tla-file"
VERSION: Final = 1
MAX_FILE_BYTES: Final = 512 * 1024 * 1024
MAX_PIECE_BYTES: Final = 10 * 1024 * 1024
_MAX_ENTRIES: Final = 50_000
_MAX_LIST: Final = 1024 * 1024
_MAX_BLOCK: Final = 8_192
_COMPRESSIONS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class SignedLot:
    """A lot, its signature, and its documents in the order of the list."""

    lot: Lot
    block: SignatureBlock
    contents: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True)
class LotFile:
    """A file: its identity (16 hex digits), when it was made (ISO 8601), its lots, its pieces by SHA-256."""

    identity: str
    made_at: str
    lots: tuple[SignedLot, ...]
    pieces: Mapping[str, bytes] = field(repr=False)

    @property
    def kind(self) -> DocumentKind:
        """The kind of its documents."""
        return self.lots[0].lot.kind

    @property
    def recipient(self) -> str:
        """The recipient."""
        return self.lots[0].lot.header.recipient


def file_identity(headers: Iterable[bytes]) -> str:
    """Return a file's identity: 16 hex digits of the SHA-256 over its lots' headers, each behind its length
    (2 bytes)."""
    sha = hashlib.sha256()
    for header in headers:
        sha.update(len(header).to_bytes(2, "big") + header)
    return sha.hexdigest()[:16]


def build_file(made_at: str, lots: Sequence[SignedLot], pieces: Mapping[str, bytes]) -> tuple[str, bytes]:
    """Return the identity and bytes of a file of lots of one recipient and kind."""
    identity = file_identity(each.lot.header_bytes() for each in lots)
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "identity": identity,
            "made_at": made_at,
            "kind": lots[0].lot.kind.name,
            "recipient": lots[0].lot.header.recipient,
            "lots": [_describe(index, each.lot) for index, each in enumerate(lots, 1)],
            "pieces": sorted(pieces),
        }
        _write(archive, "file.json", json.dumps(manifest, ensure_ascii=False, indent=1).encode())
        for index, each in enumerate(lots, 1):
            folder = _folder(index)
            _write(archive, f"{folder}/header", each.lot.header_bytes())
            _write(archive, f"{folder}/list", each.lot.list_bytes())
            _write(archive, f"{folder}/signature", each.block.build())
            for document, content in zip(each.lot.documents, each.contents, strict=True):
                _write(archive, f"{folder}/{document.number}.fse", content)
        for name in sorted(pieces):
            _write(archive, f"pieces/{name}.pdf", pieces[name])
    return identity, out.getvalue()


def _folder(index: int) -> str:
    return f"lots/{index:03}"


def _describe(index: int, lot: Lot) -> dict[str, Any]:
    head = lot.header
    return {
        "folder": _folder(index),
        "number": head.number,
        "owner": head.owner,
        "owner_name": head.owner_name,
        "mode": lot.mode.name,
        "count": head.count,
        "total": head.total,
    }


def _write(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.external_attr = 0o600 << 16
    archive.writestr(entry, content)


def read_file(raw: bytes) -> LotFile:
    """Return the file in some bytes, with every part in its place and no other; signatures are not verified.

    Raises `FileRefused`: not a file of lots, truncated, parts missing or superfluous, digests that do not
    match.
    """
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            return _Reader(archive).file()
    except _DAMAGE:
        raise _refusal(Sentence("This is not a file of lots, or it was truncated or altered")) from None
    except CodecError as error:
        raise _refusal(error.message) from None
    except JsonFlawed:
        raise _refusal(Sentence("The file's file.json is not JSON")) from None


_DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    KeyError,
    TypeError,
)


def _refusal(problem: str) -> FileRefused:
    return FileRefused(problem, "Ask for the file again")


class _Reader:
    """A reader of one file; it derives names from the numbers and digests inside, never the other way
    round."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        # Deflated files of other programs are read as well; bz2 and LZMA raise errors of their own.
        if any(each.compress_type not in _COMPRESSIONS for each in archive.infolist()):
            raise _refusal(Sentence("The file is not compressed as a file of lots is"))
        names = archive.namelist()
        if len(names) > _MAX_ENTRIES or len(names) != len(frozenset(names)):
            raise _refusal(Sentence("The file holds too many parts, or one of them twice"))
        self._left = dict.fromkeys(names)

    def _take(self, name: str, limit: int) -> bytes:
        if name not in self._left:
            raise _refusal(Sentence("The file lacks {name}", name=name))
        del self._left[name]
        with self._archive.open(name) as part:
            content = part.read(limit + 1)
        if len(content) > limit:
            raise _refusal(Sentence("{name} is larger than {most} bytes", name=name, most=limit))
        return content

    def file(self) -> LotFile:
        """Return the whole file."""
        manifest: Any = parse(decode_text(self._take("file.json", _MAX_LIST)))
        if (manifest["format"], int(manifest["version"])) != (FORMAT, VERSION):
            raise _refusal(Sentence("The file is of another format or version"))
        lots = [self._lot(index) for index in range(1, len(manifest["lots"]) + 1)]
        if not lots:
            raise _refusal(Sentence("The file holds no lot"))
        wanted = dict.fromkeys(piece.digest for each in lots for piece in each.lot.pieces)
        pieces = {name: self._piece(name) for name in wanted}
        if self._left:
            raise _refusal(
                Sentence("The file holds {left!r}, which does not belong in it", left=next(iter(self._left)))
            )
        identity = file_identity(each.lot.header_bytes() for each in lots)
        alike = {(each.lot.kind, each.lot.header.recipient) for each in lots}
        if manifest["identity"] != identity or len(alike) != 1:
            raise _refusal(Sentence("The file's lots are not those that it names"))
        return LotFile(identity, str(manifest["made_at"])[:40], tuple(lots), pieces)

    def _lot(self, index: int) -> SignedLot:
        folder = _folder(index)
        lot = Lot.parse(
            self._take(f"{folder}/header", MAX_HEADER_BYTES), self._take(f"{folder}/list", _MAX_LIST)
        )
        block = SignatureBlock.parse(self._take(f"{folder}/signature", _MAX_BLOCK))
        return SignedLot(lot, block, tuple(self._document(folder, each) for each in lot.documents))

    def _document(self, folder: str, listed: LotDocument) -> bytes:
        content = self._take(f"{folder}/{listed.number}.fse", MAX_FSE_BYTES)
        if digest(content).hex() != listed.digest:
            raise _refusal(
                Sentence("Document {number} is not the one that its lot lists", number=listed.number)
            )
        return content

    def _piece(self, name: str) -> bytes:
        content = self._take(f"pieces/{name}.pdf", MAX_PIECE_BYTES)
        if digest(content).hex() != name:
            raise _refusal(Sentence("Piece {name} is not the one that a lot lists", name=name[:8]))
        return content


@dataclass(frozen=True)
class VerifiedLot:
    """A lot whose signatures all hold: its signer, and its documents."""

    lot: Lot
    signer: SignerIdentity
    documents: tuple[VerifiedFse, ...]


def verify_file(file: LotFile, anchors: TrustAnchors) -> tuple[VerifiedLot, ...]:
    """Verify every signature of a file, of lots and documents, and that each document belongs to its lot.

    Raises `FileRefused` naming the lot or document.
    """
    verified = []
    for each in file.lots:
        head = each.lot.header
        try:
            signer = verify_lot(each.lot.header_bytes(), each.block, anchors)
            documents = tuple(verify_fse(Document(content), anchors) for content in each.contents)
        except TlaError as error:
            raise FileRefused(
                "Lot {number} of {owner}: {reason}",
                error.action,
                number=head.number,
                owner=head.owner,
                reason=error.message,
            ) from None
        for listed, document in zip(each.lot.documents, documents, strict=True):
            fse = document.fse
            if document.id != (head.owner, listed.number, each.lot.kind) or fse.mode is not each.lot.mode:
                raise FileRefused(
                    "Document {number} does not belong into lot {lot} of {owner}",
                    "Do not use this file",
                    number=listed.number,
                    lot=head.number,
                    owner=head.owner,
                )
        verified.append(VerifiedLot(each.lot, signer, documents))
    return tuple(verified)
