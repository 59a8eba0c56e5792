"""« Familles non joignables »: who is listed to whom, the figures, the letters to print, the follow-ups (MAI-06)."""

import json
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import typst
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from families.admin_base import FewRelated
from families.models import Representative, User
from families.paper import TEMPLATES
from ledger import clock
from ledger.models import JournalEntry
from orientation import actions
from orientation.dates import until
from orientation.models import Dossier, FamilyContact
from orientation.printing import duties, letter, letters_pdf
from orientation.reading import load_facts
from orientation.unreachable import Reach, with_category
from tests import factories
from tests.admin.world import World, client_of, page, world
from tests.factories import DURING_INTENTIONS, INTENTIONS_CLOSE, Family
from tests.orientation.letter_box import SNAPSHOTS

pytestmark = pytest.mark.django_db(databases=["default", "siecle_mock"])
TEMPLATE = TEMPLATES / "unreachable.typ"
At = Callable[[datetime | str], None]
LIST, LETTERS, ALL = "school_unreachable", "school_letters", "unreachable_schools"


@pytest.fixture
def here(at: At) -> World:
    """In each school, one family without an address and one that is reached."""
    at(DURING_INTENTIONS)
    made = world()
    for family in made.families:
        mute(family)
        reached(factories.family(of=factories.division(family.student.school, "3 B")))
    return made


def mute(family: Family) -> None:
    Representative.objects.filter(guardianships__student=family.student).update(email="")


def reached(family: Family) -> Family:
    User.objects.filter(pk=family.mother.user_id).update(last_login=DURING_INTENTIONS)
    return family


def staff_of(family: Family, role: str = "SECRETARY") -> Client:
    return client_of(factories.staff(family.student.school, role))


def shown(response: HttpResponse) -> list[int]:
    return [one["dossier"].pk for one in response.context["families"]]


def counted(response: HttpResponse) -> dict[Reach, int]:
    return {one.reach: one.count for one in response.context["lines"]}


NONE = dict.fromkeys(Reach, 0)


# --- who reads what ---------------------------------------------------------------------------------------------------
def test_the_school_reads_its_own_families_and_no_other_s(here: World) -> None:
    client = staff_of(here.here, "READER")
    response = page(client, LIST, here.school.pk)
    assert shown(response) == [here.here.dossier.pk]
    assert counted(response) == {**NONE, Reach.NO_ADDRESS: 1, Reach.REACHED: 1}
    for name in (LIST, LETTERS):
        for other in (here.neighbour, here.far):
            assert page(client, name, other.student.school.pk).status_code == 404


def test_the_academie_reads_each_of_its_schools_and_no_school_of_another(here: World) -> None:
    client = client_of(factories.staff(here.lyon, "ACADEMY"))
    rows = {school.pk: counts for school, counts in page(client, ALL).context["schools"]}
    assert rows == {one.student.school_id: [1, 0, 0, 0, 1] for one in (here.here, here.neighbour)}
    assert page(client, LIST, here.neighbour.student.school.pk).status_code == 200
    assert page(client, LIST, here.far.student.school.pk).status_code == 404


def test_the_schools_are_found_by_name_and_by_number(here: World) -> None:
    client = client_of(factories.staff(here.lyon, "ACADEMY"))
    for typed in (here.school.name, here.school.uai.lower()):
        assert [one for one, _ in page(client, ALL, q=typed).context["schools"]] == [here.school]


# --- what is shown ----------------------------------------------------------------------------------------------------
def test_the_list_is_of_one_category_or_of_whoever_is_not_reached_and_of_one_division(here: World) -> None:
    client, school = staff_of(here.here), here.school.pk
    never = factories.family(of=factories.division(here.school, "3 B"))
    both = {here.here.dossier.pk, never.dossier.pk}
    assert set(shown(page(client, LIST, school))) == set(shown(page(client, LIST, school, categorie="?"))) == both
    assert shown(page(client, LIST, school, categorie="NEVER_USED")) == [never.dossier.pk]
    assert len(shown(page(client, LIST, school, categorie="REACHED"))) == 1
    of_3b = page(client, LIST, school, division=never.student.division_id)
    assert shown(of_3b) == [never.dossier.pk]
    assert counted(of_3b) == {**NONE, Reach.NEVER_USED: 1, Reach.REACHED: 1}
    of_others = page(client, LIST, school, division=here.far.student.division_id)
    assert set(shown(of_others)) == both


