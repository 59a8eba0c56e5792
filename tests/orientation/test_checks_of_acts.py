"""What an act refuses by itself, whatever page led to it: found by taking each check away (docs/preuves.md)."""

from uuid import uuid4

import pytest

from ledger.models import JournalEntry
from orientation import actions
from orientation.enums import Phase, Proposal
from orientation.models import Agreement, FamilyAnswer, GateLift, SpecialtyOffer, StatementWithdrawal
from orientation.rules import Refusal
from tests.factories import DURING_PROPOSALS, GT, PRO, actor, family, staff, statement
from tests.orientation.states import At, answered, choices_without_opinions, opinions_published, proposed
from tests.orientation.test_actions import refusal

pytestmark = pytest.mark.django_db


def test_the_wait_is_not_lifted_where_the_opinions_can_be_acknowledged(at: At) -> None:
    home = family()
    opinions_published(home, at)
    head = staff(home.student.school)
    path = {"dossier": home.dossier.uuid, "reason": "essai", "user": head, "by": actor(home.mother)}
    assert refusal(lambda: actions.lift_gate(**path)) == Refusal.NOTHING_TO_LIFT
    assert not GateLift.objects.exists()


@pytest.mark.corrupts  # the council speaks again outside of any night
def test_proposals_replaced_since_the_page_was_read_are_not_answered_blindly(at: At) -> None:
    """« Tout refuser » is valid for any version: only the version shown tells what is refused."""
    home = family()
    proposed(home, at)
    read = home.dossier.statements.get(phase=Phase.DEFINITIVE)
    StatementWithdrawal.objects.create(statement=read, at=DURING_PROPOSALS, reason="CHANGED")
    statement(
        home, Phase.DEFINITIVE, answers=[(GT, Proposal.YES), (PRO, Proposal.YES)], submission=read.submission,
        published_at=DURING_PROPOSALS,
    )  # fmt: skip
    path = {"dossier": home.dossier.uuid, "kind": "REFUSED", "accepted": [], "by": actor(home.mother)}
    assert refusal(lambda: actions.answer_proposals(statement=read.uuid, **path)) == Refusal.STALE
    assert not FamilyAnswer.objects.exists()


def test_an_agreement_is_given_to_the_answer_that_the_page_was_showing(at: At) -> None:
    home = family(policies={"answered_by": "ALL"})
    answered(home, at)
    path = {"dossier": home.dossier.uuid, "agrees": True, "by": actor(home.father)}
    assert refusal(lambda: actions.agree(answer=uuid4(), **path)) == Refusal.STALE
    assert not Agreement.objects.exists()


@pytest.mark.parametrize(
    ("policy", "who", "code"),
    [
        ("AUTHOR", "father", Refusal.NO_AGREEMENT_ASKED),
        ("ALL", "mother", Refusal.AUTHOR_AGREED_ALREADY),
        ("ALL", "student", Refusal.READ_ONLY_STUDENT),
    ],
)
def test_an_agreement_is_taken_only_from_who_is_asked_for_it(policy: str, who: str, code: Refusal, at: At) -> None:
    home = family(policies={"answered_by": policy})
    answered(home, at)
    path = {"dossier": home.dossier.uuid, "answer": FamilyAnswer.objects.get().uuid, "agrees": False}
    assert refusal(lambda: actions.agree(by=actor(getattr(home, who)), **path)) == code
    assert not Agreement.objects.exists()


def test_a_school_offers_no_subject_that_does_not_exist() -> None:
    home = family()
    school, campaign = home.student.school, home.dossier.campaign
    path = {"campaign": campaign, "school": school, "user": staff(school), "by": actor(home.mother)}
    assert refusal(lambda: actions.set_specialty_offer(specialties=["MATHS", "ASTRO"], **path)) == (
        Refusal.SPECIALTY_UNKNOWN
    )
    assert not SpecialtyOffer.objects.exists()


def test_the_wait_that_was_lifted_is_in_the_history_with_its_reason(at: At) -> None:
    home = family()
    choices_without_opinions(home, at)
    head = staff(home.student.school)
    for reason in ("aucun avis", "encore"):  # the second one finds it lifted
        actions.lift_gate(dossier=home.dossier.uuid, reason=reason, user=head, by=actor(home.mother))
    said = JournalEntry.objects.filter(dossier_uuid=home.dossier.uuid, verb="gate_lifted")
    assert [one.data["reason"] for one in said] == ["aucun avis"]
