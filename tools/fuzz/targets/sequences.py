"""Make the cases of the stateful targets: sequences of APDUs to Log_SV, cards, keys and time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from tla_sim.protocol.apdu import MAX_NE, CommandApdu
from tla_sim.protocol.commands.certifying import (
    CERTIFY,
    SIGN_FINAL,
    SIGN_LOT,
    CertifyRequest,
    LotSignatureRequest,
)
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.declaration import CLA, Command
from tla_sim.protocol.commands.loading import (
    COMMIT_LOAD,
    LOAD_INVOICE,
    OPEN_LOAD,
    LoadCommit,
    LoadedBatch,
    LoadOpening,
)
from tla_sim.protocol.commands.unloading import (
    UNLOAD_BENEFICIARIES,
    UNLOAD_FSE,
    BeneficiariesRequest,
    UnloadRequest,
)
from tla_sim.protocol.commands.updating import (
    ACTIVATE_UPDATE,
    OPEN_UPDATE,
    UPDATE_BLOCK,
    UpdateActivation,
    UpdateBlock,
    UpdateOpening,
)
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode
from tla_sim.protocol.documents.load import batch_digest
from tla_sim.protocol.documents.lot import Lot
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.groups.lot import LotDocument, LotHeader
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.trace import TraceRecord, decode
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.fuzz import players
from tla_sim.tools.fuzz.case import Step
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.images import images
from tla_sim.tools.fuzz.mutation import Flaw, mutated, write

Q = TypeVar("Q")
_COMMANDS: Final = tuple(COMMANDS)
_CHEAP: Final = tuple(command for command in _COMMANDS if command not in (CERTIFY, SIGN_FINAL, SIGN_LOT))
_FLAWS: Final = (*(Flaw.VALID,) * 8, *Flaw)
_NE: Final = (0, 256, MAX_NE, MAX_NE, MAX_NE)
_KINDS: Final = (DocumentKind.FSE, DocumentKind.FSE, DocumentKind.FSE, DocumentKind.DRE)
_MODES: Final = (SecurityMode.SECURED, SecurityMode.SECURED, SecurityMode.SECURED, SecurityMode.DEGRADED)
_TICKS: Final = (1, 500, 29_999, 30_001, 600_001, 86_400_000)
_TYPED: Final = (
    "1 2 3 4 VAL",
    "1 2 3 4 VAL",
    "9 9 9 9 VAL",
    "1 2 ANN",
    "1 9 COR 2 3 4 VAL",
    "",
    "1 2 3 VAL ANN",
)
_VISITS: Final = (
    "VAL 1 2 3 4 VAL VAL",
    "VAL 1 2 3 4 VAL VAL",
    "DOWN MENU MENU VAL VAL",
    "VAL 9 9 9 9 VAL VAL ANN",
    "MENU VAL 1 2 3 4 VAL",
    "VAL ANN",
)
_STROKES: Final = (
    *("VAL", "VAL", "VAL", "ANN", "UP", "DOWN", "DOWN", "MENU", "MENU", "5"),
    *("1 2 3 4 VAL", "1 2 3 4 VAL", "9 9 9 9 VAL"),
)
_CARD_APDUS: Final = ("00A4040C00", "00B09C0000", "0084000008", "00A4000C023F00", "00CB3FFF00", "FFFFFFFF")
_IMAGES: Final = ("running", "running", "small", "small", "false", "old", "foreign")


def apdu_of(command: Command[Any, Any], data: bytes, ne: int = MAX_NE) -> bytes:
    """Return a command APDU to Log_SV; data beyond 65,535 bytes are cut off."""
    return CommandApdu(CLA, command.ins, 0, 0, data[:65_535], ne).build()


def request_apdu(command: Command[Q, Any], request: Q) -> bytes:
    """Return the APDU of a request. Raises CodecError for a request that cannot be built."""
    return apdu_of(command, command.request.build(request))


def sequence(chance: Chance, least: int, more: int) -> list[Step]:
    """Make `least` steps and up to `more`, and those that belong to them, mostly after a verified code."""
    return _sequence(chance, least, more, _MENU)


def deep_sequence(chance: Chance, least: int, more: int) -> list[Step]:
    """Make a sequence with fewer malformed commands, and with whole rounds."""
    return _sequence(chance, least, more, _DEEP_MENU)


def _sequence(chance: Chance, least: int, more: int, menu: tuple[Maker, ...]) -> list[Step]:
    steps: list[Step] = []
    if chance.below(4):
        steps.append(Step("insert", f"PS:{pick(chance, players.PS_CARDS[:6])}"))
        steps.append(Step("code", f"a:{CODE}"))
    if chance.below(2):
        steps.append(Step("insert", f"VITALE:{pick(chance, players.VITALES[:4])}"))
    for _ in range(least + chance.below(more)):
        pick(chance, menu)(steps, chance)
    return steps


def describe_step(step: Step) -> str:
    """Return a step as text: an APDU by name and fields, other acts as they are."""
    if step.act != "apdu":
        return f"{step.act} {step.arg} {step.data.hex()}".strip()
    decoded = decode(TraceRecord(0, Lad.LOG_SV, step.data, b""))
    fields = "; ".join(f"{name} {str(value)[:60]}" for name, value in decoded.request.items())
    return f"link {step.arg}: {decoded.name} {fields}"


def _link(chance: Chance) -> str:
    return "b" if not chance.below(12) else "a"


def _flawed(steps: list[Step], chance: Chance) -> None:
    command = pick(chance, _CHEAP) if chance.below(8) else pick(chance, _COMMANDS)
    data = write(command.request, chance, pick(chance, _FLAWS), players.words())
    steps.append(Step("apdu", _link(chance), apdu_of(command, data, pick(chance, _NE))))


def _header(steps: list[Step], chance: Chance) -> None:
    command = pick(chance, _COMMANDS)
    data = write(command.request, chance, Flaw.VALID, players.words())
    raw = bytearray(apdu_of(command, data))
    raw[chance.below(4)] = chance.below(256)
    steps.append(Step("apdu", _link(chance), bytes(raw)))


def _raw(steps: list[Step], chance: Chance) -> None:
    whole = apdu_of(pick(chance, _COMMANDS), chance.data(chance.below(20)))
    steps.append(Step("apdu", _link(chance), mutated(whole, chance)))


def _load(steps: list[Step], chance: Chance) -> None:
    owner = pick(chance, players.OWNERS)
    kind, mode = pick(chance, _KINDS), pick(chance, _MODES)
    pool = players.invoices()[owner]
    first = chance.below(len(pool))
    contents = pool[first : first + 1 + chance.below(3)]
    if not chance.below(12):
        contents = (*contents, pick(chance, players.invoices()[pick(chance, players.OWNERS)]))
    count = len(contents) + (pick(chance, (0, 0, 0, 1, 8)))
    load_id = players.load_id(contents, kind, mode)
    proof = batch_digest(contents) if chance.below(16) else bytes(32)
    at = 0 if chance.below(6) else pick(chance, (1, 8, chance.below(10)))
    requests: list[tuple[Command[Any, Any], Any]] = [
        (OPEN_LOAD, LoadOpening(owner, load_id, count, sum(map(len, contents)))),
        (LOAD_INVOICE, LoadedBatch(at, kind, mode, proof, contents)),
        (COMMIT_LOAD, LoadCommit(load_id, count)),
    ]
    if not chance.below(8):
        requests.append((OPEN_LOAD, LoadOpening(owner, load_id, 1 + chance.below(3), 0)))
    link = _link(chance)
    for command, request in requests:
        if chance.below(12):
            try:
                steps.append(Step("apdu", link, request_apdu(command, request)))
            except CodecError:
                continue


def _certify(steps: list[Step], chance: Chance) -> None:
    content = pick(chance, players.invoices()[pick(chance, players.OWNERS)])
    request = CertifyRequest(pick(chance, _KINDS), pick(chance, _MODES), content)
    steps.append(Step("apdu", _link(chance), request_apdu(CERTIFY, request)))


def _unload(steps: list[Step], chance: Chance) -> None:
    names: tuple[DocumentId, ...] = ()
    if chance.below(2):
        number = f"{190_305_001 + chance.below(players.NUMBERS):09}"
        names = (DocumentId(pick(chance, players.OWNERS), number, pick(chance, _KINDS)),)
    request = UnloadRequest(pick(chance, (0, 2_000, 65_535)), names)
    link = _link(chance)
    steps.append(Step("apdu", link, request_apdu(UNLOAD_FSE, request)))
    if chance.below(2):
        steps.append(Step("ack", f"{link}:{pick(chance, ('last', 'last', 'named', 'wrong', 'loaded'))}"))


def _code(steps: list[Step], chance: Chance) -> None:
    steps.append(Step("code", f"{_link(chance)}:{CODE if chance.below(6) else '9999'}"))


def _keys(steps: list[Step], chance: Chance) -> None:
    steps.append(Step("type", f"{_link(chance)}:{pick(chance, _TYPED)}"))


def _cards(steps: list[Step], chance: Chance) -> None:
    slot = pick(chance, ("PS", "VITALE"))
    if not chance.below(4):
        steps.append(Step("remove", slot))
        return
    name = pick(chance, players.PS_CARDS if slot == "PS" else players.VITALES)
    steps.append(Step("insert", f"{slot}:{name}"))
    if slot == "PS" and chance.below(4):
        steps.append(Step("code", f"a:{CODE}"))


def _rare(steps: list[Step], chance: Chance) -> None:
    match chance.below(12):
        case 0:
            steps.append(Step("tamper"))
        case 1 | 2:
            steps.append(Step("power"))
        case 3 | 4:
            steps.append(Step("reset", _link(chance)))
        case 5 | 6 | 7:
            steps.append(Step("visit", pick(chance, _VISITS)))
        case 8:
            steps.append(Step("final", f"{_link(chance)}:{chance.below(8_000) if chance.below(2) else -1}"))
        case _:
            steps.append(Step("tick", str(pick(chance, _TICKS))))


def _final(steps: list[Step], chance: Chance) -> None:
    steps.append(Step("final", f"{_link(chance)}:-1"))


def _to_card(steps: list[Step], chance: Chance) -> None:
    slot = pick(chance, ("PS", "VITALE"))
    steps.append(Step("card", f"{_link(chance)}:{slot}", bytes.fromhex(pick(chance, _CARD_APDUS))))


def _open(
    owner: str,
    contents: tuple[bytes, ...],
    kind: DocumentKind = DocumentKind.FSE,
    mode: SecurityMode = SecurityMode.SECURED,
) -> tuple[bytes, bytes]:
    """Return the APDUs that open a load and send its only batch."""
    load_id = players.load_id(contents, kind, mode)
    opening = LoadOpening(owner, load_id, len(contents), sum(map(len, contents)))
    batch = LoadedBatch(0, kind, mode, batch_digest(contents), contents)
    return request_apdu(OPEN_LOAD, opening), request_apdu(LOAD_INVOICE, batch)


def load_apdus(
    owner: str,
    contents: tuple[bytes, ...],
    kind: DocumentKind = DocumentKind.FSE,
    mode: SecurityMode = SecurityMode.SECURED,
) -> tuple[bytes, ...]:
    """Return the APDUs of a whole load in one batch: open, load, commit."""
    commit = LoadCommit(players.load_id(contents, kind, mode), len(contents))
    return (*_open(owner, contents, kind, mode), request_apdu(COMMIT_LOAD, commit))


def _certification(owner: str, at: int, kind: DocumentKind = DocumentKind.FSE) -> bytes:
    request = CertifyRequest(kind, SecurityMode.SECURED, players.invoices()[owner][at])
    return request_apdu(CERTIFY, request)


def _prepare(steps: list[Step]) -> None:
    steps += [Step("insert", "PS:maya"), Step("insert", "VITALE:martin"), Step("code", f"a:{CODE}")]


def _scene(steps: list[Step], chance: Chance) -> None:
    """Add a scene that leads where single commands seldom do."""
    first, second, third = players.OWNERS
    match chance.below(5):
        case 0:
            steps.append(Step("insert", "PS:lea"))
            steps += [Step("code", "a:9999")] * 4
        case 1:
            _prepare(steps)
            steps += [Step("tick", "30001"), Step("card", "b:PS", bytes.fromhex(_CARD_APDUS[0]))]
            steps.append(Step("apdu", "a", _certification(first, 2 * chance.below(2))))
        case 2:
            steps += [Step("apdu", "a", raw) for raw in load_apdus(first, players.invoices()[first][:1])]
            steps += [Step("insert", "VITALE:martin"), Step("visit", "DOWN MENU MENU VAL")]
            _prepare(steps)
            steps.append(Step("apdu", "a", _certification(first, 0)))
        case _:
            _prepare(steps)
            loading = pick(chance, (first, third))
            opening, batch = _open(loading, players.invoices()[loading][1:4])
            steps.append(Step("apdu", "a", opening))
            for owner in (first, second):
                for at in (0, 2):
                    for kind in (DocumentKind.FSE, DocumentKind.DRE):
                        steps.append(Step("apdu", "a", _certification(owner, at, kind)))
            steps.insert(-1 - chance.below(6), Step("apdu", "a", batch))


def _sign_lot(steps: list[Step], chance: Chance) -> None:
    """Ask to sign a lot's header, mostly a sound one."""
    header = LotHeader(number=chance.below(3), owner=pick(chance, players.OWNERS), kind=1, mode=1)
    raw = Lot.of(header, [LotDocument(number="190305001", total=100, digest="00" * 32)]).header_bytes()
    lots = (raw if chance.below(4) else mutated(raw, chance),) * (1 + chance.below(2))
    steps.append(Step("apdu", _link(chance), request_apdu(SIGN_LOT, LotSignatureRequest(lots))))


