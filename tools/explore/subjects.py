"""The names of the explorations: a module of its own, so that help loads none of what explores."""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.sentence import Sentence

BITS_FORGED: Final = 3
"""How many bits of each block are forged, one at a time."""

SUBJECTS: Final = {
    "flash": Sentence("a cut at every program and erase, by every model of a torn one"),
    "every": Sentence("the same cuts, and the round finished from every image, known states too"),
    "deep": Sentence("a second cut at every operation of the recovery, for certification and counter"),
    "update": Sentence("a cut at every program and erase of an update of the reader's software"),
    "rot": Sentence("one bit flipped in a used sector"),
    "room": Sentence("sectors that wear out, and a flash without room, from every operation on"),
    "ledger": Sentence("the host killed before and after every write of its ledger, its disk full there"),
    "torn ledger": Sentence("the ledger's log cut off or half written at every commit"),
    "twin": Sentence("a second program at every command"),
    "cards": Sentence("a card pulled, mute, wrong, slow or without its code at every command to it"),
    "retries": Sentence("all power gone around every write of a card's memory"),
    "guesses": Sentence("guessing the code, with cuts around the writes of the card's retry counter"),
    "reader": Sentence("resets, micro-cuts and a flat battery at every command and key"),
    "noise": Sentence("a push and a pull at a bit error rate of 1e-4"),
    "storm": Sentence("a push and a pull at a bit error rate of 1e-3, then on a clean line"),
    "push cuts": Sentence("the cable out at every byte of a push"),
    "pull cuts": Sentence("the cable out at every byte of a pull"),
    "forged": Sentence(
        "each block with other content under a fitting checksum, {bits_forged} bits of it in turn",
        bits_forged=BITS_FORGED,
    ),
    "kills": Sentence("kill -9 of a host at random moments of a pull over a pty"),
    "ssv kills": Sentence(
        "kill -9 of a program of the C interface, or of its server, at random moments of a load and an unload"
    ),
    "line time": Sentence("whole rounds at 1e-4, against a clean line"),
    "pairs": Sentence("two faults of any kind"),
}
"""What happens in each exploration, in the order in which they run."""
