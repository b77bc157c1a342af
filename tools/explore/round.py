"""The explored round: three owners' twelve invoices are pushed, certified at two patients' homes, pulled,
finally signed and transmitted. On the visits a code is mistyped and an invoice is cancelled.

Each stage can be repeated after any fault.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from tla_sim.host.round.pull import pull
from tla_sim.host.round.push import push_owner
from tla_sim.host.round.sign import sign
from tla_sim.host.round.transmit import transmit
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.people import CODE, LEA, MAYA, PATIENTS, PAUL, WRONG_CODE, Insured, Person
from tla_sim.tools.explore.people import CANCELLED, OWNERS, documents, documents_of
from tla_sim.tools.explore.watch import Watch
from tla_sim.tools.explore.world import World
from tla_sim.tools.faults.host import HostKilled
from tla_sim.tools.judge.signatures import ANCHORS
from tla_sim.tools.judge.violation import Violation, said

R = TypeVar("R")
Stage = Callable[[], None]
_MOST_KEYS: Final = 60
_TRIES_AFTER_ONE: Final = 2


class StageFailed(TlaError):
    """A screen or an answer keeps the person on the round from going on."""

    category = Category.REFUSED


class Round:
    """The stages of the round in a world, checked by a watch. `mistaken`: the wrong code was typed already.

    `on_stage` is called with the number of each stage before it begins.
    """

    def __init__(self, world: World, watch: Watch | None = None, *, mistaken: bool = False) -> None:
        self.world = world
        self.watch = watch or Watch()
        self.stages: tuple[tuple[str, Stage], ...] = (
            (Sentence("push"), self.push),
            *(
                (Sentence("visit {name}", name=each.last_name), partial(self.visit, each))
                for each in PATIENTS
            ),
            (Sentence("pull"), self.pull),
            *((Sentence("sign {name}", name=owner.name), partial(self.sign, owner)) for owner in (PAUL, LEA)),
            (Sentence("transmit"), self.transmit),
        )
        self.on_stage: Callable[[int], None] = lambda _: None
        self.errors: list[str] = []
        self.mistaken = mistaken

    def run(
        self, first: int = 0, until: int | None = None, *, patience: int = 3, noisy_tries: int = 99
    ) -> int:
        """Run the stages from `first` up to `until`, each again after a fault.

        Return how often a stage was repeated at most. A stage may fail if a fault struck meanwhile or still
        lasts, at most `patience` times in a row and once more per planned fault. After `noisy_tries` of a
        stage the line is clean. Raises Violation.
        """
        again = 0
        for number, (name, stage) in enumerate(self.stages[first:until], first):
            self.on_stage(number)
            for attempt in range(patience + len(self.world.strikes.plan.faults)):
                struck = len(self.world.strikes.struck)
                self.world.line_faults.quiet = attempt >= noisy_tries
                try:
                    self.world.power_on()
                    stage()
                except (TlaError, HostKilled) as error:
                    self.errors.append(
                        Sentence(
                            "{stage}: {error}: {reason}",
                            stage=name,
                            error=type(error).__name__,
                            reason=said(error),
                        )
                    )
                    self._recover(name)
                    if len(self.world.strikes.struck) == struck and not self._still_faulty:
                        raise Violation(
                            "round", "{stage} failed without a fault", error, stage=name
                        ) from error
                    again = max(again, attempt + 1)
                    continue
                except (Violation, KeyboardInterrupt):
                    raise
                except Exception as error:
                    raise Violation(
                        "round",
                        "{stage} ended in {error}",
                        error,
                        stage=name,
                        error=type(error).__name__,
                    ) from error
                self._recover(name)
                break
            else:
                raise Violation("round", "{stage} does not complete", self.errors[-1], stage=name)
        return again

    @property
    def _still_faulty(self) -> bool:
        """Whether a fault lasts: noise on the line, or a flash that is full."""
        plan = self.world.strikes.plan
        noisy = any(plan.named(f"line.{what}") for what in ("bits", "drop", "double"))
        return noisy or self.world.reader.flash_faults.full

    def _recover(self, name: str) -> None:
        """Do as a person does after a stage: switch on, take cards and cables out. Then check everything."""
        world = self.world
        world.host_faults.restore()
        try:
            world.power_on()
        except TlaError as error:
            raise Violation("start", "after {stage} the reader does not start", error, stage=name) from error
        world.forget_cards()
        world.reader.unplug()
        if not world.reader.on:
            raise Violation("start", "after {stage} the reader no longer starts", stage=name)
        self.watch.see_world(world)
        self.watch.raise_counter(world.reader.used_counter)

    def push(self) -> None:
        """Push every owner's invoices."""
        with self.world.host() as (client, ledger):
            for owner in OWNERS:
                push_owner(client, ledger, owner.number, documents_of(owner))
                self.watch.told_loaded(owner.number)

    def visit(self, patient: Insured) -> None:
        """Certify at a patient's home, with the visitor's card, all that can be certified.

        Raises StageFailed when the screen says that something is wrong.
        """
        world = self.world
        world.set_clock_if_wrong()
        world.put(Slot.PS, MAYA.name)
        world.put(Slot.VITALE, patient.name)
        cancel = any(
            each.id == CANCELLED and each.invoice.beneficiary.nir == patient.nir for each in documents()
        )
        for _ in range(_MOST_KEYS):
            shown = world.screen
            if shown[1] == "TOUTES LES FACTURES":
                if cancel:
                    cancel = self._cancel()
                elif shown[2].startswith("0 "):
                    break
                else:
                    world.press("VAL")
            elif shown[0] == "CODE PORTEUR" and cancel:
                world.press("ANN")  # a reset between two looks led here
            elif shown[0] == "CODE PORTEUR":
                world.press(*(CODE if self.mistaken else WRONG_CODE), "VAL")
                self.mistaken = True
            elif "SIGNEE" in shown[0]:
                self.watch.signed_told += int(shown[0].split()[0])
                world.press("VAL")
            elif shown[0] == "CODE PORTEUR FAUX":
                code = world.card_images[MAYA.name].code
                if code is None or code.tries_left != _TRIES_AFTER_ONE or "2 ESSAIS" not in shown[1]:
                    raise Violation("card", "a wrong code did not cost a try", shown[1])
                world.press("VAL")
            elif shown[0] == "FACTURE ANNULEE":
                world.press("VAL")
            elif shown[1] == "AUCUNE FACTURE":
                break
            else:
                raise StageFailed(" / ".join(line for line in shown if line) or "the screen is dark", "Again")
        else:
            raise StageFailed("The screens go round in circles")

    def _cancel(self) -> bool:
        """Look for the invoice to cancel, and cancel it. Return whether to look again."""
        world = self.world
        for _ in documents():
            world.press("DOWN")
            shown = world.screen
            if shown[1].startswith(CANCELLED[1]) and "A CERTIFIER" in shown[3]:
                for key, sign in (("MENU", "MENU=ANNULER FACTURE"), ("MENU", "VAL=OUI ANN=NON"), ("VAL", "")):
                    world.press(key)
                    if world.screen[3] != sign and key != "VAL":
                        break
                return True
            if shown[1] == "TOUTES LES FACTURES":
                break
        world.press("ANN")
        return False

    def pull(self) -> None:
        """Pull at the surgery, with the visitor's card, what it signed."""
        self.world.put(Slot.PS, MAYA.name)
        with self.world.host() as (client, ledger):
            client.verify_code(CODE)
            done = pull(client, ledger, ANCHORS)
        if done.left:
            raise StageFailed(
                "{count} stay on board: {reason}", "Again", count=len(done.left), reason=done.left[0].reason
            )

    def sign(self, owner: Person) -> None:
        """Add an owner's final signatures to what others certified."""
        self.world.put(Slot.PS, owner.name)
        with self.world.host() as (client, ledger):
            card = client.verify_code(CODE)
            done = sign(client, ledger, ANCHORS, card)
        if done.refused:
            raise StageFailed(
                "{count} are not signed: {reason}",
                "Again",
                count=len(done.refused),
                reason=done.refused[0].reason,
            )

    def transmit(self) -> None:
        """Transmit what has all its signatures."""
        with self.world.ledger() as ledger:
            transmit(ledger, self.world.outbox, ANCHORS)
