"""Text from files, readers and cards made safe for a terminal, and sizes as people write them."""

from __future__ import annotations

import unicodedata

from tla_sim.protocol.sentence import Sentence


def printable(text: str) -> str:
    """Return the text with every control and format character replaced, so that it cannot control the
    terminal.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if unicodedata.category(each) in ("Cc", "Cf", "Cs") else each for each in text)


def spell_out(error: UnicodeError) -> tuple[str | bytes, int]:
    """Spell out characters that a terminal's encoding lacks: `oe` for œ, escapes for the others. This is
    an error handler for `codecs.register_error`.
    """
    from tla_sim.protocol.names import spell_in_ascii

    if not isinstance(error, UnicodeEncodeError):
        raise error
    spelt = spell_in_ascii(error.object[error.start : error.end])
    return spelt.encode(error.encoding, "backslashreplace"), error.end


def bytes_text(count: int) -> Sentence:
    """Return a number of bytes as text: `900 B`, `12.5 KiB`, `16.0 MiB`."""
    if count < 1024:
        return Sentence("{count} B", count=count)
    if count < 1024 * 1024:
        return Sentence("{count:.1f} KiB", count=count / 1024)
    return Sentence("{count:.1f} MiB", count=count / 1024 / 1024)
