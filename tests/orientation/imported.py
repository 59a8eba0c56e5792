"""A family that comes from an import of Siècle, and what its tests share."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from families.models import Representative, Student
from ledger.models import OutgoingEmail
from orientation import actions
from orientation.enums import Phase
from orientation.models import Dossier, Submission
from orientation.rules import RuleBroken
from siecle_sync.bee.load import import_files
from siecle_sync.bee.report import ImportReport
from tests import factories
from tests.factories import GT, PRO, Family, actor
from tests.orientation.screens import address, text_of
from tests.siecle_sync.bee_builder import UAI, YEAR, eleve, lien, personne, persons, pupils

P = Phase.PROVISIONAL
MOTHER, FATHER, STEPFATHER = 501, 502, 503
SCREENS = ["dossier", "opinions", "proposals", "agreement", "decision", "history"]


def imports(*people: int, of: str = UAI, **pupil: Any) -> ImportReport:
    """The next import of Siècle: pupil 1, and these persons, legal representatives of theirs."""
    level = pupil.pop("level", 1)
    files = [
        pupils(eleve(1, **pupil), uai=of, exported="02/02/2026"),
        persons(
            [personne(number) for number in people],
            [lien(1, number, NIVEAU_RESPONSABILITE=level if number == people[-1] else 1) for number in people],
            uai=of, exported="02/02/2026",
        ),
    ]  # fmt: skip
    return import_files(files, uai=of, year=YEAR)


def imported(*people: int, of: str = UAI) -> Family:
    """The family that an import makes, everybody with an account."""
    factories.campaign()
    imports(*people, of=of)
    dossier = Dossier.objects.select_related("student").get(student__school__uai=of)
    Student.objects.filter(pk=dossier.student_id).update(user=factories.user())
    parents = list(Representative.objects.filter(school__uai=of).order_by("siecle_id"))
    for person in parents:
        person.user = factories.user()
        person.save()
    return Family(dossier, Student.objects.get(pk=dossier.student_id), parents)


def submit(of: Family, by: Representative | Student, base: int = 0, phase: str = P) -> Submission:
    """A list that is never the same as the one before."""
    choices = [PRO, GT] if base % 2 else [GT, PRO]
    return actions.submit_choices(
        dossier=of.dossier.uuid, phase=phase, choices=choices, base_version=base, by=actor(by)
    )


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(RuleBroken) as broken:
        act()
    return broken.value.code


def home(client: Client, of: Family) -> str:
    return text_of(client.get(address(of, "dossier")))


def told(kind: str) -> set[Any]:
    return set(OutgoingEmail.objects.filter(kind=kind).values_list("recipient_uuid", flat=True))


def history(client: Client, of: Family) -> str:
    return text_of(client.get(address(of, "history")))