def test_the_page_costs_the_same_for_one_family_and_for_twenty(here: World) -> None:
    client = staff_of(here.here)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert page(client, LIST, here.school.pk).status_code == 200
        return len(captured)

    cost()
    notes(client, here.here)
    one = cost()
    for _ in range(20):
        made = factories.family(of=here.here.student.division)
        notes(client, made)
    assert cost() == one


# --- the follow-up ----------------------------------------------------------------------------------------------------
def notes(client: Client, family: Family, **typed: str) -> HttpResponse:
    said = {"means": "PHONE", "note": "", **typed}
    return client.post(reverse("admin:dossier_contact", args=[family.dossier.pk]), said)


@pytest.mark.parametrize(("role", "status"), [("READER", 403), ("SECRETARY", 302), ("HEAD", 302)])
def test_who_runs_the_service_notes_a_follow_up(here: World, role: str, status: int) -> None:
    user = factories.staff(here.school, role)
    assert notes(client_of(user), here.here, note="La mère rappelle").status_code == status
    lines = JournalEntry.objects.filter(verb="family_contacted", dossier_uuid=here.here.dossier.uuid)
    if status == 403:
        assert not FamilyContact.objects.exists() and not lines.exists()
        return
    made = FamilyContact.objects.get()
    assert (made.dossier, made.means, made.note) == (here.here.dossier, "PHONE", "La mère rappelle")
    assert (made.by, made.at) == (user, clock.now())
    assert lines.get().data["contact"] == str(made.uuid)
    read = page(staff_of(here.here), LIST, here.school.pk).context["families"][0]["contacts"]
    assert [one["note"] for one in read] == ["La mère rappelle"]


def test_a_double_click_is_one_follow_up_and_a_second_call_another(here: World, at: At) -> None:
    client = staff_of(here.here)
    assert [notes(client, here.here).status_code for _ in range(2)] == [302, 302]
    assert FamilyContact.objects.count() == 1
    at(DURING_INTENTIONS + timedelta(minutes=10))
    notes(client, here.here)
    assert FamilyContact.objects.count() == 2


def test_a_follow_up_without_a_known_means_is_refused(here: World) -> None:
    assert notes(staff_of(here.here), here.here, means="PIGEON").status_code == 422
    assert not FamilyContact.objects.exists()


def hands_over(client: Client, school: int, **typed: str) -> HttpResponse:
    """As who has the list on their screen, and says that its letters are handed over."""
    seen = page(client, LIST, school, **typed).context["seen"]
    return client.post(reverse(f"admin:{LETTERS}", args=[school]), {**typed, "seen": seen})


def test_the_letters_handed_over_are_noted_at_once_for_the_families_shown_only(here: World) -> None:
    never = factories.family(of=here.here.student.division)
    where = reverse(f"admin:{LETTERS}", args=[here.school.pk])
    assert staff_of(here.here, "READER").post(where).status_code == 403
    client = staff_of(here.here)
    assert hands_over(client, here.school.pk, categorie="REFUSED").status_code == 302  # nobody there
    assert not FamilyContact.objects.exists()
    hands_over(client, here.school.pk, categorie="NEVER_USED")
    assert [(one.dossier, one.means) for one in FamilyContact.objects.all()] == [(never.dossier, "PAPER")]


@pytest.mark.parametrize("seen", [{}, {"seen": "autre"}])
def test_a_list_that_is_no_longer_the_one_that_was_printed_is_not_noted(here: World, seen: dict[str, str]) -> None:
    client, where = staff_of(here.here), reverse(f"admin:{LETTERS}", args=[here.school.pk])
    assert client.post(where, seen).status_code == 302
    before = page(client, LIST, here.school.pk).context["seen"]
    factories.family(of=here.here.student.division)
    assert client.post(where, {"seen": before}).status_code == 302
    assert not FamilyContact.objects.exists()


