"""A practice's cards and prepared invoices, for tests of readers in state directories."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.samples import make_practice_tree
from tla_sim.host.client import ReaderClient
from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.practice.file import parse_practice
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.host.practice.model import Practice
from tla_sim.host.transport import Transport
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.cards.pki import ShippedKeys
from tla_sim.tools.cards.issue import issue_cards
from tla_sim.tools.cast.loading import load
from tla_sim.tools.cast.people import MORNING
from tla_sim.tools.simulator.kept_reader import KeptReader

SMALL = 2 * 1024 * 1024
"""Bytes of flash that are enough for a test."""


def practice_tree() -> dict[str, Any]:
    """Return a practice file of two owners, nurse and doctor, each with an invoice for PAUL MARTIN."""
    tree = make_practice_tree()
    for invoice in tree["invoices"]:
        invoice["beneficiary"] = 1
    return tree


def practice() -> Practice:
    """Return the practice of `practice_tree`."""
    return parse_practice(json.dumps(practice_tree()).encode())


def issue(out: Path) -> Path:
    """Issue everyone's cards into a folder, the same each time. Return the folder."""
    issue_cards(practice(), out, ShippedKeys(reuse=True))
    return out


def make_reader(home: Path) -> Path:
    """Make a reader with a small flash, its clock at MORNING. Return its directory."""
    with KeptReader.open(home, flash_bytes=SMALL) as kept:
        kept.reader.power_on()
        kept.reader.app.set_moment(MORNING)
    return home


def client_of(transport: Transport) -> ReaderClient:
    """Return a client on a transport."""
    return ReaderClient(transport, SeededEntropy(5).take)


def push_all(client: ReaderClient) -> None:
    """Load every owner's invoices."""
    for owner in practice().owners:
        load(client, [OutgoingDocument.of(invoice) for invoice in prepared_invoices(practice(), owner)])
