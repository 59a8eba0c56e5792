"""« Tableau de bord » and « Soirée de clôture »: who reads which figures, of whom, and what is hidden from outside."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from families.models import StaffMembership, User
from families.powers import PARIS
from orientation import actions
from orientation.dates import instant
from orientation.models import Campaign, SchoolClosing
from orientation.tasks import count_country
from tests import factories
from tests.admin.world import World, client_of, page, world
from tests.factories import DURING_INTENTIONS, DURING_PROPOSALS, GT, INTENTIONS_CLOSE, INTENTIONS_OPEN, Family
from tests.orientation import states

pytestmark = pytest.mark.django_db(databases=["default", "siecle_mock"])
At = Callable[[datetime], None]
BOARD, EVENING = "school_dashboard", "school_evening"
ACADEMY, ACADEMY_EVENING, COUNTRY = "academy_dashboard", "academy_evening", "country_dashboard"


@pytest.fixture
def here(at: At) -> World:
    """In each school, two dossiers of 3 A, one of them with an entry."""
    at(DURING_INTENTIONS)
    made = world()
    for family in made.families:
        enters(factories.family(of=family.student.division))
    return made


def enters(family: Family, phase: str = "PROVISIONAL") -> None:
    actions.submit_choices(
        dossier=family.dossier.uuid, phase=phase, choices=[GT], base_version=0, by=factories.actor(family.mother)
    )


def grows(of: Family, dossiers: int, entered: int) -> None:
    """The school of this family gets a division of so many dossiers, so many with an entry."""
    division = factories.division(of.student.school, "3 Z")
    for number in range(dossiers):
        family = factories.family(of=division, parents=1)
        if number < entered:
            enters(family)


def staff_of(family: Family, role: str = "SECRETARY") -> Client:
    return client_of(factories.staff(family.student.school, role))


def saio(here: World) -> Client:
    return client_of(factories.staff(here.lyon, "ACADEMY"))


def national() -> User:
    person = factories.user(is_staff=True)
    StaffMembership.objects.create(user=person, role="NATIONAL")
    return person


def words(response: HttpResponse) -> dict[str, list[str]]:
    """Row → its figures, as they are read."""
    assert response.status_code == 200
    rows = {one.label: [figure.words for figure in one.figures] for one in response.context["lines"]}
    return {"": [figure.words for figure in response.context["sums"]], **rows}


def cells(response: HttpResponse) -> set[str]:
    return set(re.findall(r"<td>([^<]*)</td>", response.content.decode()))


# --- who reads what ---------------------------------------------------------------------------------------------------
def test_the_school_reads_its_own_figures_and_no_other_s(here: World) -> None:
    client = staff_of(here.here, "READER")
    assert words(page(client, BOARD, here.school.pk)) == {
        "": ["2", "1", "0", "0", "0", "0", "0", "0"], "3 A": ["2", "1", "0", "0", "0", "0", "0", "0"],
    }  # fmt: skip
    for name in (BOARD, EVENING):
        for other in (here.neighbour, here.far):
            assert page(client, name, other.student.school_id).status_code == 404


@pytest.mark.parametrize("name", [ACADEMY, ACADEMY_EVENING])
def test_who_governs_an_academie_reads_it_its_schools_may_not_and_to_others_it_does_not_exist(
    here: World, name: str
) -> None:
    assert page(saio(here), name, "10").status_code == 200
    assert page(staff_of(here.here, "HEAD"), name, "10").status_code == 403
    assert page(saio(here), name, "28").status_code == 404
    assert page(saio(here), name, "99").status_code == 404
    assert page(client_of(national()), name, "10").status_code == 404


def test_the_country_is_read_by_who_oversees_it(here: World) -> None:
    assert page(client_of(national()), COUNTRY).status_code == 200
    assert page(saio(here), COUNTRY).status_code == 403
    assert page(staff_of(here.here, "HEAD"), COUNTRY).status_code == 403
    assert page(client_of(national()), BOARD, here.school.pk).status_code == 404


@pytest.mark.parametrize("name", [BOARD, EVENING, ACADEMY, ACADEMY_EVENING, COUNTRY])
def test_nothing_is_posted_to_a_dashboard(here: World, name: str) -> None:
    client = client_of(factories.user(is_staff=True, is_superuser=True))
    args = {BOARD: [here.school.pk], EVENING: [here.school.pk], COUNTRY: []}.get(name, ["10"])
    assert client.post(reverse(f"admin:{name}", args=args)).status_code == 405


# --- what is shown ----------------------------------------------------------------------------------------------------
def test_a_division_is_read_by_itself_and_a_forged_one_changes_nothing(here: World, at: At) -> None:
    grows(here.here, 3, 2)
    client, school = staff_of(here.here), here.school
    other = factories.division(school, "3 Z")
    shown = page(client, BOARD, school.pk, division=other.pk)
    assert words(shown)[""][:2] == ["3", "2"]
    assert [one["entered"].value for one in shown.context["phases"]] == [2, 0]
    assert parse_qs(urlsplit(shown.context["who"]).query)["division"] == [str(other.pk)]
    for forged in (here.far.student.division_id, "0", "x"):
        assert words(page(client, BOARD, school.pk, division=forged))[""][:2] == ["5", "3"]


def test_the_school_reads_pathways_and_days_in_its_own_time(at: At) -> None:
    at(datetime.fromisoformat("2026-01-20T22:30:00+00:00"))  # the 21st in La Réunion
    made = world()
    enters(made.far)
    enters(made.here)
    for family, expected in ((made.far, 21), (made.here, 20)):
        [phase, _] = page(staff_of(family), BOARD, family.student.school_id).context["phases"]
        assert [(day.day, one.value) for day, one in phase["days"] if one.value] == [(expected, 1)]
        assert {one.pathway: (one.first.value, one.any_rank.value) for one in phase["asked"]} == {
            "2GT": (1, 1), "2PRO": (0, 0), "CAP": (0, 0),
        }  # fmt: skip


def test_the_opinions_given_are_read_by_pathway_and_value(at: At) -> None:
    made = factories.family()
    states.opinions_published(made, at)
    [phase, _] = page(staff_of(made), BOARD, made.student.school_id).context["phases"]
    said = phase["said"]
    assert said.values == ["Favorable", "Réservé"]
    assert {one.pathway: [one.given.value, *(figure.value for figure in one.figures)] for one in said.lines} == {
        "2GT": [1, 0, 1], "2PRO": [1, 1, 0], "CAP": [1, 1, 0],
    }  # fmt: skip


def test_every_picture_has_a_name_and_its_table(here: World) -> None:
    text = page(staff_of(here.here), BOARD, here.school.pk).content.decode()
    pictures = re.findall(r'<svg viewBox="0 0 4[^>]*>', text)
    assert len(pictures) == 3
    assert all('role="img"' in one and 'aria-label="' in one for one in pictures)
    assert text.count("<table") >= len(pictures)
    assert "style=" not in text


def test_a_campaign_that_is_not_open_an_empty_one_and_none_at_all_say_so(at: At) -> None:
    at(INTENTIONS_OPEN - timedelta(days=3))
    made = world()
    client = staff_of(made.here)
    before = page(client, BOARD, made.school.pk).context
    assert "ouvre le" in before["state"][0][1]
    assert not before["empty"] and not before["phases"][0]["days"]
    assert page(client, EVENING, made.school.pk).context["opening"] is None
    factories.leaves(made.here)
    assert page(client, BOARD, made.school.pk).context["empty"]
    bare = factories.school(academy=factories.academy("17", name="Toulouse"))
    for name in (BOARD, EVENING):
        assert page(client_of(factories.staff(bare)), name, bare.pk).context["level"] == ""
    assert page(client_of(factories.staff(bare.academy, "ACADEMY")), ACADEMY, "17").context["level"] == ""
    Campaign.objects.create(academy=bare.academy, year=2025, level="3E")
    for name in (BOARD, EVENING):
        assert page(client_of(factories.staff(bare)), name, bare.pk).status_code == 200


def test_when_everything_is_decided_the_page_says_so(at: At) -> None:
    made = factories.family()
    states.answered(made, at)
    client = staff_of(made)
    assert page(client, BOARD, made.student.school_id).context["decided"]
    factories.family(of=made.student.division)
    assert not page(client, BOARD, made.student.school_id).context["decided"]


def test_each_level_has_its_own_figures(here: World) -> None:
    factories.family(of=here.here.student.division, level="2GT")
    client = staff_of(here.here)
    assert words(page(client, BOARD, here.school.pk, niveau="2GT"))[""][0] == "1"
    assert words(page(client, BOARD, here.school.pk, niveau="3E"))[""][0] == "2"
    shown = page(client, BOARD, here.school.pk, niveau="autre")
    assert len(shown.context["levels"]) == 2 and shown.context["level"] in {"3E", "2GT"}


@pytest.mark.parametrize(("name", "args"), [(BOARD, 1), (EVENING, 1), (ACADEMY, 0), (ACADEMY_EVENING, 0), (COUNTRY, 0)])
@pytest.mark.parametrize("inside", [True, False])
def test_a_page_costs_the_same_for_two_dossiers_and_for_thirty(here: World, name: str, args: int, inside: bool) -> None:
    staff = factories.staff(here.school) if inside and args else factories.staff(here.lyon, "ACADEMY")
    client = client_of(national() if name == COUNTRY else staff)
    where = [here.school.pk] if args else [] if name == COUNTRY else ["10"]

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert page(client, name, *where).status_code == 200
        return len(captured)

    cost()
    few = cost()
    for number in range(6):
        grows(here.here, 3, 1)
        factories.family(of=factories.division(factories.school(), f"4 {number}"))
    assert cost() == few


# --- small groups -----------------------------------------------------------------------------------------------------
@pytest.fixture
def large(here: World) -> World:
    """The neighbour has 42 dossiers, 31 with an entry; the school has 14 more, 9 with an entry."""
    grows(here.neighbour, 40, 30)
    grows(here.here, 14, 9)
    return here


def test_an_academie_reads_no_small_figure_and_cannot_subtract_it(large: World, settings: Any) -> None:
    tiny = factories.school(name="Collège minuscule")
    for _ in range(3):
        enters(factories.family(of=factories.division(tiny), parents=1))
    rows = words(page(saio(large), ACADEMY, "10"))
    names = {school: next(row for row in rows if school.name in row) for school in (tiny, large.school)}
    assert rows[""][:2] == ["61", "44"]
    assert rows[names[tiny]][:2] == ["<\u00a05", "masqué"]
    assert rows[names[large.school]][:2] == ["masqué", "masqué"]  # or 61 - 16 - 42 would tell of the three
    settings.SMALL_GROUP = 0
    rows = words(page(saio(large), ACADEMY, "10"))
    assert rows[names[tiny]][:2] == ["3", "3"] and rows[names[large.school]][:2] == ["16", "10"]


def test_the_school_itself_reads_everything(large: World) -> None:
    rows = words(page(staff_of(large.here), BOARD, large.school.pk))
    assert {name: row[:2] for name, row in rows.items()} == {"": ["16", "10"], "3 A": ["2", "1"], "3 Z": ["14", "9"]}


def test_what_an_academie_reads_of_a_school_is_its_own_line_and_its_divisions_hidden_alike(large: World) -> None:
    client = saio(large)
    table = words(page(client, ACADEMY, "10"))
    shown = page(client, BOARD, large.school.pk)
    rows = words(shown)
    assert rows[""] == next(row for name, row in table.items() if large.school.uai in name)
    assert rows["3 A"][:2] == ["<\u00a05", "masqué"]
    assert rows["3 Z"][:2] == ["masqué", "masqué"]
    assert "phases" not in shown.context
    assert cells(shown).isdisjoint({"1", "2", "3", "4", "14", "9"})


def test_a_line_hidden_above_is_hidden_below(large: World) -> None:
    tiny = factories.family(of=factories.division(factories.school()), parents=1)
    enters(tiny)
    client = saio(large)
    for name, place in ((BOARD, 1), (EVENING, 1)):
        rows = words(page(client, name, large.school.pk))
        assert rows[""][0] == "masqué"
        assert all(row[place] == "masqué" for row in rows.values())


def test_the_country_reads_what_was_counted_last_and_says_when(large: World, at: At) -> None:
    count_country()
    grows(large.neighbour, 10, 5)
    at(DURING_INTENTIONS + timedelta(minutes=9))
    shown = page(client_of(national()), COUNTRY)
    assert words(shown)[""][:2] == ["60", "42"]
    assert shown.context["computed"] == instant(DURING_INTENTIONS, PARIS)
    at(DURING_INTENTIONS + timedelta(hours=1))
    shown = page(client_of(national()), COUNTRY)
    assert words(shown)[""][:2] == ["70", "47"]
    assert shown.context["computed"] == instant(DURING_INTENTIONS + timedelta(hours=1), PARIS)


def test_the_country_hides_a_small_academie_and_reads_the_others(large: World) -> None:
    rows = words(page(client_of(national()), COUNTRY))
    assert rows[""][:2] == ["60", "42"]
    assert rows["La Réunion"][:2] == ["<\u00a05", "masqué"]
    assert rows["Lyon"][0] == "masqué"


def test_pathways_and_days_are_hidden_outside_too(large: World) -> None:
    [phase, _] = page(saio(large), ACADEMY, "10").context["phases"]
    assert {one.pathway: one.first.words for one in phase["asked"]}["2GT"] == "41"
    one = factories.family(of=factories.division(large.school, "3 Y"), parents=1)
    actions.submit_choices(
        dossier=one.dossier.uuid, phase="PROVISIONAL", choices=[factories.CAP], base_version=0,
        by=factories.actor(one.mother),
    )  # fmt: skip
    [phase, _] = page(saio(large), ACADEMY, "10").context["phases"]
    assert {one.pathway: (one.first.words, one.any_rank.words) for one in phase["asked"]} == {
        "2GT": ("masqué", ">\u00a037"), "2PRO": ("0", "0"), "CAP": ("masqué", "<\u00a05"),
    }  # fmt: skip


# --- the evening of the closing day -----------------------------------------------------------------------------------
def test_the_evening_says_who_has_entered_within_the_hour_and_leads_to_who_has_not(here: World, at: At) -> None:
    at(DURING_INTENTIONS + timedelta(hours=3))
    late = factories.family(of=here.here.student.division)
    enters(late)
    client = staff_of(here.here)
    shown = page(client, EVENING, here.school.pk)
    assert words(shown) == {"": ["3", "2", "1", "1"], "3 A": ["3", "2", "1", "1"]}
    followed = client.get(shown.context["lines"][0].link)
    assert [one.pk for one in followed.context["cl"].result_list] == [here.here.dossier.pk]
    assert [one.pk for one in client.get(shown.context["who"]).context["cl"].result_list] == [here.here.dossier.pk]


def test_the_evening_refreshes_itself_until_the_entry_closes_unless_told_not_to(here: World, at: At) -> None:
    client = staff_of(here.here)
    assert page(client, EVENING, here.school.pk).headers["Refresh"] == "60"
    assert "Refresh" not in page(client, EVENING, here.school.pk, fixe="1").headers
    assert page(saio(here), ACADEMY_EVENING, "10").headers["Refresh"] == "60"
    early = INTENTIONS_CLOSE - timedelta(days=2)
    SchoolClosing.objects.create(
        campaign=here.here.dossier.campaign, school=here.school, phase="PROVISIONAL", closes_at=early,
        at=DURING_INTENTIONS, by=factories.staff(here.school),
    )  # fmt: skip
    at(early)
    assert "Refresh" not in page(client, EVENING, here.school.pk).headers
    assert "Refresh" in page(saio(here), ACADEMY_EVENING, "10").headers
    at(INTENTIONS_CLOSE)
    assert "Refresh" not in page(saio(here), ACADEMY_EVENING, "10").headers


def test_the_evening_is_of_the_entry_that_opened_last(at: At) -> None:
    made = factories.family()
    states.proposed(made, at)
    at(DURING_PROPOSALS)
    factories.family(of=made.student.division)
    shown = page(staff_of(made), EVENING, made.student.school_id)
    assert shown.context["opening"].phase == "DEFINITIVE"
    assert words(shown)[""][:3] == ["2", "1", "1"]
    assert parse_qs(urlsplit(shown.context["who"]).query)["manque"] == ["choix"]


def test_the_evening_of_an_academie_hides_small_groups_and_leads_to_each_school(large: World) -> None:
    shown = page(saio(large), ACADEMY_EVENING, "10")
    rows = words(shown)
    mine = next(row for name, row in rows.items() if large.neighbour.student.school.uai in name)
    assert rows[""] == ["58", "41", "17", "41"]
    assert mine == ["42", "31", "11", "31"]
    assert all(f"exact={one.student.school_id}&" in " ".join(line.link for line in shown.context["lines"])
               for one in (large.here, large.neighbour))  # fmt: skip