# --- the letter -------------------------------------------------------------------------------------------------------
def words(dossier: Dossier) -> dict[str, Any]:
    row = with_category(Dossier.objects.filter(pk=dossier.pk), clock.now()).get()
    return letter(row, load_facts(dossier.uuid), clock.now())


def pages_of(rows: list[dict[str, Any]]) -> int:
    """How many pages Typst lays out."""
    data = json.dumps({"title": "t", "author": "a", "letters": rows})
    drawn = typst.compile(str(TEMPLATE), format="png", ppi=20, ignore_system_fonts=True, sys_inputs={"data": data})
    return len(drawn) if isinstance(drawn, list) else 1


def test_the_letters_are_one_pdf_of_the_families_shown_readable_aloud(here: World) -> None:
    factories.family(of=here.here.student.division)
    client = staff_of(here.here)
    for response in (
        page(client, LETTERS, here.school.pk), page(client, "dossier_letter", here.here.dossier.pk)
    ):  # fmt: skip
        assert response["Content-Type"] == "application/pdf"
        assert response.content.startswith(b"%PDF-")
        assert b"pdfuaid" in response.content
    assert page(client, LETTERS, here.school.pk, categorie="REFUSED").status_code == 302


def test_each_family_has_one_page_of_its_own_however_many_they_are_and_whatever_their_names(here: World) -> None:
    many = factories.family(parents=4, of=here.here.student.division)
    for parent in many.parents:
        Representative.objects.filter(pk=parent.pk).update(family_name="De La Tour-Saint-Christophe " * 3)
    type(here.school).objects.filter(pk=here.school.pk).update(name="Collège " * 12, address="1 rue " * 30)
    rows = [words(one.dossier) for one in (here.here, many)]
    assert pages_of(rows) == 2
    assert pages_of(rows * 3) == 6


def test_the_letter_says_what_is_waiting_until_when_how_and_whom_to_call(here: World, settings: Any) -> None:
    settings.PUBLIC_URL = "https://orientation.exemple.fr"
    said = words(here.here.dossier)
    facts = load_facts(here.here.dossier.uuid)
    [duty] = said["duties"]
    assert until(INTENTIONS_CLOSE, facts.timezone) in duty["text"]
    assert duty["who"] == ""
    assert here.school.phone in said["help"]
    assert settings.PUBLIC_URL in said["steps"][0]
    assert facts.student_name in said["to"][-1]
    assert {one.name for one in facts.representatives} == set(said["to"][:-1])


def test_the_whole_letter_is_as_it_was_read(here: World, settings: Any) -> None:
    """UPDATE_SNAPSHOTS=1 writes it instead, to be read again before it is committed."""
    settings.PUBLIC_URL = "https://orientation.exemple.fr"
    student, parents = here.here.student, here.here.parents
    type(here.school).objects.filter(pk=here.school.pk).update(
        name="Collège Lucie-Aubrac", address="12 rue de l’Œuvre, 69003 Lyon", email="ce@college.invalid"
    )
    type(student).objects.filter(pk=student.pk).update(first_name="Camille")
    for person, name in zip(parents, ("Claire", "Alex"), strict=True):
        Representative.objects.filter(pk=person.pk).update(first_name=name)
    entered(here.here)
    file = SNAPSHOTS / "on_paper.txt"
    text = "\n".join(flat(words(here.here.dossier))) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def flat(said: Any) -> list[str]:
    """Every sentence of the page, in the order of the template's data."""
    if isinstance(said, str):
        return [said]
    parts = said.values() if isinstance(said, dict) else said
    return [line for one in parts for line in flat(one)]


def test_what_only_one_parent_has_to_do_is_under_their_name(here: World) -> None:
    family = here.here
    entered(family)
    said = duties(load_facts(family.dossier.uuid), clock.now())
    assert len(said) == 2
    assert {one["who"].rstrip("\u00a0:") for one in said} == {one.full_name for one in family.parents}


def entered(family: Family) -> None:
    actions.submit_choices(
        dossier=family.dossier.uuid, phase="PROVISIONAL", choices=[factories.GT], base_version=0,
        by=factories.actor(family.mother),
    )  # fmt: skip


