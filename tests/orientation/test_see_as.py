"""See as the family, read-only: who may, what they see, and that nothing at all can be written meanwhile (ACC-06)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import InternalError, connection, connections
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from families.models import Representative, StaffMembership, Student, User
from ledger.models import JournalEntry, OutgoingEmail
from orientation import actions
from orientation.enums import Phase
from orientation.middleware import ElsewhereInAVisit, SeeingAs
from orientation.models import Draft, Submission
from tests import factories
from tests.admin.world import BOTH
from tests.authorisation.addresses import every_address, path_of
from tests.authorisation.roles import Role
from tests.authorisation.states import When
from tests.authorisation.table import EVERYONE, OF_THE_FAMILY
from tests.authorisation.world import build, everything_kept
from tests.factories import DURING_INTENTIONS, GT, Family, actor, family, sibling
from tests.orientation.screens import address, signed_in, text_of
from tests.orientation.states import At, answered, drafting, entered, proposed

pytestmark = pytest.mark.django_db

WHY = "La mère appelle, elle ne trouve pas le bouton."
SCREENS = ["dossier", "entry", "opinions", "proposals", "agreement", "decision", "history"]


def screen(of: Family, name: str) -> str:
    return address(of, name, **({"phase": Phase.PROVISIONAL} if name == "entry" else {}))


def head_of(of: Family) -> User:
    return factories.staff(of.student.school)


def support() -> User:
    person = factories.user(is_staff=True)
    StaffMembership.objects.create(user=person, role="SUPPORT")
    return person


def ask(client: Client, of: Family, person: Representative | Student, reason: str = WHY) -> HttpResponse:
    return client.post(
        reverse("admin:dossier_see_as", args=[of.dossier.uuid]), {"reader": str(person.uuid), "reason": reason}
    )


def visiting(user: User, of: Family, person: Representative | Student) -> Client:
    client = signed_in(user)
    assert ask(client, of, person).headers["Location"] == address(of, "dossier")
    return client


def banner(page: HttpResponse) -> bool:
    return b"o-visit" in page.content


# --- what is seen -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("story", [drafting, proposed, answered])
@pytest.mark.parametrize("who", ["mother", "father", "student"])
def test_each_page_is_word_for_word_the_reader_s_own(story: Any, who: str, at: At) -> None:
    camille = family()
    story(camille, at)
    person = getattr(camille, who)
    visit, own = visiting(head_of(camille), camille, person), signed_in(person)
    for name in SCREENS:
        seen = visit.get(screen(camille, name))
        assert text_of(seen) == text_of(own.get(screen(camille, name))), name
        assert banner(seen)


def test_what_is_being_typed_is_seen_by_who_sees_as_its_author_and_by_nobody_else(at: At) -> None:
    camille = family()
    drafting(camille, at)
    typed = Draft.objects.get(dossier=camille.dossier).choices[1]["free_text"]
    head = head_of(camille)
    assert typed in text_of(visiting(head, camille, camille.mother).get(screen(camille, "entry")))
    assert typed not in text_of(visiting(head, camille, camille.father).get(screen(camille, "entry")))


def test_a_visit_is_noted_before_anything_is_seen_with_who_as_whom_and_why(at: At) -> None:
    at(DURING_INTENTIONS)
    camille = family()
    head = head_of(camille)
    visiting(head, camille, camille.father)
    line = JournalEntry.objects.get(verb="seen_as_family")
    assert (line.dossier_uuid, line.actor_uuid, line.actor_kind) == (camille.dossier.uuid, head.uuid, "SCHOOL")
    assert line.data == {
        "role": "HEAD", "seen_as": str(camille.father.uuid), "seen_as_name": camille.father.full_name, "reason": WHY,
    }  # fmt: skip


@pytest.mark.parametrize("reason", ["", "court", " " * 20])
def test_without_a_reason_of_ten_characters_nothing_is_opened(reason: str, at: At) -> None:
    at(DURING_INTENTIONS)
    camille = family()
    client = signed_in(head_of(camille))
    assert ask(client, camille, camille.mother, reason).status_code == 422
    assert client.get(address(camille, "dossier")).status_code == 404
    assert not JournalEntry.objects.filter(verb="seen_as_family").exists()


def test_only_a_reader_of_this_dossier_who_has_an_account_can_be_chosen(at: At) -> None:
    at(DURING_INTENTIONS)
    camille, other = family(), family()
    nobody = factories.representative(camille.student, account=False)
    outsider = factories.representative(camille.student, level=2)
    former = factories.representative(camille.student)
    factories.loses_authority(camille, former)
    client = signed_in(head_of(camille))
    for person in (nobody, outsider, former, other.mother, other.student):
        assert ask(client, camille, person).status_code == 422
    page = client.get(reverse("admin:dossier_see_as", args=[camille.dossier.pk])).content.decode()
    assert f"absents de la liste : {nobody.full_name}." in page.replace("\u00a0", " ")


# --- read-only --------------------------------------------------------------------------------------------------------
@pytest.mark.django_db(databases=BOTH)
@pytest.mark.parametrize("when", [When.ENTRY, When.OPINIONS, When.PROPOSALS, When.AGREEMENT])
def test_no_page_of_the_family_writes_during_a_visit_whatever_is_posted(when: When, at: At) -> None:
    """What the mother or the father may do then (tests/authorisation), the visitor cannot."""
    world, known = build(when, at), every_address()
    of_families = [key for key in EVERYONE if key.startswith(("families:", "orientation:"))]
    before_visits = everything_kept()
    for person in (world.family.mother, world.family.father, world.family.student):
        client = world.clients[Role.HEAD]
        ask(client, world.family, person)
        before = everything_kept()
        for key in [*OF_THE_FAMILY, *of_families]:
            where = path_of(key, known[key], uuid=world.family.dossier.uuid, phase=world.phase, objects={})
            client.get(where)
            if key != "orientation:sign_out":
                assert client.post(where, world.posted.get(key)).status_code == 403, key
        assert everything_kept() == before
    told = {table for table, digest in everything_kept().items() if digest != before_visits[table]}
    assert told == {"default.ledger_journalentry"}


def inside(of: Family, view: Any) -> HttpResponse:
    """Run a view inside a visit, as the middleware does."""
    client = visiting(head_of(of), of, of.mother)
    request = RequestFactory().get(address(of, "dossier"))
    request.session = client.session
    request.user = User.objects.get(pk=client.session["_auth_user_id"])
    return SeeingAs(view)(request)


def test_an_act_called_inside_a_visit_is_refused_by_postgresql_itself(at: At) -> None:
    at(DURING_INTENTIONS)
    camille = family()

    def acts(request: HttpRequest) -> HttpResponse:
        actions.submit_choices(
            dossier=camille.dossier.uuid, phase="PROVISIONAL", choices=(GT,), base_version=0, by=actor(camille.mother)
        )
        return HttpResponse()

    with pytest.raises(InternalError) as refused:
        inside(camille, acts)
    assert refused.value.__cause__.pgcode == "25006"  # read_only_sql_transaction
    assert not Submission.objects.exists()
    entered(camille)  # the connection writes again once the visit's page is done
    assert Submission.objects.count() == 1


def test_nothing_inside_a_visit_can_give_itself_the_right_to_write(at: At) -> None:
    at(DURING_INTENTIONS)
    camille = family()

    def unlocks(request: HttpRequest) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ WRITE")
        return HttpResponse()

    with pytest.raises(InternalError) as refused:
        inside(camille, unlocks)
    assert refused.value.__cause__.pgcode == "25001"


@pytest.mark.django_db(databases=BOTH)
@pytest.mark.parametrize("sql", ["UPDATE siecle_mock_mockpupil SET ine = ine", "SELECT 1"])
def test_no_other_database_is_spoken_to_inside_a_visit(sql: str, at: At) -> None:
    at(DURING_INTENTIONS)

    def speaks(request: HttpRequest) -> HttpResponse:
        with connections["siecle_mock"].cursor() as cursor:
            cursor.execute(sql)
        return HttpResponse()

    with pytest.raises(ElsewhereInAVisit):
        inside(family(), speaks)
    with connections["siecle_mock"].cursor() as cursor:
        cursor.execute(sql)  # once the visit's page is done


def test_signing_out_during_a_visit_leaves_the_visitor_s_session_and_lets_no_recap_of_the_family_leave(at: At) -> None:
    at(DURING_INTENTIONS)
    camille = family()
    mother = signed_in(camille.mother)
    mother.get(address(camille, "dossier"))
    actions.submit_choices(
        dossier=camille.dossier.uuid, phase="PROVISIONAL", choices=(GT,), base_version=0,
        by=actor(camille.mother, mother.session["sid"]),
    )  # fmt: skip
    held = OutgoingEmail.objects.filter(state="HELD").count()
    client = visiting(head_of(camille), camille, camille.mother)
    client.post(reverse("orientation:sign_out"))
    assert OutgoingEmail.objects.filter(state="HELD").count() == held > 0
    assert client.get(address(camille, "dossier")).status_code == 302  # to signing in
    assert mother.get(address(camille, "dossier")).status_code == 200


# --- one dossier, half an hour ----------------------------------------------------------------------------------------
def test_a_visit_shows_that_child_only(at: At) -> None:
    at(DURING_INTENTIONS)
    camille = family()
    twin = sibling(camille)
    client = visiting(head_of(camille), camille, camille.mother)
    for name in SCREENS:
        assert client.get(screen(twin, name)).status_code == 404
    page = text_of(client.get(reverse("orientation:portal")))
    assert camille.student.full_name in page
    assert twin.student.full_name not in page
    account = client.get(reverse("families:account"))
    assert account.status_code == 403
    assert twin.student.full_name not in account.content.decode()


def test_a_visit_lasts_half_an_hour_however_active(at: At) -> None:
    at(DURING_INTENTIONS)
    camille = family()
    client = visiting(head_of(camille), camille, camille.mother)
    for minutes, status in ((20, 200), (29, 200), (30, 403), (31, 404)):
        at(DURING_INTENTIONS + timedelta(minutes=minutes))
        page = client.get(address(camille, "dossier"))
        assert (minutes, page.status_code) == (minutes, status)
        assert banner(page) is (status == 200)


def test_leaving_a_visit_gives_the_staff_their_own_pages_back(at: At) -> None:
    at(DURING_INTENTIONS)
    camille = family()
    client = visiting(head_of(camille), camille, camille.mother)
    left = client.post(reverse("admin:see_as_quit"))
    assert left.headers["Location"] == reverse("admin:orientation_dossier_change", args=[camille.dossier.pk])
    assert client.get(address(camille, "dossier")).status_code == 404
    assert client.get(left.headers["Location"]).status_code == 200


def test_the_admin_is_the_visitor_s_own_during_a_visit(at: At) -> None:
    at(DURING_INTENTIONS)
    camille = family()
    client = visiting(head_of(camille), camille, camille.mother)
    assert client.get(reverse("admin:orientation_dossier_change", args=[camille.dossier.pk])).status_code == 200


def test_who_loses_the_role_loses_the_visit(at: At) -> None:
    at(DURING_INTENTIONS)
    camille = family()
    head = head_of(camille)
    client = visiting(head, camille, camille.mother)
    head.memberships.all().delete()
    assert client.get(address(camille, "dossier")).status_code == 403


def test_a_reader_who_is_no_longer_a_representative_shows_nothing(at: At) -> None:
    at(DURING_INTENTIONS)
    camille = family()
    client = visiting(head_of(camille), camille, camille.mother)
    factories.loses_authority(camille, camille.mother)
    assert client.get(address(camille, "dossier")).status_code == 404
    assert camille.student.full_name not in text_of(client.get(reverse("orientation:portal")))


# --- who may ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("role", "status"), [("HEAD", 302), ("ACADEMY", 302), ("READER", 403), ("SECRETARY", 403)])
def test_the_head_and_the_academie_visit_and_the_others_of_the_school_do_not(role: str, status: int, at: At) -> None:
    at(DURING_INTENTIONS)
    camille = family()
    school = camille.student.school
    client = signed_in(factories.staff(school.academy if role == "ACADEMY" else school, role))
    assert ask(client, camille, camille.mother).status_code == status
    assert JournalEntry.objects.filter(verb="seen_as_family", data__role=role).exists() is (status == 302)


def test_another_school_another_academie_and_the_nation_find_no_such_dossier(at: At) -> None:
    at(DURING_INTENTIONS)
    camille = family()
    national = factories.user(is_staff=True)
    StaffMembership.objects.create(user=national, role="NATIONAL")
    for stranger in (
        factories.staff(factories.school()),
        factories.staff(factories.academy("28", name="La Réunion"), "ACADEMY"),
        national,
    ):
        assert ask(signed_in(stranger), camille, camille.mother).status_code == 404


def found(client: Client, said: str) -> str:
    return text_of_admin(client.post(reverse("admin:see_as_find"), {"said": said}))


def text_of_admin(page: HttpResponse) -> str:
    return page.content.decode()


def test_the_support_finds_a_dossier_by_what_a_family_reads_out_and_by_no_name(at: At) -> None:
    at(DURING_INTENTIONS)
    camille, client = family(ine="123456789AB"), signed_in(support())
    link = f'href="{reverse("admin:dossier_see_as", args=[camille.dossier.uuid])}"'
    spoken = ["123456789AB", " 123456789 ab", str(camille.dossier.uuid), f"https://x.invalid{screen(camille, 'entry')}"]
    assert [link in found(client, said) for said in spoken] == [True] * 4
    silent = ["123456789", camille.student.family_name, camille.student.first_name, "%", "/dossiers/"]
    assert [link in found(client, said) for said in silent] == [False] * 5


@pytest.mark.parametrize(("who", "status"), [("SUPPORT", 404), ("HEAD", 200)])
def test_the_support_goes_from_no_number_to_the_next(who: str, status: int, at: At) -> None:
    """One after the other, they would name every pupil and parent of the country, untold in the history."""
    at(DURING_INTENTIONS)
    camille = family()
    client = signed_in(support() if who == "SUPPORT" else head_of(camille))
    page = client.get(reverse("admin:dossier_see_as", args=[camille.dossier.pk]))
    assert page.status_code == status
    assert (camille.mother.full_name in text_of_admin(page)) is (who == "HEAD")


def test_a_head_finds_nothing_outside_the_school_and_who_may_not_visit_cannot_search(at: At) -> None:
    camille = family(ine="123456789AB")
    elsewhere = signed_in(factories.staff(factories.school()))
    assert camille.student.full_name not in found(elsewhere, "123456789AB")
    secretary = signed_in(factories.staff(camille.student.school, "SECRETARY"))
    assert secretary.post(reverse("admin:see_as_find"), {"said": "123456789AB"}).status_code == 403


def test_the_support_visits_and_reads_nothing_else(at: At) -> None:
    at(DURING_INTENTIONS)
    camille = family()
    client = visiting(support(), camille, camille.mother)
    assert banner(client.get(address(camille, "dossier")))
    assert JournalEntry.objects.get(verb="seen_as_family").actor_kind == "SYSTEM"
    assert client.post(reverse("admin:see_as_quit")).headers["Location"] == reverse("admin:see_as_find")
    assert client.get(reverse("admin:orientation_dossier_change", args=[camille.dossier.pk])).status_code == 404
    assert client.get(reverse("admin:orientation_dossier_changelist")).status_code == 403


# --- who looked -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("role", "said"), [("HEAD", "L’établissement"), ("ACADEMY", "L’académie"), ("SUPPORT", "L’assistance")]
)
def test_the_family_reads_who_looked_without_a_name_or_a_reason_and_the_school_reads_all(
    role: str, said: str, at: At
) -> None:
    at(DURING_INTENTIONS)
    camille = family()
    school = camille.student.school
    visitor = support() if role == "SUPPORT" else factories.staff(school.academy if role == "ACADEMY" else school, role)
    visitor.first_name, visitor.last_name = "Paule", "Visiteuse"
    visitor.save()
    visiting(visitor, camille, camille.father)
    history = text_of(signed_in(camille.mother).get(address(camille, "history")))
    assert f"{said} a consulté votre dossier" in history
    assert camille.father.full_name in history
    assert "Visiteuse" not in history
    assert WHY not in history
    reader = signed_in(factories.staff(school, "READER"))
    page = text_of_admin(reader.get(reverse("admin:orientation_dossier_change", args=[camille.dossier.pk])))
    assert f"Paule Visiteuse, l{said[1:]}" in page
    assert WHY in page
