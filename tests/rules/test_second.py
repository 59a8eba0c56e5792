"""After 2de GT (P2G-01…04): eleven choices, the series, the specialty subjects, the vocational pathway."""

import pytest

from orientation.pathways import SERIES, SPECIALTIES, VOCATIONAL_KINDS, Choice, Specialty
from orientation.rules import Refusal, check_choice, check_choices, specialties_wanted
from tests.rules.world import D, P, facts

OFFER = ("HGGSP", "HLP", "LLCER", "MATHS", "PC", "SES", "SVT")
ELEVEN = (
    Choice("1GEN", details=("MATHS", "PC", "SVT")),
    *(Choice("1TECHNO", series=code) for code, _ in SERIES),
    Choice("1BTMUS"),
    Choice("VOIEPRO", details=("1PRO",)),
)


def second(*, offer=OFFER, **policies):
    return facts(level="2GT", policies={"max_choices": 11, **policies}, specialties_offered=offer)


def general(*details):
    return Choice("1GEN", details=details)


def refused(choice, phase=D, **world):
    return check_choice(second(**world), phase, choice)


def test_there_are_eleven_different_choices_and_thirteen_subjects():
    assert check_choices(second(), D, ELEVEN) == []
    assert len(ELEVEN) == len({one.key for one in ELEVEN}) == 11
    assert len({code for code, _ in SPECIALTIES}) == 13


@pytest.mark.parametrize("again", ELEVEN, ids=lambda one: one.label)
def test_a_twelfth_choice_is_too_many_and_one_of_the_eleven_again(again):
    broken = check_choices(second(), D, [*ELEVEN, again])
    assert [(one.code, one.rank) for one in broken] == [
        (Refusal.TOO_MANY_CHOICES, None), (Refusal.PATHWAY_TWICE, 12),
    ]  # fmt: skip


@pytest.mark.parametrize("pathway", ["2GT", "2PRO", "CAP", "STMG", ""])
def test_the_pathways_after_3e_are_not_asked_after_2de(pathway):
    assert refused(Choice(pathway)) == Refusal.PATHWAY_UNKNOWN


def test_1re_technologique_needs_one_of_its_series():
    assert refused(Choice("1TECHNO")) == Refusal.SERIES_MISSING
    assert refused(Choice("1TECHNO", series="S")) == Refusal.PATHWAY_UNKNOWN
    assert {refused(Choice("1TECHNO", series=code)) for code, _ in SERIES} == {None}


@pytest.mark.parametrize("pathway", ["1GEN", "1BTMUS", "VOIEPRO"])
def test_the_other_pathways_have_no_series(pathway):
    assert refused(Choice(pathway, series="STMG")) == Refusal.PATHWAY_UNKNOWN


@pytest.mark.parametrize("details", [(), ("BAC",), ("",), ("1PRO", "CAP"), ("1PRO", "1PRO")])
def test_the_vocational_pathway_needs_one_kind(details):
    assert refused(Choice("VOIEPRO", details=details)) == Refusal.KIND_MISSING


@pytest.mark.parametrize("kind", [code for code, _ in VOCATIONAL_KINDS])
def test_the_vocational_pathway_is_entered_as_after_3e(kind):
    full = Choice("VOIEPRO", details=(kind,), free_text="Cuisine", school_status=True, apprentice_status=True)
    assert refused(full) is None
    assert refused(full, free_text=False) == Refusal.DETAIL_NOT_ASKED


def test_the_vocational_pathway_is_asked_once_whatever_its_kind():
    asked = [Choice("VOIEPRO", details=("1PRO",)), Choice("VOIEPRO", details=("CAP",))]
    assert [one.code for one in check_choices(second(), D, asked)] == [Refusal.PATHWAY_TWICE]


def test_1re_generale_is_asked_once_whatever_its_subjects():
    asked = [general("MATHS", "PC", "SVT"), general("MATHS", "PC", "SES")]
    assert [one.code for one in check_choices(second(), D, asked)] == [Refusal.PATHWAY_TWICE]


