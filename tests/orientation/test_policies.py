"""The policies of a campaign: set by the académie, frozen by the first entry, and each combination played."""

from collections.abc import Callable
from datetime import timedelta
from itertools import combinations, product
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.http import HttpResponse
from django.urls import reverse

from ledger.journal import SYSTEM
from ledger.models import JournalEntry, OutgoingEmail
from orientation import actions
from orientation.actions.objection import object_to_entry
from orientation.enums import Phase, Proposal
from orientation.models import Campaign, CouncilStatement, Decision, StatementWithdrawal
from orientation.models.triggers import POLICIES
from orientation.rules import Refusal, RuleBroken
from tests import factories
from tests.admin.test_academy_pages import fields_of, governs
from tests.admin.world import client_of, page
from tests.factories import (
    CAP,
    DURING_CHOICES,
    DURING_INTENTIONS,
    DURING_OPINIONS,
    DURING_PROPOSALS,
    GT,
    PRO,
    Family,
    actor,
    council,
    statement,
)
from tests.orientation.screens import text_of
from tests.orientation.states import At, entered

pytestmark = pytest.mark.django_db(databases=["default", "siecle_mock"])
P, D = Phase.PROVISIONAL, Phase.DEFINITIVE


# --- in the académie's pages ------------------------------------------------------------------------------------------
@pytest.fixture
def family(at: At) -> Family:
    at(DURING_INTENTIONS)
    return factories.family()


def change_page(of: Family) -> str:
    return reverse("admin:orientation_campaign_change", args=[of.dossier.campaign_id])


def typed(of: Family, **changes: Any) -> dict[str, Any]:
    return fields_of(of.dossier.campaign, **changes)


def messages_of(response: HttpResponse) -> str:
    return " ".join(str(one) for one in response.context["messages"])


def test_each_policy_is_set_by_the_academie_and_journaled(family: Family) -> None:
    wanted = {
        "max_choices": 2, "acknowledgement_by": "AUTHOR", "opinion_change": "AGAIN", "objection": "RECORDED",
        "answered_by": "ALL", "acceptances": "ONE", "recap_to": "AUTHOR", "recap_when": "VALIDATION",
    }  # fmt: skip
    data = typed(family, **wanted)
    del data["free_text"]
    assert governs(family).post(change_page(family), data).status_code == 302
    campaign = Campaign.objects.get()
    assert {name: getattr(campaign, name) for name in [*wanted, "free_text"]} == {**wanted, "free_text": False}
    line = JournalEntry.objects.get(verb="policies_set")
    assert line.data["after"] == {**wanted, "free_text": False}
    assert line.data["before"]["acknowledgement_by"] == "ANY"
    assert line.actor_kind == "ACADEMY"


def test_each_policy_says_what_it_changes_for_families(family: Family) -> None:
    form = governs(family).get(change_page(family)).context["adminform"].form
    assert all(field.help_text for name, field in form.fields.items() if name in POLICIES)
    assert set(form.fields) == {*POLICIES} - {"specialties", "specialties_if_outside"}


def test_the_specialty_subjects_are_asked_of_a_campaign_of_2de_gt_only(family: Family) -> None:
    second = actions.create_campaign(campaign=Campaign(academy=factories.academy(), year=2025, level="2GT"), by=SYSTEM)
    form = page(governs(family), "orientation_campaign_change", second.pk).context["adminform"].form
    assert {"specialties", "specialties_if_outside"} <= set(form.fields)


def test_policies_are_read_only_once_a_family_has_entered_and_the_page_says_why(family: Family) -> None:
    client = governs(family)
    assert "avant la première saisie" in client.get(change_page(family)).content.decode()
    entered(family)
    shown = client.get(change_page(family))
    assert not set(POLICIES) & set(shown.context["adminform"].form.fields)
    assert "déjà validé une saisie" in shown.content.decode()
    assert "Favorable, Réservé, Défavorable" in shown.content.decode()


def test_a_page_opened_before_the_first_entry_changes_nothing_and_says_so(family: Family) -> None:
    client, data = governs(family), typed(family, max_choices=2)
    entered(family)
    answer = client.post(change_page(family), data, follow=True)
    assert "ne peuvent plus changer" in messages_of(answer)
    assert Campaign.objects.get().max_choices == 3
    assert not JournalEntry.objects.filter(verb="policies_set").exists()


def test_the_calendar_still_moves_once_the_policies_are_frozen(family: Family) -> None:
    entered(family)
    data = {name: value for name, value in typed(family).items() if name not in POLICIES}
    moved = {**data, "windows-0-closes_at_0": "28/02/2026"}
    assert governs(family).post(change_page(family), moved).status_code == 302
    assert JournalEntry.objects.filter(verb="calendar_set").count() == 1


def test_the_act_and_the_database_refuse_a_policy_changed_after_the_first_entry(family: Family) -> None:
    entered(family)
    campaign = family.dossier.campaign
    with pytest.raises(RuleBroken) as broken:
        actions.set_policies(campaign=campaign, policies={"recap_to": "AUTHOR"}, by=SYSTEM)
    assert broken.value.code == Refusal.POLICIES_FROZEN
    with pytest.raises(IntegrityError):
        Campaign.objects.update(recap_to="AUTHOR")