def _round(steps: list[Step], chance: Chance) -> None:
    """Load for an owner, certify or cancel on a visit, and unload with the owner's card."""
    at = chance.below(len(players.OWNERS))
    owner, contents = players.OWNERS[at], players.invoices()[players.OWNERS[at]][: 1 + chance.below(3)]
    kind, mode = pick(chance, _KINDS), pick(chance, _MODES)
    steps += [Step("apdu", "a", raw) for raw in load_apdus(owner, contents, kind, mode)]
    if chance.below(2):
        steps.append(Step("visit", _walk(chance)))
    steps.append(Step("insert", f"VITALE:{pick(chance, players.VITALES[:3])}"))
    steps.append(Step("insert", f"PS:{pick(chance, (players.PS_CARDS[1 + at], *players.PS_CARDS[:6]))}"))
    steps.append(Step("visit", pick(chance, (*_VISITS[:3], _walk(chance)))))
    if chance.below(4):
        steps.append(Step("code", f"a:{CODE}"))
        _unload(steps, chance)
    again = request_apdu(CERTIFY, CertifyRequest(kind, mode, contents[0]))
    met = request_apdu(UNLOAD_BENEFICIARIES, BeneficiariesRequest(owner))
    steps += [Step("apdu", "a", raw) for raw in (again, met)]


