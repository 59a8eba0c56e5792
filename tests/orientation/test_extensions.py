"""The académie extends a window in one act: for all, a school or a division; the widest end counts (CAL-03)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from families.models import Student, User
from ledger.journal import SYSTEM
from ledger.models import JournalEntry, OutgoingEmail
from orientation import actions, letters
from orientation.actions.calendar import extend_window
from orientation.enums import Phase, WindowKind
from orientation.models import Extension, Submission
from orientation.reading import load_facts
from orientation.rules import Refusal, RuleBroken
from tests import factories
from tests.admin.world import client_of, page
from tests.factories import (
    DURING_INTENTIONS,
    GT,
    INTENTIONS_CLOSE,
    PRO,
    PROPOSALS_CLOSE,
    Family,
    actor,
)
from tests.orientation.screens import add, address, press, signed_in, text_of
from tests.orientation.states import At, proposed

pytestmark = pytest.mark.django_db(databases=["default", "siecle_mock"])
P, D, ENTRY, CONSULTATION = Phase.PROVISIONAL, Phase.DEFINITIVE, WindowKind.ENTRY, WindowKind.CONSULTATION
A_DAY = timedelta(days=1)
LATER = "mercredi 25 février 2026 à 23 h 59 (heure de Paris)"
NEW_END = datetime(2026, 2, 25, 23, tzinfo=UTC)


def extends(of: Family, closes_at: datetime = NEW_END, **scope: Any) -> Extension:
    phase, kind = scope.pop("phase", P), scope.pop("kind", ENTRY)
    return extend_window(
        campaign=of.dossier.campaign, phase=phase, kind=kind, closes_at=closes_at, reason="neige", user=saio(of),
        by=SYSTEM, **scope,
    )  # fmt: skip


def saio(of: Family) -> User:
    return of.mother.user


def submit(of: Family, base: int = 0) -> Submission:
    choices = [PRO, GT] if base % 2 else [GT, PRO]
    return actions.submit_choices(
        dossier=of.dossier.uuid, phase=P, choices=choices, base_version=base, by=actor(of.mother)
    )


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(RuleBroken) as broken:
        act()
    return broken.value.code


def end_of(family: Family, phase: str = P, kind: str = ENTRY) -> datetime:
    return load_facts(family.dossier.uuid).window(phase, kind).closes_at


@pytest.fixture
def family(at: At) -> Family:
    at(DURING_INTENTIONS)
    return factories.family()


# --- one recorded act, which widens only ------------------------------------------------------------------------------
def test_an_extension_is_recorded_once_with_who_why_and_until_when(family: Family) -> None:
    extends(family, school=family.student.school)
    line = JournalEntry.objects.get(verb="window_extended")
    assert line.data["school"] == family.student.school.uai
    assert (line.data["reason"], line.data["closes_at"]) == ("neige", NEW_END.isoformat())


@pytest.mark.parametrize("closes_at", [INTENTIONS_CLOSE - A_DAY, INTENTIONS_CLOSE, DURING_INTENTIONS - A_DAY])
def test_the_act_refuses_an_end_that_is_not_later(family: Family, closes_at: datetime) -> None:
    assert refusal(lambda: extends(family, closes_at)) == Refusal.NOT_LATER
    assert not Extension.objects.exists()
    assert not OutgoingEmail.objects.exists()


def test_the_act_refuses_an_end_already_passed(family: Family, at: At) -> None:
    at(NEW_END + A_DAY)
    assert refusal(lambda: extends(family)) == Refusal.NOT_LATER


def test_an_extension_says_nothing_to_a_scope_that_has_more_already(family: Family) -> None:
    extends(family)
    school, division = family.student.school, family.student.division
    assert refusal(lambda: extends(family)) == Refusal.NOT_LATER
    assert refusal(lambda: extends(family, NEW_END - A_DAY, school=school)) == Refusal.NOT_LATER
    assert refusal(lambda: extends(family, NEW_END - A_DAY, division=division)) == Refusal.NOT_LATER
    extends(family, NEW_END + A_DAY, school=school)
    assert refusal(lambda: extends(family, NEW_END + A_DAY, division=division)) == Refusal.NOT_LATER
    assert extends(factories.family(), NEW_END + A_DAY).school is None  # the others may have as much


def test_an_extension_of_a_narrow_scope_does_not_hold_back_a_wide_one(family: Family) -> None:
    extends(family, NEW_END + A_DAY, division=family.student.division)
    assert extends(family, NEW_END).closes_at == NEW_END


def test_the_act_refuses_an_entry_that_would_run_into_its_consultation(family: Family) -> None:
    assert refusal(lambda: extends(family, factories.OPINIONS_OPEN + A_DAY)) == Refusal.WRONG_ORDER


def test_the_act_refuses_a_window_without_dates(family: Family) -> None:
    family.dossier.campaign.windows.filter(phase=P, kind=ENTRY).delete()
    assert refusal(lambda: extends(family)) == Refusal.NO_WINDOW


# --- whom it concerns, and the widest end -----------------------------------------------------------------------------
def test_each_scope_extends_for_its_own_families_and_the_widest_end_counts(family: Family) -> None:
    school = family.student.school
    beside = factories.family(of=factories.division(school, "3 B"))
    elsewhere = factories.family()
    extends(family, NEW_END - A_DAY)
    extends(family, NEW_END, school=school)
    extends(family, NEW_END + A_DAY, division=family.student.division)
    ends = [end_of(one) for one in (family, beside, elsewhere)]
    assert ends == [NEW_END + A_DAY, NEW_END, NEW_END - A_DAY]


def test_a_wide_extension_later_than_a_narrow_one_counts(family: Family) -> None:
    extends(family, NEW_END - A_DAY, division=family.student.division)
    extends(family, NEW_END)
    assert end_of(family) == NEW_END


def test_the_families_concerned_are_told_and_no_other(family: Family) -> None:
    beside = factories.family(of=factories.division(family.student.school, "3 B"))
    gone = factories.family(of=family.student.division)
    unsettled = factories.family(of=family.student.division)
    factories.leaves(gone)
    Student.objects.filter(pk=unsettled.student.pk).update(scope="TO_DECIDE", scope_reason="NO_MEF")
    extends(family, division=family.student.division)
    told = set(OutgoingEmail.objects.filter(kind="window_extended").values_list("recipient_uuid", flat=True))
    assert told == {one.uuid for one in [*family.parents, *unsettled.parents]}
    assert not told & {one.uuid for one in beside.parents}


# --- what the screens say, and what a longer window opens -------------------------------------------------------------
def test_every_screen_of_the_family_shows_the_new_end(family: Family) -> None:
    mother = signed_in(family.mother)
    assert LATER not in text_of(mother.get(address(family, "dossier")))
    extends(family, school=family.student.school)
    for screen, path in (("dossier", {}), ("entry", {"phase": P}), ("entry_add", {"phase": P})):
        assert f"jusqu’au {LATER}" in text_of(mother.get(address(family, screen, **path)))
    assert f"jusqu’au {LATER}" in text_of(mother.get("/mes-services/"))
    assert LATER in text_of(mother.get(address(family, "dossier"))).split("Le calendrier")[1]


def test_the_school_reads_the_new_end_and_which_division_has_more(family: Family) -> None:
    school = family.student.school
    extends(family, school=school)
    extends(family, NEW_END + A_DAY, division=family.student.division)
    shown = page(client_of(factories.staff(school)), "school_life", school.pk).content.decode()
    assert LATER.split(" à ")[0] in shown
    assert "3 A\u00a0: jusqu’au jeudi 26 février 2026" in shown


def test_a_recap_and_the_letter_of_the_extension_say_the_new_end(family: Family) -> None:
    extends(family)
    submit(family)
    for kind in ("recap_author", "recap_other", "window_extended"):
        text = letters.render(OutgoingEmail.objects.filter(kind=kind).first()).text
        assert "mercredi 25 février 2026" in text


def test_an_extension_given_after_the_window_has_closed_opens_it_again(family: Family, at: At) -> None:
    at(INTENTIONS_CLOSE + A_DAY)
    mother = signed_in(family.mother)
    assert refusal(lambda: submit(family)) == Refusal.ENTRY_CLOSED
    extends(family)
    assert "À faire maintenant : saisir les intentions" in text_of(mother.get(address(family, "dossier")))
    assert add(mother, family, "2GT").status_code == 302
    assert press(mother, family, "entry_validate").status_code == 302
    at(NEW_END)
    assert refusal(lambda: submit(family, 1)) == Refusal.ENTRY_CLOSED


def test_the_school_s_own_closing_still_bounds_an_extended_entry(family: Family, at: At) -> None:
    closing = INTENTIONS_CLOSE - A_DAY
    actions.set_closing(
        campaign=family.dossier.campaign, school=family.student.school, phase=P, closes_at=closing, user=saio(family),
        by=SYSTEM,
    )  # fmt: skip
    extends(family)
    assert "jusqu’au jeudi 19 février 2026" in text_of(signed_in(family.mother).get(address(family, "dossier")))
    at(closing)
    assert refusal(lambda: submit(family)) == Refusal.ENTRY_CLOSED
    text = letters.render(OutgoingEmail.objects.filter(kind="window_extended").first()).text
    assert "n’est pas ouverte dans votre établissement" in text


def test_an_entry_that_the_council_ended_stays_ended(family: Family) -> None:
    factories.council(family, opened_at=DURING_INTENTIONS)
    extends(family, division=family.student.division)
    assert refusal(lambda: submit(family)) == Refusal.COUNCIL_OPEN
    assert "La saisie est fermée depuis" in text_of(signed_in(family.mother).get(address(family, "entry", phase=P)))


def test_a_service_switched_off_stays_off(family: Family) -> None:
    actions.switch_service(
        campaign=family.dossier.campaign, school=family.student.school, enabled=False, user=saio(family), by=SYSTEM
    )
    extends(family)
    assert refusal(lambda: submit(family)) == Refusal.SERVICE_OFF


def test_a_longer_consultation_takes_an_answer_after_the_former_end(at: At) -> None:
    family = factories.family()
    proposed(family, at)
    at(PROPOSALS_CLOSE + A_DAY)
    given = family.dossier.statements.get(phase=D)

    def answers() -> Any:
        return actions.answer_proposals(
            dossier=family.dossier.uuid, statement=given.uuid, kind="ACCEPTED", accepted=[PRO.key],
            by=actor(family.mother),
        )  # fmt: skip

    assert refusal(answers) == Refusal.CONSULTATION_CLOSED
    extends(family, PROPOSALS_CLOSE + 3 * A_DAY, phase=D, kind=CONSULTATION, school=family.student.school)
    shown = text_of(signed_in(family.mother).get(address(family, "proposals")))
    assert "jusqu’au lundi 15 juin 2026" in shown
    assert answers().kind == "ACCEPTED"


def test_a_child_who_leaves_a_division_leaves_its_extension(family: Family) -> None:
    extends(family, division=family.student.division)
    assert end_of(family) == NEW_END
    factories.changes_division(family)
    assert end_of(family) == INTENTIONS_CLOSE
