"""No door of the admin shows or lets write another school's data (ACC-06)."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse

from families.admin_base import ScopeBy, Scoped, ScopedModelAdmin
from families.models import Academy, Attachment, Representative, School, Student, User
from families.powers import POWERS, Power
from ledger import journal, outbox
from ledger.models import JournalEntry, OutgoingEmail
from orientation.models import Campaign, Dossier, Extension, InvariantRun
from siecle_sync.mock.models import MockDivision, MockPupil
from siecle_sync.models import HeldLine, MassChange, Run, RunLine, SiecleImport
from tests import factories
from tests.admin.world import BOTH, World, client_of, desk_of, page, world

pytestmark = [pytest.mark.django_db(databases=BOTH), pytest.mark.corrupts("INV-60", "INV-76")]
NOW = datetime(2026, 1, 20, 18, tzinfo=UTC)
OURS = {"families", "orientation", "ledger", "siecle_sync", "siecle_mock"}


@pytest.fixture
def everywhere() -> World:
    """Rows of every registered model in each of the three schools."""
    made = world()
    InvariantRun.objects.create(started_at=NOW, ended_at=NOW, dossiers=3)
    for family in made.families:
        school, campaign = family.student.school, family.dossier.campaign
        desk_of(family)
        actor = factories.actor(family.mother)
        journal.write(verb="entry_validated", by=actor, at=NOW, dossier=family.dossier.uuid)
        journal.write(verb="council_opened", by=actor, at=NOW, school=school.uai)
        outbox.post(
            kind="recap_author", recipient=family.mother.uuid, dossier=family.dossier.uuid, about=None,
            dedup_key=str(family.dossier.uuid), at=NOW,
        )  # fmt: skip
        night = {"night_on": NOW.date(), "started_at": NOW, "state": "FINISHED"}
        run = Run.objects.create(academy=school.academy, campaign=campaign, **night)
        RunLine.objects.create(
            run=run, direction="IN", seq=1, kind="STATEMENT", ref="x", uai=school.uai, outcome="REJECTED",
            code="MALFORMED", sentence="illisible",
        )  # fmt: skip
        waits = {"campaign": campaign, "uai": school.uai}
        HeldLine.objects.create(seq=school.pk, code="UNKNOWN_PUPIL", line={}, since=NOW, **waits)
        MassChange.objects.create(up_to=9, standing=20, touched=19, found_at=NOW, **waits)
        family.mother.user.attachments.create(representative=family.mother, way="CODE", at=NOW)
        SiecleImport.objects.create(school=school, year=2025, by=factories.user(is_staff=True), created_at=NOW)
    return made


def school_of(row: Model) -> str:
    """The UAI a row belongs to; "" when it belongs to an académie."""
    match row:
        case School():
            return row.uai
        case Academy() | Campaign() | Run() | InvariantRun():  # what one found: test_controls
            return ""
        case Dossier():
            return row.student.school.uai
        case JournalEntry() | OutgoingEmail():
            found = Dossier.objects.filter(uuid=row.dossier_uuid).first() if row.dossier_uuid else None
            return found.student.school.uai if found else row.data["school"]
        case Attachment():
            return row.representative.school.uai
        case MockDivision() | MockPupil() | RunLine() | HeldLine() | MassChange():
            return row.uai
    return row.school.uai


def admins_of_ours() -> list[tuple[type[Model], admin.ModelAdmin]]:
    return [(model, one) for model, one in admin.site._registry.items() if model._meta.app_label in OURS]


def request_of(user: User) -> Any:
    request = RequestFactory().get("/admin/")
    request.user = user
    return request


def for_schools() -> list[tuple[type[Model], admin.ModelAdmin]]:
    return [(model, one) for model, one in admins_of_ours() if one.scope_by is not ScopeBy.SUPERUSER]


def test_every_model_admin_of_ours_is_scoped_or_for_superusers_and_so_are_its_inlines() -> None:
    assert len(admins_of_ours()) >= 15
    for model, one in admins_of_ours():
        assert isinstance(one, ScopedModelAdmin), model
        assert all(issubclass(inline, Scoped) for inline in one.inlines), model


def test_the_scoped_base_alone_decides_who_sees_what() -> None:
    decided = {"has_view_permission", "has_change_permission", "has_add_permission", "has_delete_permission"}
    for model, one in admins_of_ours():
        for kind in [type(one), *one.inlines]:
            assert not decided & vars(kind).keys(), model


def test_a_school_lists_its_own_rows_only(everywhere: World) -> None:
    head = factories.staff(everywhere.school)
    for model, one in for_schools():
        if one.view_power not in POWERS["HEAD"]:
            assert not one.get_queryset(request_of(head)).exists(), model
            continue
        rows = list(one.get_queryset(request_of(head)))
        assert rows, model
        assert {school_of(row) for row in rows} <= {everywhere.school.uai, ""}, model


def test_an_academie_lists_the_rows_of_its_schools_only(everywhere: World) -> None:
    person = factories.staff(everywhere.reunion, "ACADEMY")
    far = everywhere.far.student.school.uai
    for model, one in for_schools():
        rows = list(one.get_queryset(request_of(person)))
        assert rows, model
        assert {school_of(row) for row in rows} <= {far, ""}, model
        assert not any(getattr(row, "academy_id", "28") not in ("28",) for row in rows), model


def test_a_member_of_staff_without_a_role_and_a_parent_see_nothing(everywhere: World) -> None:
    nobody = factories.user(is_staff=True)
    for model, one in for_schools():
        assert not one.get_queryset(request_of(nobody)).exists(), model
        assert (
            page(client_of(nobody), f"{model._meta.app_label}_{model._meta.model_name}_changelist").status_code == 403
        )
    assert page(client_of(everywhere.here.mother.user), "index").status_code == 302


def test_an_anonymous_visitor_is_led_to_the_one_sign_in_page() -> None:
    for method in ("get", "post"):
        led = getattr(Client(), method)(reverse("admin:index"), follow=True)
        assert led.redirect_chain[-1][0] == "/connexion/?next=%2Fadmin%2F"


def test_the_admin_has_no_sign_in_form_of_its_own(everywhere: World) -> None:
    client = Client()
    head = factories.staff(everywhere.school)
    typed = {"username": head.username, "password": "mot-de-passe-solide", "next": "/admin/"}
    assert client.post(reverse("admin:login"), typed).url == "/connexion/?next=%2Fadmin%2F"
    assert "_auth_user_id" not in client.session


def test_a_family_at_the_admin_s_door_is_told_it_is_not_theirs(everywhere: World) -> None:
    assert client_of(everywhere.here.mother.user).get(reverse("admin:login")).status_code == 403


def test_filters_name_no_other_school_s_divisions_or_schools(everywhere: World) -> None:
    person = client_of(factories.staff(everywhere.lyon, "ACADEMY"))
    for name in ("families_student", "families_representative", "families_division", "orientation_dossier"):
        html = page(person, f"{name}_changelist").content.decode()
        assert everywhere.neighbour.student.school.name in html, name
        assert everywhere.far.student.school.name not in html, name


def test_a_filter_in_the_address_reaches_nothing_more(everywhere: World) -> None:
    head = client_of(factories.staff(everywhere.school))
    other = everywhere.neighbour.student
    shown = page(head, "orientation_dossier_changelist", student__school__id__exact=other.school_id).content.decode()
    assert other.first_name not in shown
    assert other.first_name not in page(head, "families_student_changelist", q=other.ine).content.decode()


@pytest.mark.parametrize(
    "asked", ["?ine__regex=(", "?ine__iregex=.", "?ine=%00", "?school__id__exact=%00", "?division=%00", "%00/change/"]
)
def test_an_address_that_no_page_gives_is_refused_before_it_reaches_the_database(asked: str) -> None:
    head = client_of(factories.staff(factories.school()))
    assert head.get(f"{reverse('admin:families_student_changelist')}{asked}").status_code == 400


def test_autocompletion_is_closed_to_schools(everywhere: World) -> None:
    query = {"app_label": "families", "model_name": "staffmembership", "field_name": "school", "term": "Collège"}
    head = client_of(factories.staff(everywhere.school))
    answer = head.get(reverse("admin:autocomplete"), query)
    names = [one["text"] for one in json.loads(answer.content)["results"]] if answer.status_code == 200 else []
    assert everywhere.neighbour.student.school.name not in names


def test_an_action_on_another_school_s_division_issues_no_code(everywhere: World) -> None:
    secretary = client_of(factories.staff(everywhere.school, "SECRETARY"))
    where = reverse("admin:families_division_changelist")
    orphan = factories.representative(everywhere.neighbour.student, account=False)
    secretary.post(where, {"action": "print_codes", "_selected_action": [everywhere.neighbour.student.division_id]})
    assert not orphan.activation_codes.exists()


def test_a_foreign_key_offers_what_one_may_write_only(everywhere: World) -> None:
    campaigns = admin.site.get_model_admin(Campaign)
    request = request_of(factories.staff(everywhere.reunion, "ACADEMY"))
    field = Campaign._meta.get_field("academy")
    assert list(campaigns.get_field_queryset(None, field, request)) == [everywhere.reunion]
    students = admin.site.get_model_admin(Student)
    request = request_of(factories.staff(everywhere.school))
    assert not students.get_field_queryset(None, Student._meta.get_field("user"), request).exists()


def test_nothing_is_ever_deleted_from_the_admin(everywhere: World) -> None:
    superuser = factories.user(is_superuser=True, is_staff=True)
    for model, one in admins_of_ours():
        assert not one.has_delete_permission(request_of(superuser)), model
        assert "delete_selected" not in one.get_actions(request_of(superuser)), model


@pytest.mark.parametrize(
    ("role", "powers"),
    [
        ("READER", {"READ"}),
        ("SECRETARY", {"READ", "WORK"}),
        ("HEAD", {"READ", "WORK", "DECIDE", "SEE_AS"}),
        ("ACADEMY", {"READ", "GOVERN", "SEE_AS"}),
        ("NATIONAL", {"OVERSEE"}),
        ("SUPPORT", {"SEE_AS"}),
    ],
)
def test_each_role_has_these_powers(role: str, powers: set[str]) -> None:
    assert POWERS[role] == {Power(one) for one in powers}


def test_a_power_in_one_school_gives_none_in_another(everywhere: World) -> None:
    person = factories.staff(everywhere.school, "HEAD")
    person.memberships.create(role="READER", school=everywhere.neighbour.student.school)
    client = client_of(person)
    parent = everywhere.neighbour.mother
    Representative.objects.filter(pk=parent.pk).update(email="")
    assert page(client, "families_representative_change", parent.pk).status_code == 200
    written = client.post(reverse("admin:families_representative_change", args=[parent.pk]), {"email": "a@b.invalid"})
    parent.refresh_from_db()
    assert (written.status_code, parent.email) == (403, "")
    release = reverse("admin:dossier_release", args=[everywhere.neighbour.dossier.pk, "PROVISIONAL"])
    assert client.post(release, {"reason": "x"}).status_code == 403


def test_an_academie_changes_its_own_campaign_only(everywhere: World) -> None:
    person = client_of(factories.staff(everywhere.reunion, "ACADEMY"))
    other = everywhere.here.dossier.campaign
    assert person.post(reverse("admin:orientation_campaign_change", args=[other.pk]), {}).status_code == 404
    assert person.get(reverse("admin:orientation_campaign_extend", args=[other.pk])).status_code == 404
    head = client_of(factories.staff(everywhere.school))
    assert head.get(reverse("admin:orientation_campaign_change", args=[other.pk])).status_code == 200
    assert head.post(reverse("admin:orientation_campaign_change", args=[other.pk]), {}).status_code == 403
    assert head.post(reverse("admin:orientation_campaign_extend", args=[other.pk]), {}).status_code == 403
    assert not Extension.objects.exists()