def test_the_same_policies_again_are_no_change(family: Family) -> None:
    entered(family)
    actions.set_policies(campaign=family.dossier.campaign, policies={"recap_to": "ALL"}, by=SYSTEM)
    assert not JournalEntry.objects.filter(verb="policies_set").exists()


def test_another_academie_finds_no_such_campaign_and_a_school_only_reads_it(family: Family) -> None:
    reunion = factories.academy("28", name="La Réunion", timezone="Indian/Reunion", sender_email="o@re.invalid")
    stranger = client_of(factories.staff(reunion, "ACADEMY"))
    data = typed(family, max_choices=1)
    assert stranger.get(change_page(family)).status_code == 404
    assert stranger.post(change_page(family), data).status_code == 404
    head = client_of(factories.staff(family.student.school))
    assert head.get(change_page(family)).status_code == 200
    assert head.post(change_page(family), data).status_code == 403
    assert Campaign.objects.get().max_choices == 3


@pytest.mark.parametrize(("level", "most", "answered_by"), [("3E", 3, "AUTHOR"), ("2GT", 11, "ALL")])
def test_a_new_campaign_takes_the_usual_policies_of_its_level(
    family: Family, level: str, most: int, answered_by: str
) -> None:
    client = governs(family)
    shown = page(client, "orientation_campaign_add").context["adminform"].form
    assert set(shown.fields) == {"academy", "year", "level"}
    made = {"academy": "10", "year": 2026, "level": level, "max_choices": 7}
    assert client.post(reverse("admin:orientation_campaign_add"), made).status_code == 302
    campaign = Campaign.objects.get(year=2026)
    assert (campaign.max_choices, campaign.answered_by) == (most, answered_by)
    assert JournalEntry.objects.get(verb="campaign_created").data["policies"]["max_choices"] == most


def test_the_same_campaign_is_not_created_twice(family: Family) -> None:
    again = governs(family).post(
        reverse("admin:orientation_campaign_add"), {"academy": "10", "year": 2025, "level": "3E"}
    )
    assert again.status_code == 200
    assert Campaign.objects.count() == 1


# --- one dossier played under each pair of values ---------------------------------------------------------------------
VALUES = {
    "acknowledgement_by": ("ANY", "AUTHOR"),
    "opinion_change": ("TELL", "AGAIN"),
    "answered_by": ("AUTHOR", "ALL"),
    "acceptances": ("SEVERAL", "ONE"),
    "recap_to": ("ALL", "AUTHOR"),
    "recap_when": ("SIGN_OUT", "VALIDATION"),
    "objection": ("NONE", "RECORDED"),
}


def pairwise() -> list[dict[str, str]]:
    """Eight campaigns in which every two policies take every two values together (an orthogonal array)."""
    rows = ((a, b, c, a ^ b, a ^ c, b ^ c, a ^ b ^ c) for a, b, c in product((0, 1), repeat=3))
    return [{name: VALUES[name][bit] for name, bit in zip(VALUES, row, strict=True)} for row in rows]


def test_the_campaigns_played_hold_every_pair_of_values() -> None:
    for one, other in combinations(VALUES, 2):
        assert {(row[one], row[other]) for row in pairwise()} == set(product(VALUES[one], VALUES[other]))


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises(RuleBroken) as broken:
        act()
    return broken.value.code


def acknowledges(of: Family, given: CouncilStatement, by: Any) -> None:
    actions.acknowledge(dossier=of.dossier.uuid, statement=given.uuid, by=actor(by))


def opinions(of: Family, entry: Any, value: str) -> CouncilStatement:
    for former in of.dossier.statements.filter(phase=P, withdrawal=None):
        StatementWithdrawal.objects.create(statement=former, at=DURING_OPINIONS, reason="CHANGED")
    return statement(of, answers=[(GT, value)], published_at=DURING_OPINIONS, submission=entry)


def plays_the_recap(of: Family, policies: dict[str, str]) -> Any:
    entry = actions.submit_choices(
        dossier=of.dossier.uuid, phase=P, choices=[GT, PRO], base_version=0, by=actor(of.mother, uuid4())
    )
    letters = OutgoingEmail.objects.filter(kind__startswith="recap")
    readers = {of.mother.uuid} | ({of.father.uuid} if policies["recap_to"] == "ALL" else set())
    assert set(letters.values_list("recipient_uuid", flat=True)) == readers
    state = "HELD" if policies["recap_when"] == "SIGN_OUT" else "READY"
    assert set(letters.values_list("state", flat=True)) == {state}
    return entry


def plays_the_objection(of: Family, policies: dict[str, str], entry: Any) -> None:
    def objects() -> Any:
        return object_to_entry(dossier=of.dossier.uuid, submission=entry.uuid, reason="", by=actor(of.father))

    if policies["objection"] == "NONE":
        assert refused(objects) == Refusal.NO_OBJECTION_ASKED
    else:
        assert objects().submission == entry
    again = [PRO]
    assert actions.submit_choices(
        dossier=of.dossier.uuid, phase=P, choices=again, base_version=1, by=actor(of.mother)
    ).version == 2  # nothing is blocked  # fmt: skip


