"""What a person does with a reader: keys, cards, switch, cable, battery, case."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from tla_sim.tools.web.api.answers import Card, Cards, Reader, Screen
from tla_sim.tools.web.api.asked import Asked
from tla_sim.tools.web.api.named import SLOTS, SlotWord
from tla_sim.tools.web.api.requests import Battery, Cable, CardInto, CardName, Keys, Power
from tla_sim.tools.web.api.uploads import BYTES, read_bytes
from tla_sim.tools.web.telling import tell_card

router = APIRouter(prefix="/v1/readers/{reader}", tags=["hands"])

SlotName = Annotated[SlotWord, Path(description="Which slot.")]
NewCardName = Annotated[
    str,
    Query(
        min_length=1,
        max_length=64,
        pattern="^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="What to call the card in the tray.",
    ),
]


@router.post("/keys")
async def press_keys(keys: Keys, asked: Asked) -> Screen:
    """Press keys one after the other. Return the settled screen after the last."""
    return await asked.screen(lambda control: control.press(*keys.keys))


@router.get("/cards")
async def list_cards(asked: Asked) -> Cards:
    """Return the cards of the tray, those in the slots included."""
    return Cards(cards=await asked.ask(lambda control: [tell_card(card) for card in control.tray]))


@router.post("/cards", status_code=201, openapi_extra=BYTES)
async def add_card(request: Request, name: NewCardName, asked: Asked) -> Card:
    """Add a card to the tray, from a card file."""
    image = await read_bytes(request)
    return await asked.ask(lambda control: tell_card(control.add_card(name, image)))


@router.delete("/cards/{name}", status_code=204)
async def discard_card(name: CardName, asked: Asked) -> None:
    """Take an uploaded card from the tray for good."""
    await asked.ask(lambda control: control.discard_card(name))


@router.put("/slots/{slot}")
async def insert_card(slot: SlotName, card: CardInto, asked: Asked) -> Screen:
    """Put a card in, taking the present one out. Return the settled screen."""
    return await asked.screen(lambda control: control.insert(SLOTS[slot], card.card))


@router.delete("/slots/{slot}")
async def remove_card(slot: SlotName, asked: Asked) -> Screen:
    """Take the card out, if there is one. Return the settled screen."""
    return await asked.screen(lambda control: control.remove(SLOTS[slot]))


@router.put("/power")
async def switch_power(power: Power, asked: Asked) -> Reader:
    """Switch the reader on or off; off is a power cut, which only the flash survives."""
    return await asked.reader(lambda control: control.power(power.on))


@router.put("/cable")
async def plug_cable(cable: Cable, asked: Asked) -> Reader:
    """Plug the cable in, or pull it out: without one the reader is on a visit."""
    return await asked.reader(lambda control: control.cable(cable.plugged))


@router.put("/battery")
async def set_battery(battery: Battery, asked: Asked) -> Reader:
    """Set the charge of the battery."""
    return await asked.reader(lambda control: control.battery(battery.percent))


@router.post("/tamper")
async def open_case(asked: Asked) -> Reader:
    """Open the case: the reader notices for good."""
    return await asked.reader(lambda control: control.open_case())
