"""Cards as texts: a card's image as JSON that people review and edit, and the way back.

`export.card_text` writes a card, `reading.read_card_text` reads one; what an unedited text gives back is the
same image, to the byte. Every module between has one part of the form, both ways. Contents are decoded by the
declarations that stand for them; what does not decode and encode to the same bytes stays in hex. The text has
no private key and no code: `keys` and `codes` say what it has instead. Project-defined.
"""
