"""What is said to those who only read, to the pupil, to who shares a released pen (ACC-03, ACC-08, OPI-03, ANS-04)."""

from typing import Any

import pytest

from ledger import clock
from orientation import actions
from orientation.enums import Phase, WithdrawalReason
from orientation.leads import FREED, entry_lead, opinions_lead, proposals_lead
from orientation.reading import load_facts
from orientation.recaps import recap_words
from orientation.school_changes import withdrawal_words
from orientation.todo import todo
from tests import factories
from tests.factories import DURING_CHOICES, DURING_INTENTIONS, DURING_PROPOSALS, GT, Family, actor
from tests.orientation.screens import address, signed_in, text_of

pytestmark = pytest.mark.django_db
P, D = Phase.PROVISIONAL, Phase.DEFINITIVE


def submit(family: Family, phase: str) -> Any:
    by = actor(family.mother)
    return actions.submit_choices(dossier=family.dossier.uuid, phase=phase, choices=[GT], base_version=0, by=by)


@pytest.fixture
def answered() -> Family:
    """The mother acknowledged, entered, accepted."""
    clock.freeze(DURING_CHOICES)
    family = factories.family()
    said = factories.statement(family, answers=[(GT, "Favorable")], published_at=factories.OPINIONS_OPEN)
    actions.acknowledge(dossier=family.dossier.uuid, statement=said.uuid, by=actor(family.mother))
    entry = submit(family, D)
    proposals = factories.statement(
        family, "DEFINITIVE", answers=[(GT, "OUI")], published_at=factories.PROPOSALS_OPEN, submission=entry
    )
    clock.freeze(DURING_PROPOSALS)
    actions.answer_proposals(
        dossier=family.dossier.uuid, statement=proposals.uuid, kind="ACCEPTED", accepted=[GT.key],
        by=actor(family.mother),
    )  # fmt: skip
    return family


def test_the_pupil_is_not_told_that_what_is_done_is_still_to_do(answered: Family) -> None:
    facts, pupil = load_facts(answered.dossier.uuid), answered.student.uuid
    assert "doit" not in opinions_lead(facts, pupil, clock.now())
    assert "doit" not in proposals_lead(facts, pupil, clock.now())


def test_what_may_be_changed_is_not_called_to_do() -> None:
    clock.freeze(DURING_INTENTIONS)
    family = factories.family()
    facts = load_facts(family.dossier.uuid)
    assert todo(facts, family.mother.uuid, clock.now()).mine
    submit(family, P)
    assert not todo(load_facts(family.dossier.uuid), family.mother.uuid, clock.now()).mine


def test_the_pupil_reads_who_holds_the_entry() -> None:
    clock.freeze(DURING_INTENTIONS)
    family = factories.family()
    submit(family, P)
    lead = entry_lead(load_facts(family.dossier.uuid), P, family.student.uuid, clock.now())
    assert lead.startswith(f"{family.mother.full_name} a validé")


@pytest.mark.parametrize(("phase", "said"), [(P, "changés"), (D, "changées")])
def test_opinions_are_masculine_and_proposals_feminine(phase: Phase, said: str) -> None:
    assert withdrawal_words(WithdrawalReason.CHANGED, phase).endswith(said)


@pytest.mark.parametrize(
    ("others", "to_pupil", "said"),
    [(0, True, "à vous,"), (1, True, "à votre représentant légal"), (2, True, "à vos"), (2, False, "aux autres")],
)
def test_the_pupil_of_age_is_no_representative_among_others(others: int, to_pupil: bool, said: str) -> None:
    assert said in recap_words(others, to_pupil=to_pupil)


def test_who_shares_a_released_pen_reads_that_anyone_may_take_it() -> None:
    clock.freeze(DURING_INTENTIONS)
    family = factories.family()
    submit(family, P)
    held = entry_lead(load_facts(family.dossier.uuid), P, family.mother.uuid, clock.now())
    actions.release_pen(dossier=family.dossier.uuid, phase=P, reason="Désaccord", by=actor(family.mother))
    for parent in family.parents:
        assert FREED in entry_lead(load_facts(family.dossier.uuid), P, parent.uuid, clock.now())
    assert FREED not in held


@pytest.mark.parametrize(("kind", "meeting_anyway"), [("ACCEPTED", False), ("REFUSED", True)])
def test_who_is_asked_about_a_refusal_reads_that_the_meeting_is_due_in_any_case(
    kind: str, meeting_anyway: bool
) -> None:
    clock.freeze(DURING_CHOICES)
    family = factories.family(policies={"answered_by": "ALL"})
    said = factories.statement(family, answers=[(GT, "Favorable")], published_at=factories.OPINIONS_OPEN)
    actions.acknowledge(dossier=family.dossier.uuid, statement=said.uuid, by=actor(family.mother))
    proposals = factories.statement(
        family, "DEFINITIVE", answers=[(GT, "OUI")], published_at=factories.PROPOSALS_OPEN, submission=submit(family, D)
    )
    clock.freeze(DURING_PROPOSALS)
    actions.answer_proposals(
        dossier=family.dossier.uuid, statement=proposals.uuid, kind=kind,
        accepted=[GT.key] if kind == "ACCEPTED" else [], by=actor(family.mother),
    )  # fmt: skip
    page = text_of(signed_in(family.father).get(address(family, "agreement")))
    assert ("Dans tous les cas, un entretien" in page) is meeting_anyway


def test_who_validated_nothing_in_time_is_told_to_contact_the_school() -> None:
    clock.freeze(DURING_INTENTIONS)
    late, on_time = factories.family(), factories.family()
    submit(on_time, P)
    clock.freeze(factories.OPINIONS_OPEN)
    said = [todo(load_facts(one.dossier.uuid), one.mother.uuid, clock.now()).title for one in (late, on_time)]
    assert said == ["Contacter l’établissement", "Rien à faire pour l’instant"]
