"""A family without JavaScript goes the same way: entry, validation, acknowledgement, choices, answer."""

import pytest
from playwright.sync_api import expect

from ledger import clock
from orientation.models import Acknowledgement, Decision, Submission
from tests import factories
from tests.e2e import journey
from tests.e2e.conftest import Opens
from tests.e2e.journey import CAP, CHOICES, GT, INTENTIONS, PRO
from tests.factories import DURING_CHOICES, DURING_INTENTIONS, DURING_OPINIONS, DURING_PROPOSALS, council, statement
from tests.orientation.states import accepted

# the council opens and closes the entry at the instants that the journey stands at
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.corrupts]
PHONE = {"width": 320, "height": 640}


def test_a_family_without_javascript_goes_from_the_first_intention_to_the_decision(opens: Opens) -> None:
    clock.freeze(DURING_INTENTIONS)
    camille = factories.family()
    page = opens(camille.mother, java_script_enabled=False, viewport=PHONE)
    journey.visits(page, camille, "entry", **INTENTIONS)
    journey.adds(page, GT)
    journey.adds(page, PRO, text="Métiers de l’alimentation", status="Sous statut d’apprenti")
    journey.presses(page, f"Monter : {PRO}")
    assert journey.listed(page) == [PRO, GT]
    assert Submission.objects.count() == 0
    journey.validates(page)
    assert journey.listed(page) == [PRO, GT]
    page.get_by_role("link", name="Modifier les intentions").click()
    journey.presses(page, f"Supprimer : {GT}")
    journey.presses(page, "Annuler ce qui n’est pas validé")
    assert journey.listed(page) == [PRO, GT]

    made = Submission.objects.get()
    accepted(camille, made)
    council(camille, opened_at=DURING_INTENTIONS)
    statement(
        camille, answers=[(factories.PRO, "Favorable"), (factories.GT, "Réservé")], published_at=DURING_OPINIONS,
        submission=made,
    )  # fmt: skip
    clock.freeze(DURING_OPINIONS)
    journey.visits(page, camille, "opinions")
    journey.presses(page, "J’accuse réception")
    journey.reads(page, "Accusé de réception donné", camille.mother.full_name)
    assert Acknowledgement.objects.get().author_name == camille.mother.full_name

    clock.freeze(DURING_CHOICES)
    journey.visits(page, camille, "entry", **CHOICES)
    journey.adds(page, CAP, text="Boulanger")
    journey.validates(page)
    chosen = Submission.objects.get(phase="DEFINITIVE")
    accepted(camille, chosen)
    council(camille, "DEFINITIVE", opened_at=DURING_CHOICES)
    statement(camille, "DEFINITIVE", answers=[(factories.CAP, "OUI")], published_at=DURING_PROPOSALS, submission=chosen)
    clock.freeze(DURING_PROPOSALS)
    journey.visits(page, camille, "proposals")
    journey.accepts(page, CAP)
    page.get_by_role("link", name="Voir la suite").click()
    expect(page.get_by_role("heading", name="La décision", exact=True)).to_be_visible()
    assert [one.pathway for one in Decision.objects.get().pathways.all()] == ["CAP"]