def _walk(chance: Chance) -> str:
    """Return keys of a visit: whole codes, and any others."""
    return " ".join(pick(chance, _STROKES) for _ in range(1 + chance.below(16)))


def _any_visit(steps: list[Step], chance: Chance) -> None:
    steps.append(Step("visit", _walk(chance)))


def _update(steps: list[Step], chance: Chance) -> None:
    """Send an image of reader software, most of its chunks, and activate it."""
    image = pick(chance, (*(images()[name] for name in _IMAGES),))
    link = _link(chance)
    requests: list[tuple[Command[Any, Any], Any]] = [(OPEN_UPDATE, UpdateOpening(image.head))]
    for at, content in enumerate(image.chunks):
        if chance.below(16):
            wrong = pick(chance, image.chunks) if not chance.below(16) else content
            requests.append((UPDATE_BLOCK, UpdateBlock(at, wrong)))
    named = image if chance.below(8) else images()[pick(chance, _IMAGES)]
    requests.append((ACTIVATE_UPDATE, UpdateActivation(named.image_id)))
    for command, request in requests:
        steps.append(Step("apdu", link, request_apdu(command, request)))
        if not chance.below(16):
            pick(chance, (_load, _rare))(steps, chance)


Maker = Callable[[list[Step], Chance], None]
_MENU: Final[tuple[Maker, ...]] = (
    *(_flawed,) * 44,
    *(_header,) * 6,
    *(_raw,) * 6,
    *(_load,) * 3,
    *(_certify,) * 3,
    *(_unload,) * 6,
    *(_code,) * 2,
    *(_keys,) * 1,
    *(_cards,) * 4,
    *(_to_card,) * 2,
    *(_rare,) * 2,
    *(_final,) * 1,
    *(_scene,) * 1,
    *(_update,) * 1,
    *(_sign_lot,) * 1,
)
_DEEP_MENU: Final[tuple[Maker, ...]] = (
    *(_flawed,) * 16,
    *(_header,) * 4,
    *(_raw,) * 2,
    *(_load,) * 3,
    *(_certify,) * 4,
    *(_unload,) * 5,
    *(_code,) * 2,
    *(_keys,) * 1,
    *(_cards,) * 4,
    *(_to_card,) * 1,
    *(_rare,) * 3,
    *(_final,) * 2,
    *(_scene,) * 2,
    *(_round,) * 3,
    *(_any_visit,) * 2,
    *(_update,) * 1,
    *(_sign_lot,) * 1,
)