HOSTILE = [
    '#read("/etc/passwd")',
    "*gras* _ital_ $x$",
    '"] #panic("non") //',
    '#include "unreachable.typ"',
    "= Titre",
    "\\u{41}",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_never_part_of_the_source_of_the_letter(here: World, name: str) -> None:
    """Typst itself says which words its headings hold: the name, to the letter, and nothing that it would have run."""
    type(here.here.student).objects.filter(pk=here.here.student.pk).update(first_name=name, usage_name="Z")
    said = words(here.here.dossier)
    data = json.dumps({"title": "t", "author": "a", "letters": [said]})
    found = json.loads(typst.query(str(TEMPLATE), "heading", ignore_system_fonts=True, sys_inputs={"data": data}))
    assert found[0]["body"] == {"func": "text", "text": said["object"]}
    assert f"{name} Z" in said["object"]
    assert letters_pdf(with_category(Dossier.objects.filter(pk=here.here.dossier.pk), clock.now()), clock.now())


# --- the follow-up list -----------------------------------------------------------------------------------------------
def followed_up(client: Client, **asked: str) -> dict[int, int | None]:
    """Dossier → why no letter reaches its family, as the list of dossiers shows it."""
    rows = page(client, "orientation_dossier_changelist", **asked).context["cl"].result_list
    return {one.pk: one.trouble for one in rows}


def test_the_follow_up_list_marks_whom_no_letter_reaches_and_why(here: World) -> None:
    client = staff_of(here.here, "READER")
    never = factories.family(of=here.here.student.division)
    marks = followed_up(client)
    assert marks.pop(here.here.dossier.pk) == Reach.NO_ADDRESS
    assert marks.pop(never.dossier.pk) == Reach.NEVER_USED
    assert list(marks.values()) == [None]
    content = page(client, "orientation_dossier_changelist").content.decode()
    assert content.count("✉ ") == 2


def test_the_follow_up_list_is_of_the_unreached_of_one_s_own_schools_all_or_for_one_reason(here: World) -> None:
    client = staff_of(here.here, "READER")
    never = factories.family(of=here.here.student.division)
    both = {here.here.dossier.pk: Reach.NO_ADDRESS, never.dossier.pk: Reach.NEVER_USED}
    assert followed_up(client, **{"non-joignables": "toutes"}) == both
    assert followed_up(client, **{"non-joignables": "NEVER_USED"}) == {never.dossier.pk: Reach.NEVER_USED}
    assert followed_up(client, **{"non-joignables": "REFUSED"}) == {}
    assert len(followed_up(client, **{"non-joignables": "?"})) == 3


def test_the_filter_narrows_what_is_missing(here: World) -> None:
    client = staff_of(here.here)
    both = {"manque": "intentions", "non-joignables": "toutes"}
    assert followed_up(client, **both) == {here.here.dossier.pk: Reach.NO_ADDRESS}
    entered(here.here)
    assert followed_up(client, **both) == {}


def test_nobody_is_marked_once_nothing_is_awaited_any_more(here: World, at: At) -> None:
    at(factories.PROPOSALS_CLOSE)
    client = staff_of(here.here)
    assert set(followed_up(client).values()) == {None}
    assert followed_up(client, **{"non-joignables": "toutes"}) == {}


def test_of_too_many_schools_the_costly_filters_wait_for_a_school(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FewRelated, "MANY", 1)
    client = client_of(factories.staff(here.lyon, "ACADEMY"))

    def offered(**asked: Any) -> set[str]:
        specs = page(client, "orientation_dossier_changelist", **asked).context["cl"].filter_specs
        return {one.parameter_name for one in specs if hasattr(one, "parameter_name")}

    assert offered() == {"manque"}
    division = here.here.student.division_id
    assert offered(division=division) == {"manque", "division"}
    assert offered(student__school__id__exact=here.school.pk) == {"manque", "division", "non-joignables"}
    assert followed_up(client, **{"non-joignables": "toutes"}) == {}
    asked = {"non-joignables": "toutes", "student__school__id__exact": str(here.school.pk)}
    assert followed_up(client, **asked) == {here.here.dossier.pk: Reach.NO_ADDRESS}
    found = page(client, "orientation_dossier_changelist", division=division).context["cl"].result_list
    assert [one.pk for one in found] == [here.here.dossier.pk]
