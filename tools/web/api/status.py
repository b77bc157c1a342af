"""The server itself: version, and the versions of the reader's software that it can make."""

from __future__ import annotations

from fastapi import APIRouter

import tla_sim
from tla_sim.host.park.abilities import abilities
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.sentence import Joined, Sentence
from tla_sim.reader_fw.app.software.profiles import PROFILES
from tla_sim.tools.web.api.answers import CommandInfo, Commands, ProfileInfo, Profiles, Status
from tla_sim.tools.web.api.asked import BenchAsked, Spoken
from tla_sim.tools.web.spoken import say

router = APIRouter(prefix="/v1", tags=["server"])


@router.get("/status")
async def show_status(bench: BenchAsked) -> Status:
    """Return the version of the server, the epoch of its events, and the names of its readers."""
    names = [shown.name for shown in bench.readers]
    return Status(version=tla_sim.__version__, epoch=bench.epoch, readers=names)


@router.get("/profiles")
async def list_profiles(language: Spoken) -> Profiles:
    """Return the versions of the reader's software that a reader can be made with."""
    told = []
    for profile in PROFILES:
        able = [*abilities(profile.capability_mask), *([Sentence("altered software")] * profile.altered)]
        text = say(Joined(", ", able), language)
        told.append(ProfileInfo(name=profile.name, release=str(profile.version), text=text))
    return Profiles(profiles=told)


@router.get("/commands")
async def list_commands(language: Spoken) -> Commands:
    """Return the commands of the reader's software, by the names that a trace shows and a wait takes."""
    told = [
        CommandInfo(name=each.name, instruction=f"{each.ins:02X}", text=say(each.summary, language))
        for each in COMMANDS
    ]
    return Commands(commands=told)