def plays_the_acknowledgement(of: Family, policies: dict[str, str], entry: Any) -> None:
    first = opinions(of, entry, "Réservé")
    if policies["acknowledgement_by"] == "AUTHOR":
        assert refused(lambda: acknowledges(of, first, of.father)) == Refusal.AUTHOR_ACKNOWLEDGES
        acknowledges(of, first, of.mother)
    else:
        acknowledges(of, first, of.father)
    second = opinions(of, entry, "Favorable")
    if policies["opinion_change"] == "TELL":
        assert refused(lambda: acknowledges(of, second, of.mother)) == Refusal.ALREADY_ACKNOWLEDGED


def plays_the_choices(of: Family, policies: dict[str, str]) -> Any:
    def enters() -> Any:
        return actions.submit_choices(
            dossier=of.dossier.uuid, phase=D, choices=[GT, PRO], base_version=0, by=actor(of.mother)
        )

    if policies["opinion_change"] == "AGAIN":
        assert refused(enters) == Refusal.GATE_SHUT
        acknowledges(of, of.dossier.statements.get(phase=P, version=2), of.father)  # anybody's, once the entry is open
    return enters()


def plays_the_answer(of: Family, policies: dict[str, str], entry: Any) -> None:
    given = statement(
        of, D, answers=[(GT, Proposal.YES), (PRO, Proposal.YES)], beside=[CAP], submission=entry,
        published_at=DURING_PROPOSALS,
    )  # fmt: skip

    def accepts(*accepted: Any) -> Any:
        return actions.answer_proposals(
            dossier=of.dossier.uuid, statement=given.uuid, kind="ACCEPTED", accepted=[one.key for one in accepted],
            by=actor(of.mother),
        )  # fmt: skip

    if policies["acceptances"] == "ONE":
        assert refused(lambda: accepts(GT, CAP)) == Refusal.ONE_ONLY
        answer = accepts(GT)
    else:
        answer = accepts(GT, CAP)

    def agrees() -> Any:
        return actions.agree(dossier=of.dossier.uuid, answer=answer.uuid, agrees=True, by=actor(of.father))

    if policies["answered_by"] == "ALL":
        assert not Decision.objects.exists()
        agrees()
    else:
        assert Decision.objects.exists()
        assert refused(agrees) == Refusal.NO_AGREEMENT_ASKED
    decided = [one.pathway for one in Decision.objects.get().pathways.order_by("pk")]
    assert decided == (["2GT"] if policies["acceptances"] == "ONE" else ["2GT", "CAP"])


@pytest.mark.corrupts("INV-23", "INV-27", "INV-68")
@pytest.mark.parametrize("policies", pairwise(), ids=lambda row: "-".join(row.values()))
def test_a_dossier_lives_its_year_as_the_policies_say(at: At, policies: dict[str, str]) -> None:
    family = factories.family(policies=policies)
    at(DURING_INTENTIONS)
    entry = plays_the_recap(family, policies)
    plays_the_objection(family, policies, entry)
    council(family, opened_at=DURING_INTENTIONS + timedelta(days=1))
    at(DURING_OPINIONS)
    plays_the_acknowledgement(family, policies, entry)
    at(DURING_CHOICES)
    choices = plays_the_choices(family, policies)
    council(family, D, opened_at=DURING_CHOICES + timedelta(days=1))
    at(DURING_PROPOSALS)
    plays_the_answer(family, policies, choices)


@pytest.mark.parametrize(("most", "free_text"), list(product((1, 3), (True, False))))
def test_the_number_of_choices_and_the_free_text_follow_the_policies(at: At, most: int, free_text: bool) -> None:
    family = factories.family(policies={"max_choices": most, "free_text": free_text})
    at(DURING_INTENTIONS)

    def enters(*choices: Any) -> Any:
        return actions.submit_choices(
            dossier=family.dossier.uuid, phase=P, choices=choices, base_version=0, by=actor(family.mother)
        )

    if most == 1:
        assert refused(lambda: enters(GT, factories.Choice("CAP"))) == Refusal.TOO_MANY_CHOICES
    if not free_text:
        assert refused(lambda: enters(CAP)) == Refusal.DETAIL_NOT_ASKED
    assert enters(CAP if free_text else GT).version == 1


@pytest.mark.corrupts("INV-14", "INV-27", "INV-71")
def test_the_opinions_are_the_campaign_s_own_words(at: At) -> None:
    family = factories.family(policies={"opinion_values": ["Oui", "À revoir"]})
    at(DURING_INTENTIONS)
    entry = entered(family)
    council(family, opened_at=DURING_INTENTIONS)
    statement(family, answers=[(GT, "À revoir")], published_at=DURING_OPINIONS, submission=entry)
    at(DURING_OPINIONS)
    shown = client_of(family.mother.user).get(reverse("orientation:opinions", args=[family.dossier.uuid]))
    assert "À revoir" in text_of(shown)
