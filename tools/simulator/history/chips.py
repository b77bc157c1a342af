"""The cards that were ever put into a recorded reader, so that their memories can be put back."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.tools.simulator.history.cold_image import ChipState
from tla_sim.tools.simulator.history.tapes import CodeTape

MakeCard = Callable[[str, CardImage], Card]


class _Chip:
    """A card, its name, and the memory that it had when it was first put in."""

    def __init__(self, card: Card, name: str) -> None:
        self.card = card
        self.name = name
        self.first = card.image


class Chips:
    """The cards by their numbers. Some are known at the present moment, others were only put in later.

    `make` makes the card of a name and an image, where a history names one that is not here.
    """

    def __init__(self, make: MakeCard, tape: CodeTape) -> None:
        self.make = make
        self._tape = tape
        self._chips: dict[int, _Chip] = {}
        self._known: dict[int, None] = {}

    def number(self, card: Card, name: str) -> tuple[int, bool]:
        """Return the number of a card that is put in, and whether it was not known so far."""
        for number, chip in self._chips.items():
            if chip.card is card:
                fresh = number not in self._known
                if fresh:
                    chip.first = card.image
                break
        else:
            number, fresh = max(self._chips, default=0) + 1, True
            self._add(number, card, name)
        self._known[number] = None
        return number, fresh

    def card(self, number: int) -> Card:
        """Return the card with a number. Raises KeyError."""
        return self._chips[number].card

    def number_of(self, card: object) -> int:
        """Return the number of a card, -1 for none that is known."""
        return next((number for number, chip in self._chips.items() if chip.card is card), -1)

    @property
    def named(self) -> dict[str, Card]:
        """The cards with a name, the one that was put in last for each."""
        return {chip.name: chip.card for chip in self._chips.values() if chip.name}

    @property
    def names(self) -> dict[int, str]:
        """The names of the cards that are known now, by number."""
        return {number: self._chips[number].name for number in self._known}

    @property
    def states(self) -> tuple[ChipState, ...]:
        """The memories of the cards that are known now."""
        chips = self._chips
        return tuple(
            ChipState(number, chips[number].name, chips[number].card.image.build()) for number in self._known
        )

    @property
    def memories(self) -> dict[int, CardImage]:
        """The memories of all cards, by number."""
        return {number: chip.card.image for number, chip in self._chips.items()}

    def put_back(self, states: Iterable[ChipState]) -> None:
        """Have these cards known, with these memories, and all others as they were when first put in.

        Raises CardImageRefused for a memory that is none.
        """
        read = [(state, CardImage.parse(state.image)) for state in states]
        self._known = {}
        for chip in self._chips.values():
            chip.card.put_back(chip.first)
        for state, image in read:
            self._join(state.number, state.name, image)

    def learn(self, number: int, name: str, image: bytes) -> None:
        """Have a card known, as it is when it is first put in. Raises CardImageRefused."""
        self._join(number, name, CardImage.parse(image))

    def _join(self, number: int, name: str, image: CardImage) -> None:
        card = self._find(number, name, image)
        if card is None:
            card = self.make(name, image)
        if self._chips.get(number) is None or self._chips[number].card is not card:
            self._move_away(number)
            former = self.number_of(card)
            if former >= 0:
                self._chips[number] = self._chips.pop(former)
            else:
                self._add(number, card, name)
        card.put_back(image)
        self._known[number] = None

    def _find(self, number: int, name: str, image: CardImage) -> Card | None:
        """Return the card that is meant: by its number, or in a history from elsewhere by its name."""
        here = self._chips.get(number)
        others = [chip for each, chip in self._chips.items() if chip.name == name and each not in self._known]
        for chip in ([here] if here is not None else []) + others[::-1]:
            if chip.name == name and chip.first.contents == image.contents:
                return chip.card
        return None

    def _move_away(self, number: int) -> None:
        """Give a card another number, since a history from elsewhere has this one for its own."""
        chip = self._chips.pop(number, None)
        if chip is not None:
            self._chips[max((*self._chips, number)) + 1] = chip

    def _add(self, number: int, card: Card, name: str) -> None:
        card.hash_codes_with(self._tape)
        self._chips[number] = _Chip(card, name)
