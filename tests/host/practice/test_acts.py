"""Acts of both nomenclatures: what the CCAM writes beside a code, beside the NGAP's key letters."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.samples import make_practice_tree
from tla_sim.host.practice.act import CcamAct, NgapAct
from tla_sim.host.practice.file import parse_practice, practice_schema
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.host.practice.problem import PracticeFileError
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.groups import invoice as groups

Act = dict[str, Any]
ECG: Act = {
    "date": "2019-03-05",
    "code": "DEQP003",
    "activity": "1",
    "phase": "0",
    "modifiers": "P",
    "price": "14.26",
    "amount": "49.26",
}
VISIT: Act = {"date": "2019-03-05", "code": "V", "coefficient": 1, "amount": "23.00"}


def file_with(*acts: Act, total: str = "0.00") -> bytes:
    tree = make_practice_tree()
    tree["invoices"] = tree["invoices"][:1]
    tree["invoices"][0]["acts"] = list(acts)
    tree["invoices"][0]["totals"] = {"total": total, "fund": total}
    return json.dumps(tree).encode()


def told(raw: bytes) -> list[tuple[str, str, str]]:
    with pytest.raises(PracticeFileError) as caught:
        parse_practice(raw)
    return [(each.place, each.found, each.expected) for each in caught.value.problems]


def test_a_ccam_act_stands_beside_an_ngap_act_to_the_cent() -> None:
    wide = ECG | {"association": "2", "exceptional_reimbursement": True, "rate": 70, "at_home": True}
    (invoice,) = prepared_invoices(parse_practice(file_with(VISIT, ECG, wide, total="121.52")))
    visit, ecg, other = invoice.acts
    assert visit == groups.Act(
        performed_on=date(2019, 3, 5), code="V", coefficient=100, quantity=1, amount=2_300, rate=100
    )
    assert ecg == groups.CcamAct(
        performed_on=date(2019, 3, 5),
        code="DEQP003",
        activity="1",
        phase="0",
        modifiers="P",
        price=1_426,
        quantity=1,
        amount=4_926,
        rate=100,
    )
    assert isinstance(other, groups.CcamAct)
    assert (other.association, other.exceptional, other.rate, other.at_home) == ("2", True, 70, True)
    assert PreparedInvoice.parse(invoice.build()) == invoice


def test_phase_modifiers_association_and_quantity_may_be_left_out() -> None:
    bare = {key: ECG[key] for key in ("date", "code", "activity", "price")} | {"amount": "14.26"}
    (invoice,) = prepared_invoices(parse_practice(file_with(bare, total="14.26")))
    (act,) = invoice.acts
    assert isinstance(act, groups.CcamAct)
    assert (act.phase, act.modifiers, act.association, act.exceptional, act.quantity) == (
        "0",
        "",
        "",
        False,
        1,
    )


@pytest.mark.parametrize(
    "code", ["DEQP003", "YYYY490", "QZJA002", "ZZQP001", "HBMD053", "AAAA999", "JQGD010"]
)
@pytest.mark.parametrize(("activity", "phase"), [("1", "0"), ("4", "2"), ("5", "3")])
@pytest.mark.parametrize("modifiers", ["", "F", "7AJ", "MU9K"])
def test_what_the_ccam_writes_is_taken(code: str, activity: str, phase: str, modifiers: str) -> None:
    act = ECG | {"code": code, "activity": activity, "phase": phase, "modifiers": modifiers}
    (invoice,) = prepared_invoices(parse_practice(file_with(act, total="49.26")))
    assert PreparedInvoice.parse(invoice.build()).acts == invoice.acts


def without(act: Act, key: str) -> Act:
    return {each: value for each, value in act.items() if each != key}


CCAM_CODE = "a CCAM code of four capitals and three digits such as 'DEQP003'"
FOUR = "at most four modifiers of the CCAM, a capital or digit each, such as 'FM'"
NGAP_KEYS = "only the keys date, code, coefficient, quantity, amount, rate, at_home"
MISTAKES: list[tuple[Act, str, str, str]] = [
    (ECG | {"code": "DEQP03"}, "code", "'DEQP03'", CCAM_CODE),
    (ECG | {"code": "DEQP0034"}, "code", "'DEQP0034'", CCAM_CODE),
    (ECG | {"code": "deqp003"}, "code", "'deqp003'", CCAM_CODE),
    (ECG | {"code": "DEQ0003"}, "code", "'DEQ0003'", CCAM_CODE),
    (ECG | {"code": "DÉQP003"}, "code", "'DÉQP003'", CCAM_CODE),
    (ECG | {"code": "DEQP٠٠٣"}, "code", "'DEQP٠٠٣'", CCAM_CODE),
    (ECG | {"code": 3}, "code", "3", CCAM_CODE),
    (without(ECG, "code"), "code", "nothing", CCAM_CODE),
    (without(ECG, "activity"), "activity", "nothing", "an activity, '1' to '5'"),
    (ECG | {"activity": "6"}, "activity", "'6'", "an activity, '1' to '5'"),
    (ECG | {"activity": "0"}, "activity", "'0'", "an activity, '1' to '5'"),
    (ECG | {"activity": 1}, "activity", "1", "an activity, '1' to '5'"),
    (ECG | {"phase": "4"}, "phase", "'4'", "a phase of the act, '0' to '3'"),
    (ECG | {"modifiers": "FJKMU"}, "modifiers", "'FJKMU'", FOUR),
    (ECG | {"modifiers": "f"}, "modifiers", "'f'", FOUR),
    (ECG | {"modifiers": ["F"]}, "modifiers", "a list of 1", FOUR),
    (ECG | {"modifiers": "JJ"}, "modifiers", "'JJ'", "each modifier once"),
    (
        ECG | {"modifiers": "FU"},
        "modifiers",
        "'FU'",
        "one of the modifiers F, P, S and U, which exclude each other",
    ),
    (ECG | {"association": "6"}, "association", "'6'", "an association code, '1' to '5'"),
    (without(ECG, "price"), "price", "nothing", 'an amount in euros, none negative, such as "156.20"'),
    (ECG | {"price": "-1"}, "price", "'-1'", 'an amount in euros, none negative, such as "156.20"'),
    (ECG | {"exceptional_reimbursement": "O"}, "exceptional_reimbursement", "'O'", "true or false"),
    (VISIT | {"activity": "1"}, "activity", "an unknown key", NGAP_KEYS),
    (VISIT | {"code": "AMI456"}, "code", "'AMI456'", "a key letter such as 'AMI'"),
    (VISIT | {"code": "ami"}, "code", "'ami'", "a key letter such as 'AMI'"),
    (without(VISIT, "coefficient"), "coefficient", "nothing", "a coefficient such as 4.5"),
]


@pytest.mark.parametrize(("act", "key", "found", "expected"), MISTAKES)
def test_a_mistake_in_an_act_is_one_sentence_with_its_place(
    act: Act, key: str, found: str, expected: str
) -> None:
    assert told(file_with(VISIT, act)) == [(f"invoices[0].acts[1].{key}", found, expected)]


def test_a_coefficient_on_a_ccam_code_is_named() -> None:
    ((place, found, expected),) = told(file_with(ECG | {"coefficient": 1}))
    assert (place, found) == ("invoices[0].acts[0].coefficient", "an unknown key")
    assert "activity, phase, modifiers, association, exceptional_reimbursement, price" in expected


@pytest.mark.parametrize("bad", [None, 5, "DEQP003", [], True])
def test_what_is_no_act_at_all_is_named(bad: object) -> None:
    ((place, _, expected),) = told(file_with(VISIT, bad))  # type: ignore[arg-type]
    assert place == "invoices[0].acts[1]"
    assert expected.startswith("an object with the keys date, code")


def test_the_schema_has_both() -> None:
    schema = practice_schema()
    ngap, ccam = schema["$defs"]["NgapAct"], schema["$defs"]["CcamAct"]
    assert ngap["required"] == ["date", "code", "coefficient", "amount"]
    assert ccam["required"] == ["date", "code", "activity", "price", "amount"]
    assert ccam["properties"]["code"]["pattern"] == "^([A-Z]{4}[0-9]{3})$"
    assert ngap["additionalProperties"] is ccam["additionalProperties"] is False
    options = schema["$defs"]["Invoice"]["properties"]["acts"]["items"]["oneOf"]
    assert [each["$ref"] for each in options] == ["#/$defs/NgapAct", "#/$defs/CcamAct"]


def test_the_acts_of_the_page_are_taken_and_its_keys_are_those_of_the_file() -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "practice-file.md").read_text("utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", page.partition("## Acts")[2], re.DOTALL)
    (invoice,) = prepared_invoices(parse_practice(file_with(*json.loads(example), total="110.22")))
    assert [type(each) for each in invoice.acts] == [*[groups.Act] * 2, *[groups.CcamAct] * 2]
    rows = [line.split("|")[1:4] for line in page.splitlines() if line.startswith("| `")]
    keys = [[row[0].strip(" `") for row in rows if row[column].strip()] for column in (1, 2)]
    assert keys == [list(NgapAct.model_fields), list(CcamAct.model_fields)]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from([ECG, VISIT]), st.sampled_from(sorted(ECG | VISIT)), JSON_VALUES)
def test_whatever_stands_at_a_key_is_taken_or_named_there(act: Act, key: str, value: object) -> None:
    raw = file_with(act | {key: value})
    try:
        practice = parse_practice(raw)
    except PracticeFileError as error:
        places = [each.place for each in error.problems]
    else:
        places = [f"invoices[{index}]" for index, _ in enumerate(prepared_invoices(practice))]
    assert places
    assert all(each.startswith("invoices[0]") for each in places)
