"""What the screens say of who acted and can no longer, or of what the school changed (ANS-06, SIE-04)."""

from datetime import timedelta

import pytest

from ledger import clock
from orientation import actions
from orientation.enums import Phase
from orientation.leads import agreement_lead, entry_lead
from orientation.reading import load_facts
from orientation.rules import Need, standing
from orientation.todo import todo
from tests import factories
from tests.factories import CAP, DURING_CHOICES, DURING_INTENTIONS, DURING_PROPOSALS, GT, Family, actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def accepted() -> Family:
    """The mother has accepted; the father and the aunt have still to say oui or non."""
    clock.freeze(DURING_CHOICES)
    family = factories.family(parents=3, policies={"answered_by": "ALL"})
    opinions = factories.statement(family, answers=[(GT, "Favorable")], published_at=factories.OPINIONS_OPEN)
    actions.acknowledge(dossier=family.dossier.uuid, statement=opinions.uuid, by=actor(family.mother))
    entry = actions.submit_choices(
        dossier=family.dossier.uuid, phase="DEFINITIVE", choices=[GT], base_version=0, by=actor(family.mother)
    )
    said = factories.statement(
        family, "DEFINITIVE", answers=[(GT, "OUI")], published_at=factories.PROPOSALS_OPEN, submission=entry
    )
    clock.freeze(DURING_PROPOSALS)
    actions.answer_proposals(
        dossier=family.dossier.uuid, statement=said.uuid, kind="ACCEPTED", accepted=[GT.key], by=actor(family.mother)
    )
    return family


def test_the_answer_of_who_is_no_longer_a_representative_is_still_theirs(accepted: Family) -> None:
    factories.loses_authority(accepted, accepted.mother)
    lead = agreement_lead(load_facts(accepted.dossier.uuid), accepted.father.uuid, clock.now())
    assert lead.startswith(f"{accepted.mother.full_name} a donné une réponse.")


def test_nothing_is_said_decided_before_the_night_decides(accepted: Family) -> None:
    for person in accepted.parents[1:]:
        factories.loses_authority(accepted, person)
    facts = load_facts(accepted.dossier.uuid)
    assert standing(facts, accepted.mother.uuid, clock.now()).need is Need.AGREE
    assert "est prise" not in todo(facts, accepted.mother.uuid, clock.now()).text


def test_who_is_awaited_and_may_not_answer_now_is_not_told_that_all_have_answered(accepted: Family) -> None:
    factories.loses_authority(accepted, accepted.parents[2])
    school = accepted.student.school
    actions.switch_service(
        campaign=accepted.dossier.campaign, school=school, enabled=False, user=factories.staff(school),
        by=actor(accepted.mother),
    )  # fmt: skip
    facts = load_facts(accepted.dossier.uuid)
    assert "Plus personne" not in todo(facts, accepted.father.uuid, clock.now()).text


def test_a_list_that_the_school_changed_is_not_said_to_be_validated_by_its_secretary() -> None:
    clock.freeze(DURING_INTENTIONS)
    family = factories.family()
    entry = actions.submit_choices(
        dossier=family.dossier.uuid, phase="PROVISIONAL", choices=[GT], base_version=0, by=actor(family.mother)
    )
    factories.accepted(family, entry)
    clock.freeze(DURING_INTENTIONS + timedelta(days=1))
    factories.council(family, opened_at=clock.now())
    asked = {"asked_by": "Awa Diallo", "asked_on": DURING_INTENTIONS.date()}
    factories.typed(family, "PROVISIONAL", CAP, at=clock.now(), **asked)
    clock.freeze(DURING_INTENTIONS + timedelta(days=2))
    factories.council(family, opened_at=None)  # reset: the entry is open again
    facts = load_facts(family.dossier.uuid)
    lead = entry_lead(facts, Phase.PROVISIONAL, family.mother.uuid, clock.now())
    for text in (lead, todo(facts, family.mother.uuid, clock.now()).text):
        assert text.startswith("L’établissement a modifié la liste, comme l’a demandé Awa Diallo.")
