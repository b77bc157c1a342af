"""Load documents without a ledger, where the loader is not the subject."""

from __future__ import annotations

from collections.abc import Sequence

from tla_sim.host.client import ReaderClient
from tla_sim.host.documents import OutgoingDocument
from tla_sim.protocol.commands.loading import LoadedBatch, LoadOpening
from tla_sim.protocol.documents.load import batch_digest, load_identifier


def load(client: ReaderClient, sent: Sequence[OutgoingDocument], a_batch: int = 0) -> int:
    """Load documents of one owner, kind and mode, `a_batch` at a time (0: all), and commit.

    Return the number that the reader committed. Raises what the client raises.
    """
    contents = tuple(each.content for each in sent)
    load_id = load_identifier(each.digest for each in sent)
    client.open_load(LoadOpening(sent[0].invoice.owner, load_id, len(sent), sum(map(len, contents))))
    for first in range(0, len(contents), a_batch or len(contents)):
        part = contents[first : first + (a_batch or len(contents))]
        client.load_batch(LoadedBatch(first, sent[0].kind, sent[0].mode, batch_digest(part), part))
    return client.commit_load(load_id, len(sent))