@pytest.mark.parametrize(
    "choice",
    [
        Choice("1TECHNO", series="STMG", details=("MATHS",)),
        Choice("1BTMUS", details=("1PRO",)),
        Choice("1GEN", free_text="Maths", details=("MATHS", "PC", "SVT")),
        Choice("1TECHNO", series="STMG", free_text="x"),
        Choice("1BTMUS", school_status=True),
        Choice("1GEN", apprentice_status=True, details=("MATHS", "PC", "SVT")),
    ],
    ids=str,
)
def test_no_other_detail_is_taken(choice):
    assert refused(choice) == Refusal.DETAIL_NOT_ASKED


@pytest.mark.parametrize("phase", [P, D])
@pytest.mark.parametrize("outside", [0, 1, 2])
@pytest.mark.parametrize("count", range(8))
def test_the_number_of_subjects_follows_the_phase_and_where_they_are(phase, outside, count):
    inside = max(count - outside, 0)
    asked = general(*OFFER[:inside], *["NSI:HORS", "SI:HORS"][: count - inside])
    wanted = 3 if phase == D else 5 if any(":" in one for one in asked.details) else 4
    assert inside <= len(OFFER)
    assert refused(asked, phase) == (None if count == wanted else Refusal.SPECIALTIES_COUNT)


def test_the_numbers_of_the_intention_are_data_of_the_campaign():
    three = second(specialties=3, specialties_if_outside=6)
    assert [specialties_wanted(three, P, outside=one) for one in (False, True)] == [3, 6]
    assert [specialties_wanted(three, D, outside=one) for one in (False, True)] == [3, 3]
    assert check_choice(three, P, general("MATHS", "PC", "SVT")) is None
    assert check_choice(three, P, general("MATHS", "PC", "SVT", "SES")) == Refusal.SPECIALTIES_COUNT


def test_the_subjects_are_different_and_known():
    assert refused(general("MATHS", "PC", "MATHS")) == Refusal.SPECIALTY_TWICE
    assert refused(general("MATHS", "PC", "LATIN")) == Refusal.SPECIALTY_UNKNOWN
    assert refused(general("MATHS", "PC", "MATHS:HORS")) == Refusal.SPECIALTY_TWICE
    assert refused(general("MATHS", "PC", "SVT:AILLEURS")) == Refusal.SPECIALTY_UNKNOWN


def test_a_subject_is_asked_in_the_school_only_if_it_is_offered_there():
    assert refused(general("MATHS", "PC", "NSI")) == Refusal.SPECIALTY_NOT_OFFERED
    assert refused(general("MATHS", "PC", "NSI:HORS")) is None
    assert refused(general("NSI:HORS", "SI:HORS", "ARTS:HORS")) is None


def test_a_subject_is_asked_outside_only_if_the_school_does_not_offer_it():
    assert refused(general("MATHS", "PC", "SVT:HORS")) == Refusal.SPECIALTY_NOT_OFFERED


def test_a_school_that_has_not_said_its_offer_offers_everything():
    assert refused(general("NSI", "SI", "ARTS"), offer=()) is None
    assert refused(general("NSI", "SI", "ARTS:HORS"), offer=()) == Refusal.SPECIALTY_NOT_OFFERED


def test_an_offer_that_changes_after_the_draft_refuses_the_choice_at_its_rank():
    drafted = [Choice("1BTMUS"), general("MATHS", "PC", "SVT")]
    assert check_choices(second(), D, drafted) == []
    broken = check_choices(second(offer=("MATHS", "PC")), D, drafted)
    assert [(one.code, one.rank) for one in broken] == [(Refusal.SPECIALTY_NOT_OFFERED, 2)]


def test_the_details_are_read_in_full():
    assert general("MATHS", "NSI:HORS").lines == (
        "Enseignements de spécialité\u00a0: Mathématiques\u00a0; "
        "Numérique et sciences informatiques (hors de l’établissement)",
    )
    assert Choice("VOIEPRO", details=("1PRO",), free_text="Cuisine", apprentice_status=True).lines == (
        "1re professionnelle", "Spécialité(s) ou famille(s) de métiers\u00a0: Cuisine", "Sous statut d’apprenti",
    )  # fmt: skip
    assert Choice("1TECHNO", series="STMG").label == "1re technologique – STMG"


@pytest.mark.parametrize("detail", ["MATHS", "NSI:HORS", "SVT:AILLEURS"])
def test_a_subject_is_written_as_it_was_read(detail):
    assert Specialty.from_detail(detail).detail == detail
