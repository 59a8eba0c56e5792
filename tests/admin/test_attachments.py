"""« Rattachements »: the school and its académie see whose account is whose, and undo it with a reason (ACC-07)."""

import pytest
from django.test import Client
from django.urls import reverse

from families.models import Attachment, Session, User
from ledger.models import JournalEntry
from tests import factories
from tests.admin.world import BOTH, World, client_of, page, world
from tests.arriving import account, code_of, come_back, opens, parent, pupil

pytestmark = pytest.mark.django_db(databases=BOTH)
LIST = "families_attachment_changelist"


@pytest.fixture
def everywhere() -> World:
    """In each school, the mother's account was opened with a code; here, the pupil's by INE."""
    made = world()
    for number, family in enumerate(made.families):
        User.objects.filter(pk=family.mother.user_id).delete()
        browser = Client()
        come_back(browser, parent(f"s-{number}"))
        opens(browser, code_of(family.mother))
    made.here.student.user.delete()
    come_back(Client(), pupil(made.here.student.ine, made.school.uai))
    return made


def of(family: factories.Family) -> Attachment:
    return Attachment.objects.get(representative=family.mother)


def listed(client: Client, **query: str) -> set[Attachment]:
    return set(page(client, LIST, **query).context["cl"].result_list)


def undo(client: Client, made: Attachment, reason: str = "Code remis à la mauvaise personne") -> int:
    return client.post(reverse("admin:attachment_detach", args=[made.pk]), {"reason": reason}).status_code


def test_each_sees_its_schools_and_reads_who_when_and_by_what(everywhere: World) -> None:
    secretary = client_of(factories.staff(everywhere.school, "SECRETARY"))
    assert {(one.representative, one.student) for one in listed(secretary)} == {
        (everywhere.here.mother, None), (None, everywhere.here.student),
    }  # fmt: skip
    html = page(secretary, LIST).content.decode()
    assert "FranceConnect" in html and "EduConnect" in html and everywhere.here.mother.full_name in html
    academy = client_of(factories.staff(everywhere.lyon, "ACADEMY"))
    assert {of(everywhere.here), of(everywhere.neighbour)} <= listed(academy)
    assert of(everywhere.far) not in listed(academy)


@pytest.mark.parametrize(("role", "leads"), [("SECRETARY", True), ("READER", False)])
def test_one_attachment_leads_to_undoing_it_and_shows_no_technical_login(
    everywhere: World, role: str, leads: bool
) -> None:
    made = of(everywhere.here)
    client = client_of(factories.staff(everywhere.school, role))
    html = client.get(reverse("admin:families_attachment_change", args=[made.pk])).content.decode()
    assert (reverse("admin:attachment_detach", args=[made.pk]) in html) is leads
    assert made.user.username not in html


def test_a_person_is_found_by_name_and_those_undone_apart(everywhere: World) -> None:
    secretary = client_of(factories.staff(everywhere.school, "SECRETARY"))
    mother = everywhere.here.mother
    assert listed(secretary, q=mother.first_name.upper()) == {of(everywhere.here)}
    assert listed(secretary, q="personne-de-ce-nom") == set()
    undo(secretary, of(everywhere.here))
    assert listed(secretary, etat="detache") == {of(everywhere.here)}
    assert of(everywhere.here) not in listed(secretary, etat="rattache")


@pytest.mark.parametrize("role", ["SECRETARY", "HEAD", "ACADEMY"])
def test_the_school_or_its_academie_undoes_it(everywhere: World, role: str) -> None:
    where = everywhere.lyon if role == "ACADEMY" else everywhere.school
    person, made = factories.staff(where, role), of(everywhere.here)
    assert undo(client_of(person), made) == 302
    made.refresh_from_db()
    assert made.ended_at is not None
    assert not Session.objects.filter(user=made.user).exists()
    line = JournalEntry.objects.get(verb="attachment_undone")
    assert (line.actor_uuid, line.data["school"]) == (person.uuid, everywhere.school.uai)


def test_nobody_undoes_it_without_a_reason(everywhere: World) -> None:
    made = of(everywhere.here)
    assert undo(client_of(factories.staff(everywhere.school, "HEAD")), made, "  ") == 422
    made.refresh_from_db()
    assert made.ended_at is None


def test_who_reads_only_or_works_elsewhere_undoes_nothing(everywhere: World) -> None:
    made = of(everywhere.here)
    reader = client_of(factories.staff(everywhere.school, "READER"))
    assert undo(reader, made) == 403
    assert "undo" not in page(reader, LIST).context["cl"].list_display
    assert undo(client_of(factories.staff(everywhere.neighbour.student.school, "HEAD")), made) == 404
    assert undo(client_of(factories.staff(everywhere.reunion, "ACADEMY")), made) == 404
    assert undo(client_of(everywhere.here.father.user), made) == 302
    made.refresh_from_db()
    assert made.ended_at is None


def test_a_reader_here_who_works_elsewhere_undoes_nothing_here(everywhere: World) -> None:
    person = factories.staff(everywhere.school, "READER")
    person.memberships.create(role="HEAD", school=everywhere.neighbour.student.school)
    assert undo(client_of(person), of(everywhere.here)) == 403
    assert undo(client_of(person), of(everywhere.neighbour)) == 302


def test_a_double_click_is_said_and_changes_nothing_more(everywhere: World) -> None:
    head, made = client_of(factories.staff(everywhere.school, "HEAD")), of(everywhere.here)
    assert undo(head, made) == undo(head, made) == 302
    assert JournalEntry.objects.filter(verb="attachment_undone").count() == 1


def test_the_school_then_prints_a_letter_for_the_right_person(everywhere: World) -> None:
    undo(client_of(factories.staff(everywhere.school, "HEAD")), of(everywhere.here))
    browser = Client()
    come_back(browser, parent("s-la-vraie"))
    opens(browser, code_of(everywhere.here.mother))
    everywhere.here.mother.refresh_from_db()
    assert account(browser) == everywhere.here.mother.user_id


def test_the_list_costs_the_same_however_long(everywhere: World, django_assert_max_num_queries) -> None:
    head = client_of(factories.staff(everywhere.school, "HEAD"))
    for _ in range(8):
        factories.representative(everywhere.here.student).user.attachments.create(
            representative=everywhere.here.student.guardianships.last().representative, way="CODE",
            at=of(everywhere.here).at,
        )  # fmt: skip
    with django_assert_max_num_queries(14):
        page(head, LIST)
