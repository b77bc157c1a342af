"""The bugs to plant: each replaces a piece of a function's source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Mutant:
    """A bug: the target that must find it, its place (`module:qualified.name`), the source before, after."""

    name: str
    target: str
    place: str
    before: str
    after: str


_STORE: Final = "tla_sim.reader_fw.app.store.invoice_store:InvoiceStore"
_STATION: Final = "tla_sim.protocol.t1.station:Station"
_T1: Final = "tla_sim.protocol.t1.machine:T1"

MUTANTS: Final = (
    # Missing length check: a batch may lie beyond its load
    Mutant(
        "batch-beyond-load",
        "log_sv",
        "tla_sim.reader_fw.app.handlers.loading:load_invoice",
        "load is None or request.first + len(request.contents) > load.count",
        "load is None",
    ),
    # Accepted state jump: an invoice that was never certified may be acknowledged away
    Mutant(
        "acknowledge-loaded",
        "log_sv",
        f"{_STORE}.acknowledge",
        "if entry.state is InvoiceState.LOADED:",
        "if False:",
    ),
    # Counter not reset: the right code does not give the tries back
    Mutant(
        "tries-not-reset",
        "cards",
        "tla_sim.reader_fw.cards.code_porteur:CodePorteur.verify",
        "_with_tries(before, MAX_TRIES)",
        "self._state",
    ),
    # Off by one in chaining: every block of a chain loses its last byte
    Mutant(
        "chain-drops-a-byte",
        "t1",
        f"{_STATION}.take",
        "self.incoming += inf",
        "self.incoming += inf[:-1] if self.block.control.more else inf",
    ),
    # Off by one in chaining: one byte between two blocks of an answer is left out
    Mutant(
        "chain-skips-a-byte",
        "t1",
        f"{_STATION}._cut",
        "start = self._sent",
        "start = self._sent + bool(self._sent)",
    ),
    # Unbounded growth: a chain that never ends fills the memory
    Mutant(
        "message-without-end",
        "t1",
        f"{_T1}._information",
        "if len(station.incoming) + len(block.inf) > station.settings.longest_message:",
        "if False:",
    ),
    # A lost FSE: it is acknowledged and was never written to the ledger
    Mutant(
        "pull-forgets",
        "loader",
        "tla_sim.host.round.pull:_Pull._keep",
        "self._ledger.record_pulled(verified.values(), self._serial)",
        "pass",
    ),
    # A lost acknowledgement: the reader says yes and keeps the documents
    Mutant(
        "acknowledgement-lost",
        "log_sv",
        "tla_sim.reader_fw.app.handlers.unloading:acknowledge_fse",
        "removed = app.store.acknowledge([(entry.key, entry.digest) for entry in entries])",
        "removed = len(entries)",
    ),
    # Missing check: whose invoice it is
    Mutant(
        "anyone-owns",
        "log_sv",
        "tla_sim.reader_fw.app.certification:Certifier.check_owner",
        "if not ps.owns(owner):",
        "if False:",
    ),
    # Taking the card out does not forget its code
    Mutant(
        "code-outlives-card",
        "log_sv",
        "tla_sim.reader_fw.reader:ReaderPort.lose_ps_card",
        "self.session.reset_authentication()",
        "pass",
    ),
    # An authentication left alone lives for ever
    Mutant(
        "never-idle",
        "log_sv",
        "tla_sim.reader_fw.app.session:Session.note_command",
        "> AUTHENTICATION_IDLE_MS",
        "> 10**12",
    ),
    # A file is written and answered before the card's memory is
    Mutant(
        "write-not-kept",
        "cards",
        "tla_sim.reader_fw.cards.card:Card._store",
        "if self._persist is not None:",
        "if self._persist is not None and not place:",
    ),
    # A digest is signed without the code porteur
    Mutant(
        "digest-signed-without-code",
        "cards",
        "tla_sim.reader_fw.cards.key_use:KeyUse._use",
        "if prepared.key.needs_code and not verified:",
        "if prepared.key.needs_code and not verified and self._digest is None:",
    ),
    # A wrong code leaves the card open
    Mutant(
        "wrong-code-opens",
        "cards",
        "tla_sim.reader_fw.cards.code_porteur:CodePorteur._present",
        "self.verified = False",
        "self.verified = True",
    ),
    # Missing length check: bytes behind the end of a request pass unnoticed
    Mutant(
        "trailing-bytes",
        "log_sv",
        "tla_sim.protocol.wire.record:Record.parse",
        "if end != len(raw):",
        "if end > len(raw):",
    ),
    # The signature counter goes back
    Mutant(
        "counter-backwards",
        "log_sv",
        "tla_sim.reader_fw.app.store.vault:Vault.next_counter",
        "self._counter += 1",
        "self._counter -= 1",
    ),
    # A second host gets in between
    Mutant(
        "held-by-nobody",
        "log_sv",
        "tla_sim.reader_fw.reader:Reader.holder",
        "port is not asking and",
        "False and",
    ),
    # An invoice certified already is not given again
    Mutant(
        "signed-twice",
        "log_sv",
        "tla_sim.reader_fw.app.handlers.certifying:certify",
        "if state in (InvoiceState.PARTIAL, InvoiceState.COMPLETE):",
        "if False:",
    ),
    # The loader asks a lying reader for its list for ever
    Mutant(
        "list-without-end",
        "loader",
        "tla_sim.host.client:ReaderClient.list_documents",
        "if len(found) == before or len(found) > _MAX_LISTED:",
        "if False:",
    ),
    # The loader takes a document that was never listed
    Mutant(
        "unlisted-document",
        "loader",
        "tla_sim.host.round.pull:_Pull._entry",
        "if entry is None:",
        "if False:",
    ),
    # A signature that does not verify passes
    Mutant(
        "signature-unchecked",
        "files",
        "tla_sim.protocol.documents.certificates:SignerIdentity.verifies",
        "return False",
        "return True",
    ),
    # Field: a section that is counted and not there is told on another line
    Mutant(
        "count-elsewhere",
        "files",
        "tla_sim.host.transport.galss.checked_values:CheckedValues.find_counted",
        "self.line(told_by, key)",
        "told_by.line",
    ),
    # Counter kept in RAM: after a power cut the signature counter starts again
    Mutant(
        "counter-in-memory",
        "faults",
        "tla_sim.reader_fw.app.store.vault:Vault.next_counter",
        "self._add(self._counter_slot(reserved))",
        "pass",
    ),
    # A lost document: an acknowledgement takes all of its owner's documents out
    Mutant(
        "acknowledged-and-more",
        "faults",
        "tla_sim.reader_fw.app.store.invoice_store:InvoiceStore.acknowledge",
        "self._records.write([(Action(Op.REMOVE, list(leaving)), [])])",
        "self._records.write([(Action(Op.ERASE, [Owner(key.owner)]), []) for key in leaving])",
    ),
    # A wait for ever: the workstation is not told that the reader gave up
    Mutant(
        "abort-unheard",
        "t1_host",
        f"{_STATION}.give_up",
        "self.actions.append(Failed(error) if self.is_workstation else Aborted())",
        "pass",
    ),
    # A signature that nobody computes: any lot verifies
    Mutant(
        "digits-of-anything",
        "values",
        "tla_sim.protocol.documents.lot:verify_lot",
        "if not signer.verifies(block.signature, covered):",
        "if False:",
    ),
    # A length that the field does not have: an open one is taken for 128 bytes
    Mutant(
        "open-length",
        "zones",
        "tla_sim.protocol.groups.zone_data:_value_at",
        "size > _TWO_BYTES or size == _LONG",
        "size > _TWO_BYTES",
    ),
    # Missing length check: the last value of a zone may be cut short
    Mutant(
        "zone-cut-short",
        "zones",
        "tla_sim.protocol.groups.zone_data:_value_at",
        "if start + size <= end:",
        "if start <= end:",
    ),
    # A separator of our line is read from a zone, as part of a name
    Mutant(
        "control-in-a-name",
        "zones",
        "tla_sim.protocol.groups.zone_values:_check_text",
        "if not text.isprintable() and _CONTROL.search(text):",
        "if False:",
    ),
    # Off by one: a group lacks its last field while it is empty
    Mutant(
        "last-field-left-out",
        "zones",
        "tla_sim.protocol.groups.zone:_to_data",
        "tuple(fields)",
        "tuple(fields if fields[-1] else fields[:-1])",
    ),
    # Silent loss: the hour of a clock is left out of a zone
    Mutant(
        "midnight-always",
        "zones",
        "tla_sim.protocol.groups.zone_values:_read_moment",
        'digits.ljust(_SECOND, "0")',
        '(digits[:_DAY] + "000000")',
    ),
    # Denial of service: half a frame to the server of the libraries may stay for ever
    Mutant(
        "half-a-frame-for-ever",
        "ssv_socket",
        "tla_sim.host.ssv.server.conversation:Conversation.receive",
        "elif self.deadline is None:",
        "elif False:",
    ),
    # Unbounded growth, the other way: the memory of long frames is never given back
    Mutant(
        "frame-memory-kept",
        "ssv_socket",
        "tla_sim.host.ssv.server.conversation:Conversation.close",
        "self._memory.give_back(self._taken)",
        "pass",
    ),
    # Off by one: a frame is taken before its last byte is there
    Mutant(
        "frame-cut-short",
        "ssv_socket",
        "tla_sim.host.ssv.frame_reader:FrameReader.next_frame",
        "len(self._held) < length:",
        "len(self._held) < length - 1:",
    ),
    # Missing check: a library of a later version is served
    Mutant(
        "later-version-served",
        "ssv_socket",
        "tla_sim.host.ssv.server.conversation:Conversation._greet",
        "!= VERSION:",
        "< VERSION:",
    ),
    # Missing length check: a resource's name of any length reaches the functions
    Mutant(
        "long-resource-name",
        "ssv_socket",
        "tla_sim.host.ssv.server.binding:_decoded",
        "fits = len(value) <= parameter.longest and ",
        "fits = True or ",
    ),
    # Off by one: of a long frame that is dropped, the last byte is taken for the next frame's first
    Mutant(
        "dropped-frame-short",
        "ssv_socket",
        "tla_sim.host.ssv.frame_reader:FrameReader._begin",
        "self._dropping = length",
        "self._dropping = length - 1",
    ),
    # The reader is never closed: no other program can have it
    Mutant(
        "reader-stays-open",
        "ssv_socket",
        "tla_sim.host.ssv.server.reader_held:ReaderHeld.close_when_idle",
        "if rest > 0:",
        "if True:",
    ),
    # Silent loss: the handwriting of a 16-bit scan is white in the PDF that travels
    Mutant(
        "deep-greys-clipped",
        "files",
        "tla_sim.host.desk.flat_image:_scale",
        "min((each * 255 + full // 2) // full, 255)",
        "min(each, 255)",
    ),
    # Settings lost: a new segment begins without those of the old one
    Mutant(
        "setting-rolled-away",
        "storage",
        "tla_sim.reader_fw.app.store.settings:Settings._write",
        "rows = [_Setting(*item) for item in self._snapshot(setting)]",
        "rows = [setting]",
    ),
)

BY_NAME: Final = {mutant.name: mutant for mutant in MUTANTS}
QUICK: Final = ("acknowledge-loaded", "chain-skips-a-byte", "pull-forgets")
"""The bugs that `make test` hunts."""
