"""The pages of the nights: the list and its picture, a run, the whole country; each reads what is theirs (ACC-06)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from families.models import StaffMembership, User
from ledger import clock
from siecle_sync.contract import SENTENCES
from siecle_sync.models import HeldLine
from tests import factories
from tests.admin.nights import MORNING, NIGHT, OUT, a_line, a_part, a_run, of_school
from tests.admin.world import World, client_of, page, world

pytestmark = pytest.mark.django_db
LIST, ONE, LINES = "siecle_sync_run_changelist", "siecle_sync_run_change", "siecle_sync_runline_changelist"


@pytest.fixture
def everywhere() -> World:
    clock.pretend(MORNING)
    return world()


@pytest.fixture
def saio(everywhere: World) -> Client:
    return client_of(factories.staff(everywhere.lyon, "ACADEMY"))


def html(response: HttpResponse) -> str:
    assert response.status_code == 200
    return response.content.decode()


def national() -> User:
    person = factories.user(is_staff=True)
    StaffMembership.objects.create(user=person, role="NATIONAL")
    return person


def queries(client: Client, name: str, *args: Any, **query: Any) -> int:
    page(client, "index")  # the first request of a session writes it
    with CaptureQueriesContext(connection) as captured:
        assert page(client, name, *args, **query).status_code == 200
    return len(captured)


# --- the list ---------------------------------------------------------------------------------------------------------
def test_the_picture_holds_the_last_five_weeks_of_the_reader_s_runs(everywhere: World, saio: Client) -> None:
    campaign = everywhere.here.dossier.campaign
    a_run(campaign, minutes=20)
    a_run(campaign, night_on=NIGHT - timedelta(days=1), state="FAILED", minutes=5)
    a_run(campaign, night_on=NIGHT - timedelta(days=35))
    a_run(campaign, state="DRY", minutes=500)
    a_run(everywhere.far.dossier.campaign, minutes=300)
    shown = page(saio, LIST).context
    nights = [(one.night_on, one.longest, one.out, one.failed) for one in shown["nights"]]
    assert nights == [
        (NIGHT - timedelta(days=1), timedelta(minutes=5), OUT["read"], 1),
        (NIGHT, timedelta(minutes=20), OUT["read"], 0),
    ]
    assert len(shown["chart"].crosses) == 1
    assert [bar.look for bar in shown["chart"].bars] == ["failed", "out", "in", "ok", "out", "in"]
    assert shown["chart"].bars[3].height == 60  # twenty minutes, of twenty


def test_a_run_that_goes_on_shows_its_parts_and_refreshes_the_page(everywhere: World, saio: Client) -> None:
    run = a_run(everywhere.here.dossier.campaign, state="RUNNING")
    a_part(run, 1)
    a_part(run, 2, state="RUNNING", step="LOCKED")
    a_part(run, 3, state="WAITING")
    answer = page(saio, LIST)
    assert answer.headers["Refresh"] == "10"
    assert '<progress max="3" value="1">' in html(answer)
    [one] = answer.context["running"]
    assert (one.parts, one.finished, len(one.steps)) == (3, 1, 1)
    assert "Refresh" not in page(saio, LIST, fixe="1").headers  # WCAG 2.2.1: the reader can stop it
    assert page(saio, ONE, run.pk).headers["Refresh"] == "10"
    assert "Refresh" not in page(saio, ONE, run.pk, fixe="1").headers


def test_nothing_refreshes_when_nothing_runs(everywhere: World, saio: Client) -> None:
    run = a_run(everywhere.here.dossier.campaign)
    for answer in (page(saio, LIST), page(saio, ONE, run.pk)):
        assert "Refresh" not in answer.headers
        assert "<progress" not in html(answer)


def test_the_list_asks_no_more_for_more_runs(everywhere: World, saio: Client) -> None:
    campaign = everywhere.here.dossier.campaign
    a_run(campaign)
    before = queries(saio, LIST)
    for days in range(1, 9):
        a_part(a_run(campaign, night_on=NIGHT - timedelta(days=days)))
    assert queries(saio, LIST) == before


# --- one run ----------------------------------------------------------------------------------------------------------
def test_a_run_adds_up_by_school_and_says_why_lines_are_refused(everywhere: World, saio: Client) -> None:
    run = a_run(everywhere.here.dossier.campaign)
    of_school(run, everywhere.school, "OUT", by_code={"MALFORMED": 1})
    of_school(run, everywhere.neighbour.student.school, "OUT", by_code={})
    answer = page(saio, ONE, run.pk)
    [(way, figures)] = answer.context["totals"]
    assert (way, figures.read) == ("OUT", 2 * OUT["read"])
    assert figures.read == figures.accepted + figures.rejected + figures.not_processed + figures.unchanged
    assert [one.reasons and one.reasons[0][0] for one in answer.context["rows"]] == ["MALFORMED", []]
    assert escape(SENTENCES["MALFORMED"]) in html(answer)


def test_a_school_reads_its_own_rows_and_no_part_of_the_academie(everywhere: World) -> None:
    run = a_run(everywhere.here.dossier.campaign)
    other = everywhere.neighbour.student.school
    a_part(run, error="OperationalError : could not connect")
    of_school(run, everywhere.school)
    of_school(run, other)
    of_school(run, "0000000X")  # nobody's
    answer = page(client_of(factories.staff(everywhere.school, "READER")), ONE, run.pk)
    assert [one.row.uai for one in answer.context["rows"]] == [everywhere.school.uai]
    assert answer.context["totals"][0][1].read == 5
    assert answer.context["parts"] == []
    assert other.uai not in html(answer) and "OperationalError" not in html(answer)


def test_the_academie_reads_every_row_and_every_part_and_its_error_in_words(everywhere: World, saio: Client) -> None:
    run = a_run(everywhere.here.dossier.campaign, state="FAILED", error="ExchangeFailed : Siècle ne répond pas.")
    a_part(run, state="FAILED", step="DEPOSITED", attempts=3, error="OperationalError : could not connect")
    of_school(run, everywhere.school)
    of_school(run, "0000000X")
    answer = page(saio, ONE, run.pk)
    assert len(answer.context["rows"]) == 2
    [part] = answer.context["parts"]
    assert part.failed and "OperationalError" not in part.error and part.error
    assert answer.context["error"] == "Siècle ne répond pas."


def test_another_academie_finds_no_run(everywhere: World) -> None:
    run = a_run(everywhere.here.dossier.campaign)
    assert page(client_of(factories.staff(everywhere.reunion, "ACADEMY")), ONE, run.pk).status_code == 404


def test_schools_are_searched_by_uai_and_by_name_and_shown_fifty_a_page(everywhere: World, saio: Client) -> None:
    run = a_run(everywhere.here.dossier.campaign)
    of_school(run, everywhere.school)
    for number in range(60):
        of_school(run, f"{number:07}Z")
    by_name = page(saio, ONE, run.pk, q=everywhere.school.name.upper())
    assert [one.row.uai for one in by_name.context["rows"]] == [everywhere.school.uai]
    assert len(page(saio, ONE, run.pk, q="000000").context["rows"]) == 10
    assert len(page(saio, ONE, run.pk).context["rows"]) == 50
    assert len(page(saio, ONE, run.pk, page="2").context["rows"]) == 11
    assert page(saio, ONE, run.pk, q="%'", page="nonsense").status_code == 200
    assert page(saio, ONE, run.pk, q="\0").status_code == 400


def test_a_run_asks_no_more_for_more_schools(everywhere: World, saio: Client) -> None:
    run = a_run(everywhere.here.dossier.campaign)
    of_school(run, everywhere.school)
    a_part(run, 1)
    before = queries(saio, ONE, run.pk)
    for number in range(40):
        of_school(run, f"{number:07}Z")
        a_part(run, number + 2)
    assert queries(saio, ONE, run.pk) == before


# --- lines ------------------------------------------------------------------------------------------------------------
def test_the_lines_of_a_school_in_a_run_are_led_to(everywhere: World, saio: Client) -> None:
    run = a_run(everywhere.here.dossier.campaign)
    of_school(run, everywhere.school)
    a_line(run, everywhere.school, eleve_id="777001")
    a_line(run, everywhere.neighbour.student.school, eleve_id="777002")
    where = f"?run__id__exact={run.pk}&amp;uai__exact={everywhere.school.uai}&amp;direction__exact=IN"
    assert where in html(page(saio, ONE, run.pk))
    shown = html(saio.get(reverse(f"admin:{LINES}") + where.replace("&amp;", "&")))
    assert "777001" in shown and "777002" not in shown


def test_what_a_rehearsal_would_refuse_is_shown_when_asked_for_only(everywhere: World, saio: Client) -> None:
    a_line(a_run(everywhere.here.dossier.campaign), everywhere.school, eleve_id="777001")
    a_line(a_run(everywhere.here.dossier.campaign, state="DRY"), everywhere.school, eleve_id="777002")
    real, dry = html(page(saio, LINES)), html(page(saio, LINES, blanc="oui"))
    assert "777001" in real and "777002" not in real
    assert "777002" in dry and "777001" not in dry


def test_a_line_leads_to_the_dossier_it_is_about(everywhere: World, saio: Client) -> None:
    student, dossier = everywhere.here.student, everywhere.here.dossier
    about = {"eleve_id": str(student.siecle_id)}
    a_line(a_run(dossier.campaign), everywhere.school, **about)
    a_line(a_run(dossier.campaign), everywhere.neighbour.student.school, **about)  # nobody of that number there
    a_line(a_run(dossier.campaign), everywhere.school, eleve_id="n’importe quoi")
    told = {"kind": "STATEMENT", **about}
    waits = {"uai": everywhere.school.uai, "code": "UNKNOWN_ENTRY", "since": MORNING, "line": told}
    HeldLine.objects.create(campaign=dossier.campaign, seq=1, **waits)
    where = reverse("admin:orientation_dossier_change", args=[dossier.pk])
    for name in (LINES, "siecle_sync_heldline_changelist"):
        assert html(page(saio, name)).count(f'href="{where}"') == 1, name


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"kind": "STATEMENT"}, True),
        ({"kind": "ENTRY"}, False),
        ({"outcome": "REJECTED"}, True),
        ({"outcome": "NOT_PROCESSED"}, False),
        ({"q": "UNKNOWN_PUPIL"}, True),
        ({"q": "777009"}, False),
    ],
)
def test_lines_are_found_by_object_outcome_and_code(
    everywhere: World, saio: Client, asked: dict[str, str], found: bool
) -> None:
    a_line(a_run(everywhere.here.dossier.campaign), everywhere.school, eleve_id="777001")
    assert ("777001" in html(page(saio, LINES, **asked))) is found


def test_a_line_that_waits_is_read_by_its_school_with_its_reason(everywhere: World) -> None:
    campaign, since = everywhere.here.dossier.campaign, datetime(2026, 1, 15, 1, tzinfo=UTC)
    for number, family in enumerate((everywhere.here, everywhere.neighbour), 1):
        told = {"kind": "STATEMENT", "eleve_id": f"77700{number}", "division": "3 A", "payload": "{}"}
        uai = family.student.school.uai
        HeldLine.objects.create(campaign=campaign, seq=number, uai=uai, code="UNKNOWN_PUPIL", line=told, since=since)
    reader = client_of(factories.staff(everywhere.school, "READER"))
    shown = html(page(reader, "siecle_sync_heldline_changelist"))
    assert "777001" in shown and "777002" not in shown
    assert escape(SENTENCES["UNKNOWN_PUPIL"]) in shown
    for found, line in zip((200, 404), HeldLine.objects.order_by("seq"), strict=True):
        assert page(reader, "siecle_sync_heldline_change", line.pk).status_code == found
    assert page(reader, "siecle_sync_heldline_changelist", q="777001").status_code == 200


# --- the whole country ------------------------------------------------------------------------------------------------
def test_the_national_staff_reads_every_academie_and_nothing_else(everywhere: World) -> None:
    run = a_run(everywhere.here.dossier.campaign)
    person = client_of(national())
    answer = page(person, "night_report", nuit=NIGHT.isoformat())
    assert [one.academy.pk for one, _, _ in answer.context["rows"]] == ["28", "10"]
    assert reverse("admin:siecle_sync_run_change", args=[run.pk]) not in html(answer)
    assert page(person, LIST).status_code == 403
    assert page(person, ONE, run.pk).status_code == 404
    assert reverse("admin:night_report") in html(page(person, "index"))


def test_an_academie_reads_its_own_line_and_a_school_none(everywhere: World, saio: Client) -> None:
    run = a_run(everywhere.here.dossier.campaign)
    answer = page(saio, "night_report", nuit=NIGHT.isoformat())
    assert [one.academy.pk for one, _, _ in answer.context["rows"]] == ["10"]
    assert reverse("admin:siecle_sync_run_change", args=[run.pk]) in html(answer)
    for role in ("READER", "SECRETARY", "HEAD"):
        assert page(client_of(factories.staff(everywhere.school, role)), "night_report").status_code == 403


@pytest.mark.parametrize("asked", ["", "hier", "2026-02-31"])
def test_without_a_sound_date_the_report_is_of_today(everywhere: World, saio: Client, asked: str) -> None:
    assert page(saio, "night_report", nuit=asked).context["report"].night_on == NIGHT


def test_the_picture_of_the_report_has_a_bar_for_each_night_begun(everywhere: World) -> None:
    a_run(everywhere.here.dossier.campaign, state="FAILED", error="x")
    shown = page(client_of(national()), "night_report").context["picture"]
    assert [one.words for one in shown.names] == ["La Réunion", "Lyon"]
    assert [bar.look for bar in shown.bars] == ["failed"]
    assert [one.words for one in shown.ends] == ["⚠", "✖"]


def test_the_report_asks_no_more_for_more_academies(everywhere: World) -> None:
    person = client_of(factories.user(is_staff=True, is_superuser=True))
    a_run(everywhere.here.dossier.campaign)
    before = queries(person, "night_report")
    for code in ("13", "14", "15"):
        made = factories.family(of=factories.division(factories.school(academy=factories.academy(code, name=code))))
        a_part(a_run(made.dossier.campaign))
    assert queries(person, "night_report") == before
