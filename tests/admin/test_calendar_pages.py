"""The calendar on its page: the year line, the councils too near, what families will read (CAL-02, CAL-03, CAL-04)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.journal import SIECLE
from orientation import actions
from orientation.actions.calendar import extend_window
from orientation.enums import Phase, WindowKind
from orientation.models import ClassCouncil, PhaseWindow
from tests import factories
from tests.admin.world import client_of, page
from tests.factories import DURING_INTENTIONS, INTENTIONS_CLOSE, INTENTIONS_OPEN, Family

pytestmark = pytest.mark.django_db(databases=["default", "siecle_mock"])
At = Callable[[datetime | str], None]
LAST_DAY = date(2026, 2, 20)  # the entry ends that day at midnight, in Paris


@pytest.fixture
def family(at: At) -> Family:
    at(DURING_INTENTIONS)
    return factories.family()


def shown(family: Family, role: str = "ACADEMY") -> Any:
    school = family.student.school
    of = school.academy if role == "ACADEMY" else school
    return page(client_of(factories.staff(of, role)), "orientation_campaign_change", family.dossier.campaign.pk)


def council(family: Family, held_on: date, phase: str = Phase.PROVISIONAL) -> ClassCouncil:
    return ClassCouncil.objects.create(
        campaign=family.dossier.campaign, division=family.student.division, phase=phase, held_on=held_on
    )


def extended(family: Family, **scope: Any) -> None:
    extend_window(
        campaign=family.dossier.campaign, phase=Phase.PROVISIONAL, kind=WindowKind.ENTRY, user=factories.user(),
        closes_at=INTENTIONS_CLOSE + timedelta(days=3), reason="Panne", by=SIECLE, **scope,
    )  # fmt: skip


def test_the_windows_stand_in_order_on_the_year_line_and_in_the_table(family: Family) -> None:
    line = shown(family).context["line"]
    starts = [one.x for one in line.spans]
    assert [one.look for one in line.spans] == ["out", "in", "out", "in"] and starts == sorted(starts)
    assert [one.words for one in line.months] == ["janv.", "févr.", "mars", "avr.", "mai", "juin"]
    assert line.spans[0].x < line.today < line.spans[0].more_x
    assert "12 janvier 2026" in line.spans[0].opens and "20 février 2026 à 23" in line.spans[0].closes


def test_an_extension_for_everybody_is_drawn_and_one_for_a_school_is_told(family: Family) -> None:
    extended(family, school=family.student.school, division=None)
    first = shown(family).context["line"].spans[0]
    assert (first.more, first.shorter) == (0, 1)
    extended(family, school=None, division=None)
    first = shown(family).context["line"].spans[0]
    assert first.more > 0 and "23 février 2026" in first.closes


@pytest.mark.parametrize(
    ("held_on", "warned"),
    [(LAST_DAY, True), (LAST_DAY + timedelta(days=1), True), (LAST_DAY + timedelta(days=2), False)],
)
def test_a_council_less_than_24_hours_after_the_entry_is_a_warning(family: Family, held_on: date, warned: bool) -> None:
    council(family, held_on)
    late = shown(family).context["late"]
    assert [family.student.division.code in divisions for _, divisions in late] == ([True] if warned else [])


def test_the_days_of_the_councils_are_marked_and_told_and_those_too_near_are_another_sign(family: Family) -> None:
    council(family, LAST_DAY)
    other = factories.family(of=factories.division(family.student.school, "3 B"))
    council(other, LAST_DAY + timedelta(days=9))
    answer = shown(family)
    line = answer.context["line"]
    assert sorted((one.late, one.sign) for one in line.councils) == [(False, "△"), (True, "▲")]
    assert [days for _, days in line.days] == ["2 divisions, du 20/02/2026 au 01/03/2026"]
    assert "du 20/02/2026 au 01/03/2026" in answer.content.decode()
    near, far = sorted(line.councils, key=lambda one: one.x)
    assert (near.late, far.late) == (True, False)


def test_the_warning_counts_extensions_and_the_school_s_own_closing(family: Family) -> None:
    council(family, LAST_DAY + timedelta(days=3))
    assert shown(family).context["late_count"] == 0
    extended(family, school=None, division=family.student.division)
    assert shown(family).context["late_count"] == 1
    actions.set_closing(
        campaign=family.dossier.campaign, school=family.student.school, phase=Phase.PROVISIONAL,
        closes_at=INTENTIONS_CLOSE, user=factories.user(), by=SIECLE,
    )  # fmt: skip
    assert shown(family).context["late_count"] == 0


def test_a_council_already_open_is_no_warning(family: Family) -> None:
    division, campaign = family.student.division, family.dossier.campaign
    actions.open_council(
        uai=division.school.uai, year=campaign.year, level=campaign.level, division=division.code,
        phase=Phase.PROVISIONAL, held_on=LAST_DAY, by=SIECLE,
    )  # fmt: skip
    assert shown(family).context["late_count"] == 0


def test_a_school_reads_the_calendar_and_only_its_own_divisions(family: Family) -> None:
    neighbour = factories.family(of=factories.division(factories.school(), "3 Z"))
    for one in (family, neighbour):
        council(one, LAST_DAY)
    answer = shown(family, "READER")
    assert answer.status_code == 200
    assert [name for name, _ in answer.context["late"]] == [str(family.student.school)]
    assert len(shown(family).context["late"]) == 2
    assert not answer.context["has_change_permission"]


def test_the_window_not_yet_set_is_named(family: Family) -> None:
    PhaseWindow.objects.filter(phase=Phase.DEFINITIVE, kind=WindowKind.CONSULTATION).delete()
    assert len(shown(family).context["missing"]) == 1


def test_families_read_before_the_opening_the_very_lines_of_the_preview(family: Family, at: At) -> None:
    preview = shown(family).context["openings"]
    at(INTENTIONS_OPEN - timedelta(days=30))
    read = client_of(family.mother.user).get(f"/dossiers/{family.dossier.uuid}/")
    assert len(preview) == 2 and read.context["openings"] == preview


def test_the_page_costs_the_same_whatever_the_number_of_councils(family: Family) -> None:
    client = client_of(factories.staff(family.student.school.academy, "ACADEMY"))

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(client, "orientation_campaign_change", family.dossier.campaign.pk)
        return len(queries)

    council(family, LAST_DAY)
    cost()
    few = cost()
    for number in range(5):
        council(factories.family(of=factories.division(factories.school(), f"3 {number}")), LAST_DAY)
    assert cost() == few
