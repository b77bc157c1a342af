"""What must hold of every answer of a reader, whatever was asked and whatever failed."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

from tla_sim.protocol.apdu import CommandApdu, ResponseApdu
from tla_sim.protocol.commands.declaration import Command
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import CodecError
from tla_sim.reader_fw.app.software.profile import Profile
from tla_sim.tools.judge.violation import Violation


def check_form(name: str, response: bytes) -> ResponseApdu:
    """Every command is answered by a response APDU."""
    try:
        return ResponseApdu.parse(response)
    except CodecError as error:
        raise Violation("form", "{command} is not answered by a response APDU", error, command=name) from None


def check_status(name: str, command: Command[Any, Any] | None, answer: ResponseApdu) -> Status:
    """Every status word is known and declared by the command; none reports an internal error."""
    status = answer.status
    if status is None:
        raise Violation(
            "declared", "{command} answers {word:04X}, which no table knows", command=name, word=answer.word
        )
    if command is not None and status not in command.statuses:
        raise Violation(
            "declared",
            "{command} answers {status}, which it does not declare",
            command=name,
            status=status.name,
        )
    if command is not None and status is Status.INTERNAL:
        raise Violation("declared", "{command} says that something inside went wrong", command=name)
    return status


def check_version(profile: Profile, command: Command[Any, Any], status: Status) -> None:
    """No version carries out a command that it does not have."""
    if status is Status.OK and not profile.knows(command.ins):
        raise Violation(
            "declared", "{command} is done by a version that does not know it", command=command.name
        )


def check_request(command: Command[Any, Any], request: Any, raw: bytes) -> None:
    """A request that is accepted is as declared, without any other bytes."""
    if command.request.build(request) != CommandApdu.parse(raw).data:
        raise Violation(
            "form", "a request to {command} is taken though it is not as declared", command=command.name
        )


def check_refusal(name: str, answer: ResponseApdu) -> None:
    """A refusal has no data."""
    if answer.word != Status.OK and answer.data:
        raise Violation("form", "{command} is refused and gives data", answer.data[:40].hex(), command=name)


def check_data(command: Command[Any, Any], answer: ResponseApdu) -> Any:
    """The data of an answer are as declared. Return them parsed."""
    try:
        return command.response.parse(answer.data)
    except CodecError as error:
        raise Violation(
            "form",
            "the answer to {command} is not as declared",
            error,
            command=command.name,
        ) from None


def check_each_signed(contents: Sized, blocks: Any) -> None:
    """Each content gets a signature or a declared status, never both."""
    if len(contents) != len(blocks):
        raise Violation("form", "not one signature or status for each content")
    for each in blocks:
        status = Status.of(each.status)
        if status is None or (status is not Status.OK and each.block):
            raise Violation("form", "a refused content gets a signature or an undeclared status")


def check_time(name: str, ms: int, longest_ms: int) -> None:
    """Every answer comes in bounded virtual time."""
    if ms > longest_ms:
        raise Violation("time", "{command} takes more than {ms} ms", command=name, ms=longest_ms)
