"""tla cards: everyone's cards in a directory, and a look at one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tools.cli.command_line import ROOT, tla

PRACTICE = ROOT / "tools" / "cast" / "practice.json"


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("issue") / "my cards"
    result = tla("cards", "issue", PRACTICE, "--out", out, "--pooled")
    assert result.exit_code == 0, result.output
    return out


def test_the_shipped_practice_gets_its_cards(cards: Path) -> None:
    assert sorted(path.name for path in cards.iterdir()) == [
        "ca-all.pem",
        "ca-ps.pem",
        "ca-root.pem",
        "ca-vitale.pem",
        "cpe-accueil4242-anne.card",
        "cps-masseur3107-luc.card",
        "cps-piqure2969-maya.card",
        "cps-toubib-paul.card",
        "vitale-desmaux-nathalie.card",
        "vitale-lantier-rose.card",
        "vitale-martin-paul.card",
    ]


def test_issuing_lists_the_files_and_says_the_test_code(tmp_path: Path) -> None:
    result = tla("cards", "issue", PRACTICE, "--out", tmp_path, "--pooled")
    assert "cps-piqure2969-maya.card" in result.stdout
    assert "1234, a test code" in result.stdout
    result = tla("cards", "issue", PRACTICE, "--out", tmp_path, "--pooled", "--force", "--json")
    first = json.loads(result.stdout)["cards"][0]
    assert first == {
        "file": str(tmp_path / "cps-piqure2969-maya.card"),
        "card": "CPS",
        "profile": "CPS",
        "holder": "PIQURE2969 MAYA",
    }


def test_cards_that_are_there_are_left_alone_without_force(cards: Path) -> None:
    before = (cards / "cps-toubib-paul.card").read_bytes()
    result = tla("cards", "issue", PRACTICE, "--out", cards)
    assert result.exit_code == 2
    assert "7 of the cards are already in" in result.stderr
    assert "--force" in result.stderr
    assert (cards / "cps-toubib-paul.card").read_bytes() == before


def test_a_wrong_practice_file_issues_nothing(tmp_path: Path) -> None:
    (tmp_path / "practice.json").write_text("{}")
    result = tla("cards", "issue", tmp_path / "practice.json", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = tla("cards", "issue", PRACTICE, "--out", tmp_path / "file", "--pooled")
    assert result.exit_code == 2
    assert str(tmp_path / "file") in result.stderr


def test_a_cps_is_shown_with_its_situations_and_without_code_or_key(cards: Path) -> None:
    result = tla("cards", "show", cards / "cps-piqure2969-maya.card")
    assert result.exit_code == 0
    for shown in ("PIQURE2969 MAYA", "CPS", "75629690", "tries left", "O=TLA-SIM TEST"):
        assert shown in result.stdout
    shown = json.loads(tla("cards", "show", cards / "cps-piqure2969-maya.card", "--json").stdout)
    assert shown["tries_left"] == 3
    assert shown["unblockings_left"] == 10
    assert shown["situations"][0]["billing_number"] == "75629690"
    assert f"dnQualifier={shown['serial']},serialNumber=10100029692," in shown["certificate"]
    assert not [name for name in shown if "key" in name or "code" in name]


def test_a_vitale_is_shown_with_its_beneficiaries(cards: Path) -> None:
    result = tla("cards", "show", cards / "vitale-martin-paul.card", "--json")
    assert [each["name"] for each in json.loads(result.stdout)["beneficiaries"]] == [
        "MARTIN PAUL",
        "MARTIN ZOE",
    ]
    assert "2019-01-01 – 2035-12-31" in tla("cards", "show", cards / "vitale-martin-paul.card").stdout


def test_what_is_no_card_is_refused_in_french_as_well(tmp_path: Path) -> None:
    other = tmp_path / "{path}.card"
    other.write_bytes(b"no card")
    result = tla("--lang", "fr", "cards", "show", other)
    assert result.exit_code == 2
    assert f"{other} : Ce n'est pas une carte" in " ".join(result.stderr.split())


def test_what_is_no_card_is_refused(cards: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.card"
    damaged.write_bytes((cards / "cps-toubib-paul.card").read_bytes()[:-3])
    for path, said in (
        (cards / "ca-root.pem", "not a card"),
        (damaged, "damaged"),
        (tmp_path / "none.card", "No such file"),
        (tmp_path, "directory"),
    ):
        result = tla("cards", "show", path)
        assert result.exit_code == 2, path
        assert said in result.stderr


def test_a_card_is_exported_edited_and_imported(cards: Path, tmp_path: Path) -> None:
    card, text = cards / "cps-piqure2969-maya.card", tmp_path / "maya.json"
    shown = tla("cards", "export", card)
    assert shown.exit_code == 0
    tree = json.loads(shown.stdout)
    assert tla("cards", "export", card, "--json").stdout == shown.stdout

    written = tla("cards", "export", card, "--out", text)
    assert str(text) in written.stdout
    assert text.read_text("utf-8") == shown.stdout
    again = tla("cards", "import", text, "--out", tmp_path / "again.card")
    assert again.exit_code == 0, again.stderr
    assert (tmp_path / "again.card").read_bytes() == card.read_bytes()

    tree["code"]["tries_left"] = 1
    text.write_text(json.dumps(tree), "utf-8")
    odd = tmp_path / "maya-one-try.card"
    result = tla("cards", "import", text, "--out", odd, "--json")
    facts = json.loads(result.stdout)
    assert (facts["file"], facts["profile"], facts["model"]) == (str(odd), "CPS", "CPS3")
    assert facts["serial"] == tree["serial"]
    assert json.loads(tla("cards", "show", odd, "--json").stdout)["tries_left"] == 1


def test_existing_files_are_left_alone_without_force(cards: Path, tmp_path: Path) -> None:
    card, there = cards / "cpe-accueil4242-anne.card", tmp_path / "there"
    text = tmp_path / "anne.json"
    there.write_text("mine")
    assert tla("cards", "export", card, "--out", text, "--json").exit_code == 0
    for command in (("export", card), ("import", text)):
        result = tla("cards", *command, "--out", there)
        assert result.exit_code == 2
        assert "already exists" in result.stderr
        assert there.read_text() == "mine"
    assert tla("cards", "import", text, "--out", there, "--force").exit_code == 0
    assert there.read_bytes() == card.read_bytes()


def test_a_wrong_text_names_every_place_and_writes_nothing(cards: Path, tmp_path: Path) -> None:
    text, out = tmp_path / "odd.json", tmp_path / "out.card"
    tree = json.loads(tla("cards", "export", cards / "vitale-martin-paul.card").stdout)
    tree["files"][0]["read"] = "ASK"
    tree["atr"] = "3B"
    text.write_text(json.dumps(tree, indent=1), "utf-8")
    result = tla("cards", "import", text, "--out", out)
    assert result.exit_code == 2
    assert "odd.json has 2 errors" in result.stderr
    assert "files[0].read (line" in result.stderr
    assert "nothing was changed" in result.stderr
    french = tla("--lang", "fr", "cards", "import", text, "--out", out)
    assert "attendu : l'un de ces mots : ALWAYS, CODE, NEVER" in french.stderr
    assert sorted(each.name for each in tmp_path.iterdir()) == ["odd.json"]


def test_keys_that_the_text_only_names_come_from_the_base_card(tmp_path: Path) -> None:
    assert tla("cards", "issue", PRACTICE, "--out", tmp_path).exit_code == 0
    card, text = tmp_path / "cps-toubib-paul.card", tmp_path / "paul.json"
    assert tla("cards", "export", card, "--out", text).exit_code == 0
    result = tla("cards", "import", text, "--out", tmp_path / "again.card")
    assert result.exit_code == 2
    assert "--base" in result.stderr
    result = tla("cards", "import", text, "--out", tmp_path / "again.card", "--base", card)
    assert result.exit_code == 0
    assert (tmp_path / "again.card").read_bytes() == card.read_bytes()


def test_the_model_of_a_card_is_shown(cards: Path) -> None:
    shown = json.loads(tla("cards", "show", cards / "cps-toubib-paul.card", "--json").stdout)
    assert (shown["model"], len(shown["serial"])) == ("CPS3", 20)


def test_odd_cards_are_issued_beside_the_ordinary_ones(tmp_path: Path) -> None:
    odd = ("--odd", "expired, no-lot-right", "--json")
    result = tla("cards", "issue", PRACTICE, "--out", tmp_path, "--pooled", *odd)
    assert result.exit_code == 0, result.stderr
    files = [Path(each["file"]).name for each in json.loads(result.stdout)["cards"]]
    assert files[-4:] == [
        "cps-piqure2969-maya-expired.card",
        "cpe-accueil4242-anne-expired.card",
        "vitale-martin-paul-expired.card",
        "cps-piqure2969-maya-no-lot-right.card",
    ]
    assert all((tmp_path / name).is_file() for name in files)
    shown = json.loads(tla("cards", "show", tmp_path / files[-1], "--json").stdout)
    assert [each["signs_lots"] for each in shown["situations"]] == [False]


def test_odd_cards_are_added_to_ordinary_ones_which_stay_as_they_are(tmp_path: Path) -> None:
    issue = ("cards", "issue", PRACTICE, "--out", tmp_path)
    assert tla(*issue).exit_code == 0
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    added = tla(*issue, "--odd", "no-lot-right", "--model", "cps4")
    assert added.exit_code == 0, added.stderr
    assert f"The ordinary cards in {tmp_path} stay as they were." in added.stdout.replace("\n", "")
    new = tmp_path / "cps-piqure2969-maya-no-lot-right.card"
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path != new} == before

    told = tla(*issue, "--odd", "past-rights", "--json")
    (card,) = json.loads(told.stdout)["cards"]
    assert Path(card["file"]).name == "vitale-martin-paul-past-rights.card"


def test_odd_cards_replace_nothing_unasked_and_join_no_half_of_a_practice(tmp_path: Path) -> None:
    issue = ("cards", "issue", PRACTICE, "--out", tmp_path, "--pooled")
    assert tla(*issue, "--odd", "no-lot-right").exit_code == 0
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    again = tla(*issue, "--odd", "no-lot-right,past-rights")
    assert again.exit_code == 2
    assert "cps-piqure2969-maya-no-lot-right.card is already in" in again.stderr
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before

    (tmp_path / "cps-toubib-paul.card").unlink()
    half = tla(*issue, "--odd", "past-rights")
    assert half.exit_code == 2
    assert "of the cards are already in" in half.stderr
    assert not (tmp_path / "vitale-martin-paul-past-rights.card").exists()


def test_the_odd_cards_are_listed_in_both_languages() -> None:
    listed = tla("cards", "odd")
    assert "nineteen-beneficiaries" in listed.stdout
    assert "It ended on 31 December 2016." in listed.stdout
    assert "Elle a pris fin le 31 décembre 2016." in tla("--lang", "fr", "cards", "odd").stdout
    first = json.loads(tla("cards", "odd", "--json").stdout)[0]
    assert first == {
        "name": "expired",
        "profiles": ["CPS", "CPE", "VITALE"],
        "said": "It ended on 31 December 2016.",
    }


def test_an_unknown_odd_card_issues_nothing(tmp_path: Path) -> None:
    result = tla("cards", "issue", PRACTICE, "--out", tmp_path / "out", "--pooled", "--odd", "mouldy")
    assert result.exit_code == 2
    assert "There is no odd card called mouldy" in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "models", [("--model", "cps4", "--model", "VITALE-1"), ("--model", "cps4, vitale_1")]
)
def test_cards_are_issued_as_the_models_that_were_asked_for(tmp_path: Path, models: tuple[str, ...]) -> None:
    result = tla("cards", "issue", PRACTICE, "--out", tmp_path, "--pooled", *models)
    assert result.exit_code == 0, result.stderr
    shown = {
        path.name: json.loads(tla("cards", "show", path, "--json").stdout)["model"]
        for path in tmp_path.glob("*.card")
    }
    assert {name[:3]: model for name, model in shown.items()} == {
        "cps": "CPS4",
        "cpe": "CPS4",
        "vit": "VITALE_1",
    }


@pytest.mark.parametrize(
    ("models", "said"),
    [
        (("--model", "cps5"), "No card is a cps5. Choose among: cps3, cps4, vitale-2, vitale-1"),
        (("--model", "cps3", "--model", "cps4"), "A CPS is either a CPS3 or a CPS4"),
    ],
)
def test_models_that_no_card_can_have_are_refused(tmp_path: Path, models: tuple[str, ...], said: str) -> None:
    result = tla("cards", "issue", PRACTICE, "--out", tmp_path / "out", *models)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_card_that_no_reader_reads_is_shown_as_far_as_it_goes(tmp_path: Path) -> None:
    odd = "damaged-certificate,cut-certificate,damaged-holder,vitale-1"
    assert tla("cards", "issue", PRACTICE, "--out", tmp_path, "--pooled", "--odd", odd).exit_code == 0
    shown = tla("cards", "show", tmp_path / "vitale-martin-paul-vitale-1.card")
    assert shown.exit_code == 0
    assert "VITALE_1" in shown.stdout
    damaged, cut = (
        json.loads(tla("cards", "show", tmp_path / f"cps-piqure2969-maya-{name}.card", "--json").stdout)
        for name in ("damaged-holder", "cut-certificate")
    )
    assert damaged["contents"].endswith("These bytes are not SSV groups: byte 4 is not UTF-8")
    assert (cut["holder"], cut["certificate"]) == ("PIQURE2969 MAYA", "unreadable")
