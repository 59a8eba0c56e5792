"""The night of a campaign after 2de GT: the details cross both ways and are checked (P2G-01…03, SIE-01, SIE-10)."""

from datetime import timedelta

import pytest

from families.models import Academy
from ledger import clock
from orientation.models import RankedChoice
from orientation.pathways import Choice
from siecle_sync.mock import desk
from siecle_sync.mock.models import MockEntry, MockOutbound
from siecle_sync.models import Run, RunLine
from siecle_sync.night import run_night
from tests.factories import DURING_CHOICES, DURING_INTENTIONS, Family
from tests.orientation.second import ELEVEN, GENERAL, INTENTION, STMG, VOCATIONAL, enters, second
from tests.siecle_sync.world import BOTH, COUNCIL_DAY, FIRST_NIGHT, SECOND_NIGHT

pytestmark = pytest.mark.django_db(databases=BOTH)


@pytest.fixture
def family() -> Family:
    clock.freeze(DURING_INTENTIONS)
    return second()


def night(at):
    clock.pretend(at)
    run_night(Academy.objects.get(pk="10"))
    return Run.objects.latest("pk")


def pupil(of):
    student = of.student
    return desk.find_pupil(uai=student.school.uai, year=2025, eleve_id=student.siecle_id, level="2GT")


def opens(of, at=COUNCIL_DAY, phase="PROVISIONAL"):
    clock.pretend(at)
    where = of.student.division
    division = desk.find_division(uai=where.school.uai, year=2025, code=where.code, level="2GT")
    desk.open_council(division, phase=phase, held_on=at.date())


def types(of, *choices: Choice, phase="PROVISIONAL"):
    desk.type_entry(pupil(of), phase=phase, choices=[one.as_json() for one in choices])


def taken(of, phase="PROVISIONAL"):
    rows = RankedChoice.objects.filter(submission__dossier=of.dossier, submission__phase=phase).order_by("rank")
    return [(one.pathway, one.series, *one.details) for one in rows]


def test_eleven_choices_cross_with_their_details(family):
    enters(family, ELEVEN)
    night(FIRST_NIGHT)
    sent = MockEntry.objects.get().choices
    assert [Choice.from_json({key: one[key] for key in ELEVEN[0].as_json()}) for one in sent] == list(ELEVEN)


def test_what_the_school_typed_comes_in_with_its_details(family):
    night(FIRST_NIGHT)
    opens(family)
    types(family, INTENTION, STMG, VOCATIONAL)
    night(SECOND_NIGHT)
    assert taken(family) == [("1GEN", "", *INTENTION.details), ("1TECHNO", "STMG"), ("VOIEPRO", "", "1PRO")]
    assert not RunLine.objects.filter(outcome="REJECTED").exists()


@pytest.mark.parametrize(
    "choice",
    [
        Choice("1GEN"),
        Choice("1GEN", details=("MATHS", "PC", "SVT")),
        Choice("1GEN", details=("MATHS", "PC", "SVT", "SES", "HLP")),
        Choice("1GEN", details=("MATHS", "PC", "SVT", "NSI:HORS")),
        Choice("1GEN", details=("MATHS", "PC", "SVT", "MATHS")),
        Choice("1GEN", details=("MATHS", "PC", "SVT", "HLP", "SVT:HORS")),
        Choice("1GEN", details=("MATHS", "PC", "SVT", "LATIN")),
        Choice("1GEN", details=("MATHS", "PC", "SVT", "SES"), free_text="Maths"),
        Choice("1TECHNO", series="STL", details=("MATHS",)),
        Choice("1BTMUS", school_status=True),
        Choice("VOIEPRO"),
        Choice("VOIEPRO", details=("BAC",)),
        Choice("VOIEPRO", details=("1PRO", "CAP")),
    ],
    ids=str,
)
def test_details_that_are_not_those_asked_are_refused_with_a_code(family, choice):
    night(FIRST_NIGHT)
    opens(family)
    types(family, STMG, choice)
    night(SECOND_NIGHT)
    assert RunLine.objects.get(outcome="REJECTED").code == "MALFORMED_DETAILS"
    assert taken(family) == []


@pytest.mark.parametrize("details", ["1PRO", {"0": "1PRO"}, [["1PRO"]], [1], [None]])
def test_details_that_are_not_a_list_of_codes_are_refused(family, details):
    night(FIRST_NIGHT)
    opens(family)
    line = {**VOCATIONAL.as_json(), "details": ["1PRO"]}
    desk.type_entry(pupil(family), phase="PROVISIONAL", choices=[line])
    sent = MockOutbound.objects.get(kind="SCHOOL_ENTRY")
    sent.payload["choices"][0]["details"] = details
    sent.save()
    night(SECOND_NIGHT)
    assert RunLine.objects.get(outcome="REJECTED").code == "MALFORMED_DETAILS"


def test_a_definitive_choice_typed_by_the_school_holds_three_subjects(family):
    night(FIRST_NIGHT)
    opens(family, DURING_CHOICES, "DEFINITIVE")
    types(family, Choice("1GEN", details=("MATHS", "PC", "SVT", "SES")), phase="DEFINITIVE")
    night(DURING_CHOICES + timedelta(days=1))
    assert RunLine.objects.get(outcome="REJECTED").code == "MALFORMED_DETAILS"
    clock.pretend(DURING_CHOICES + timedelta(days=1, hours=8))
    types(family, GENERAL, phase="DEFINITIVE")
    night(DURING_CHOICES + timedelta(days=2))
    assert taken(family, "DEFINITIVE") == [("1GEN", "", *GENERAL.details)]
