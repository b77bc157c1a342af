"""The models that cards are issued as, chosen by name: a change of the terms of each card."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from tla_sim.protocol.card_kind import CardModel, CardProfile
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.reader_fw.cards.models import MODELS
from tla_sim.reader_fw.cards.terms import CardTerms

Alter = Callable[[CardTerms, CardProfile], CardTerms]
"""A change of the terms of a card of this profile."""


class ModelUnknown(TlaError):
    """No card is issued as this model."""

    category = Category.BAD_INPUT


class ModelsClash(TlaError):
    """Two models were chosen for the cards of one profile."""

    category = Category.BAD_INPUT


def as_usual(terms: CardTerms, _: CardProfile) -> CardTerms:
    """Return the terms as they are."""
    return terms


def model_named(name: str) -> CardModel:
    """Return the model called `name`, in upper or lower case, `-` for `_`. Raises ModelUnknown."""
    known = {model.name: model for models in MODELS.values() for model in models}
    model = known.get(name.strip().upper().replace("-", "_"))
    if model is None:
        raise ModelUnknown(
            "No card is a {name}",
            "Choose among: {known}",
            name=name,
            known=", ".join(each.lower().replace("_", "-") for each in known),
        )
    return model


def as_models(models: Iterable[CardModel]) -> Alter:
    """Return the change of terms that issues each card as the one of these models that its profile has.

    Raises ModelsClash for two models of one profile.
    """
    chosen: dict[CardProfile, CardModel] = {}
    for model in dict.fromkeys(models):
        for profile, known in MODELS.items():
            if model in known and chosen.setdefault(profile, model) is not model:
                raise ModelsClash(
                    "A {profile} is either a {one} or a {other}",
                    "Choose one of them",
                    profile=profile.name,
                    one=chosen[profile].name,
                    other=model.name,
                )
    return lambda terms, profile: replace(terms, model=chosen.get(profile, terms.model))
