"""The fan-in of a night: every académie, finished, failed, late or not begun, by query and by command."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger import clock
from siecle_sync.models import MassChange
from siecle_sync.report import national_report, text_of_schools
from tests import factories
from tests.admin.nights import IN, MORNING, NIGHT, OUT, TWO_O_CLOCK, a_part, a_run, of_school
from tests.admin.world import World, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def everywhere() -> World:
    clock.pretend(MORNING)
    return world()


def states(*academies: str) -> dict[str, str]:
    return {one.academy.pk: one.state.value for one in national_report(NIGHT).academies}


def test_an_academie_is_finished_failed_late_or_not_begun(everywhere: World) -> None:
    lyon, reunion = everywhere.here.dossier.campaign, everywhere.far.dossier.campaign
    assert states() == {"10": "LATE", "28": "LATE"}
    clock.pretend(datetime(2026, 1, 21, 0, 30, tzinfo=UTC))  # half past one in Paris, half past four in La Réunion
    assert states() == {"10": "NOT_BEGUN", "28": "NOT_BEGUN"}
    clock.pretend(datetime(2026, 1, 21, 1, 30, tzinfo=UTC))
    assert states() == {"10": "NOT_BEGUN", "28": "LATE"}
    a_run(lyon, state="RUNNING")
    a_run(reunion, state="FAILED", error="Siècle Orientation ne répond pas.")
    assert states() == {"10": "RUNNING", "28": "FAILED"}
    clock.pretend(MORNING)
    assert states() == {"10": "LATE", "28": "FAILED"}


def test_the_last_run_of_a_campaign_counts_and_a_rehearsal_does_not(everywhere: World) -> None:
    campaign = everywhere.here.dossier.campaign
    a_run(campaign, state="FAILED")
    a_run(campaign)
    a_run(campaign, state="DRY")
    assert states()["10"] == "FINISHED"


def test_a_campaign_without_a_run_keeps_its_academie_from_being_finished(everywhere: World) -> None:
    second = factories.family(of=everywhere.here.student.division, level="2GT").dossier.campaign
    a_run(everywhere.here.dossier.campaign)
    assert states()["10"] == "LATE"
    a_run(second)
    assert states()["10"] == "FINISHED"


def test_a_campaign_of_last_year_is_not_waited_for(everywhere: World) -> None:
    a_run(everywhere.here.dossier.campaign)
    everywhere.lyon.campaigns.create(year=2024, level="3E")
    factories.student(everywhere.here.student.division, year=2024)
    assert states()["10"] == "FINISHED"


def test_figures_are_summed_over_runs_and_academies(everywhere: World) -> None:
    lyon, reunion = everywhere.here.dossier.campaign, everywhere.far.dossier.campaign
    run = a_run(lyon)
    a_part(run, 1)
    a_part(run, 2, state="RUNNING")
    of_school(run, "0690001A", "OUT")
    of_school(run, "0690002B", "OUT")
    of_school(a_run(reunion), "9740001C", "IN")
    MassChange.objects.create(
        campaign=reunion, uai=everywhere.far.student.school.uai, up_to=9, standing=20, touched=19, found_at=TWO_O_CLOCK
    )
    report = national_report(NIGHT)
    assert (report.out.read, report.into.rejected) == (2 * OUT["read"], IN["rejected"])
    assert [(one.parts, one.parts_finished, one.to_confirm) for one in report.academies] == [(0, 0, 1), (2, 1, 0)]
    assert report.academies[0].duration == timedelta(minutes=20)
    assert (
        report.out.read == report.out.accepted + report.out.rejected + report.out.not_processed + report.out.unchanged
    )


def test_an_academie_may_be_asked_for_alone(everywhere: World) -> None:
    alone = national_report(NIGHT, academies=type(everywhere.lyon).objects.filter(pk="28"))
    assert [one.academy.pk for one in alone.academies] == ["28"]


def test_the_number_of_queries_does_not_depend_on_the_number_of_academies(everywhere: World) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            national_report(NIGHT).as_json()
        return len(captured)

    a_run(everywhere.here.dossier.campaign)
    before = asked()
    for code in ("13", "14", "15"):
        made = factories.family(of=factories.division(factories.school(academy=factories.academy(code, name=code))))
        a_part(a_run(made.dossier.campaign))
    assert asked() == before <= 6  # with that of the pretended date


def test_the_command_says_the_same_in_words_and_in_json(everywhere: World, capsys: Any) -> None:
    failed = a_run(everywhere.here.dossier.campaign, state="FAILED", error="Siècle Orientation ne répond pas.")
    of_school(failed, everywhere.school, "OUT")
    call_command("night_report", date=NIGHT, json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["states"] == {"FINISHED": 0, "RUNNING": 0, "FAILED": 1, "LATE": 1, "NOT_BEGUN": 0}
    assert [(one["academy"], one["out"]["read"]) for one in told["academies"]] == [("28", 0), ("10", OUT["read"])]
    call_command("night_report")  # today
    said = capsys.readouterr().out
    assert "Siècle Orientation ne répond pas." in said and str(everywhere.reunion) in said


def test_a_run_is_told_school_by_school_with_its_reasons(everywhere: World) -> None:
    school = everywhere.school
    run = a_run(everywhere.here.dossier.campaign, state="DRY")
    of_school(run, school, "IN")
    of_school(run, "0000000X", "OUT", by_code={})
    told = text_of_schools(run.schools.all()).splitlines()
    assert len(told) == 3
    assert "0000000X" in told[0] and "10 lues" in told[0] and "4 nouvelles" in told[0]
    assert school.name in told[1] and "3 nouvelles" in told[1] and "2 refusées" in told[1]
    assert "2 MALFORMED" in told[2]
