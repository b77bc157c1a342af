"""A sentence that went through JSON can still be said in French."""

from __future__ import annotations

import json
from datetime import date

import pytest

from tla_sim.protocol.sentence import Joined, Quantity, Sentence
from tla_sim.protocol.sentence_json import dump_sentence, load_sentence

SENTENCES = (
    Sentence("It passes."),
    Sentence("{size:,} bytes", size=1234),
    Sentence("{cause} (at times)", cause=Sentence("{family}: {subject}", family="life", subject="gone")),
    Sentence("{invoices} loaded", invoices=Quantity(2, "invoice")),
    Joined(", ", (Sentence("a"), "b")),
)


@pytest.mark.parametrize("said", SENTENCES)
def test_a_sentence_comes_back_with_template_and_values(said: Sentence) -> None:
    back = load_sentence(json.loads(json.dumps(dump_sentence(said))))
    assert isinstance(back, type(said))
    assert (back, back.template) == (said, said.template)
    assert {name: str(each) for name, each in back.values.items()} == {
        name: str(each) for name, each in said.values.items()
    }


def test_plain_text_and_what_json_cannot_carry_stay_text() -> None:
    assert dump_sentence("plain") == "plain"
    assert dump_sentence(Sentence("{day:%d/%m}", day=date(2019, 3, 5))) == "05/03"


@pytest.mark.parametrize("tree", [None, 3, [], {}, {"template": 3, "values": {}}])
def test_another_tree_is_not_a_sentence(tree: object) -> None:
    with pytest.raises(ValueError, match="not a sentence"):
        load_sentence(tree)
