"""Sending a file of lots into a folder or by e-mail, once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Self

from fastapi import APIRouter
from pydantic import Field, SecretStr, model_validator

from tla_sim.host.round.outbox import Outbox
from tla_sim.host.sending.mail_route import MailRoute, mail_server
from tla_sim.host.sending.send import SentFile, send_by_mail, send_to_folder
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.tools.simulator.control.running_reader import RunningReader
from tla_sim.tools.web.api.model import Given, Told
from tla_sim.tools.web.practice.files import Identity, find_file
from tla_sim.tools.web.surgery.answers import ReaderName
from tla_sim.tools.web.surgery.asked import SurgeryAsked
from tla_sim.tools.web.surgery.surgery import Surgery
from tla_sim.tools.web.surgery.work import Action

router = APIRouter(prefix="/v1/practice/files", tags=["practice"])

_MOST: Final = 255
_LONGEST_PATH: Final = 4_096
Short = Annotated[str, Field(max_length=_MOST)]


class MailOrder(Given):
    """The route of an e-mail: the server as `HOST[:PORT]` or `smtps://HOST`, both addresses, and the login if
    the server wants one."""

    server: Annotated[str, Field(min_length=1, max_length=_MOST)]
    sender: Short
    to: Short
    user: Short = ""
    password: SecretStr | None = Field(None, max_length=_MOST, description="Kept nowhere.")
    need_tls: bool = False

    @property
    def route(self) -> MailRoute:
        """The route. Raises `BadMailServer`, `NoPassword`."""
        server = mail_server(self.server)
        password = "" if self.password is None else self.password.get_secret_value()
        if self.user and not password:
            raise NoPassword("There is no password for {user}", "Give it, too", user=self.user)
        return MailRoute(
            server.host,
            server.port,
            self.sender,
            self.to,
            self.user,
            password,
            need_tls=self.need_tls,
            tls_at_once=server.tls_at_once,
        )


class SendOrder(Given):
    """Where to send a file: into a folder of this machine, by its whole path, or by e-mail.

    `again` sends the same message once more when it is not known whether it arrived. Progress is told to
    whoever follows `reader`, if one is named.
    """

    folder: Annotated[str, Field(max_length=_LONGEST_PATH)] | None = None
    mail: MailOrder | None = None
    again: bool = False
    reader: ReaderName | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.folder is None) == (self.mail is None):
            raise ValueError("either folder or mail")
        return self


class FileSent(Told):
    """A file that left: the way, as the ledger notes it, and its number of documents."""

    identity: str
    way: str
    documents: int


class FolderRefused(TlaError):
    """Files of lots cannot be put there; nothing was sent."""

    category = Category.BAD_INPUT


class NoPassword(TlaError):
    """A user is to log in, and no password was given; nothing was sent."""

    category = Category.BAD_INPUT


@router.post("/{identity}/send")
async def send_file(identity: Identity, order: SendOrder, asked: SurgeryAsked) -> FileSent:
    """Send a file, once, wherever it is cut.

    If it is not known whether it arrived, it is not sent until that is settled; into a folder, the same order
    finishes it.
    """
    reader = None if order.reader is None else asked.reader(order.reader)
    sent = await asked.do(lambda surgery: send(surgery, identity, order, reader))
    return FileSent(identity=sent.identity, way=sent.way, documents=sent.documents)


def send(surgery: Surgery, identity: str, order: SendOrder, reader: RunningReader | None = None) -> SentFile:
    """Send a file as ordered; who follows `reader` sees that it is under way.

    Raises `FolderRefused`, `NoPassword`, `UnknownLotFile`, and as `send_to_folder` and `send_by_mail`.
    """
    folder = None if order.folder is None else check_folder(order.folder)
    route = None if order.mail is None else order.mail.route
    surgery.work.check_not_sending(identity)
    with surgery.at_desk(Action.SEND, reader, identity) as (_, ledger):
        find_file(ledger, identity)
        if folder is not None:
            return send_to_folder(ledger, identity, Outbox(folder))
        assert route is not None
        return send_by_mail(ledger, identity, route, again=order.again)


def check_folder(text: str) -> Path:
    """Return the folder that a text names: none is made, and none is meant by a part of its path.

    Raises `FolderRefused`.
    """
    path = Path(text)
    if not text.isprintable() or not path.is_absolute() or ".." in path.parts:
        raise FolderRefused(
            "{text!r} is not the whole path of a folder", "Write it from its beginning", text=text
        )
    try:
        found = path.is_dir()
    except OSError:  # a name that the system does not take, such as one that is too long
        found = False
    if not found:
        raise FolderRefused("There is no folder {path}", "Make it first, or name another", path=path)
    return path
