"""Families who have just validated their intentions: to each representative, a letter that waits."""

from ledger import clock
from orientation.actions import submit_choices
from tests import factories
from tests.factories import GT, PRO, Family, actor

FAMILIES = 30  # two letters each: more than a batch


def build() -> None:
    clock.freeze(factories.DURING_INTENTIONS)
    where = factories.division(factories.school())
    for _ in range(FAMILIES):
        enter(factories.family(of=where))


def enter(family: Family) -> None:
    """Without a session to wait for: the letters are ready at once."""
    submit_choices(
        dossier=family.dossier.uuid, phase="PROVISIONAL", choices=(GT, PRO), base_version=0, by=actor(family.mother)
    )
