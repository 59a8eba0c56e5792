"""What the staff of a school do: their service and closing, codes, addresses, pens and waits (CAL, ACC, OPI-05)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from families.activation import digest
from families.models import ActivationCode, Representative
from ledger.models import JournalEntry, OutgoingEmail
from orientation.actions import submit_choices
from orientation.enums import Phase
from orientation.models import GateLift, Pen, SchoolClosing, ServiceSwitch
from tests import factories
from tests.admin.world import client_of, page
from tests.factories import DURING_CHOICES, DURING_INTENTIONS, DURING_OPINIONS, GT, Family, actor

pytestmark = pytest.mark.django_db(databases=["default", "siecle_mock"])
At = Callable[[datetime | str], None]


@pytest.fixture
def family(at: At) -> Family:
    at(DURING_INTENTIONS)
    return factories.family()


def staff_of(family: Family, role: str = "HEAD") -> Client:
    return client_of(factories.staff(family.student.school, role))


def closes(client: Client, family: Family, day: str, hour: str = "18:00", **more: Any) -> HttpResponse:
    campaign, phase = family.dossier.campaign, Phase.PROVISIONAL
    name = f"{campaign.pk}-{phase}-closes_at"
    typed = {"campaign": campaign.pk, "phase": phase, f"{name}_0": day, f"{name}_1": hour, **more}
    return client.post(reverse("admin:school_closing", args=[family.student.school_id]), typed)


def codes(response: HttpResponse, family: Family) -> set[str]:
    life = response.context["lives"][0]
    form = next(one for one in life.phases if one.phase == Phase.PROVISIONAL).form
    return {error.code for errors in form.errors.as_data().values() for error in errors}


def test_the_school_s_own_closing_is_typed_in_its_time_and_is_the_deadline_families_read(family: Family) -> None:
    assert closes(staff_of(family, "SECRETARY"), family, "06/02/2026").status_code == 302
    assert SchoolClosing.objects.get().closes_at == datetime(2026, 2, 6, 17, tzinfo=UTC)
    shown = page(staff_of(family, "READER"), "school_life", family.student.school_id)
    assert "vendredi 6 février 2026 à 18" in shown.context["lives"][0].phases[0].deadline


def test_a_closing_in_mayotte_is_in_mayotte_time(at: At) -> None:
    at(DURING_INTENTIONS)
    mayotte = factories.academy("33", name="Mayotte", timezone="Indian/Mayotte", sender_email="o@m.invalid")
    family = factories.family(of=factories.division(factories.school(academy=mayotte)))
    assert closes(staff_of(family), family, "06/02/2026").status_code == 302
    assert SchoolClosing.objects.get().closes_at == datetime(2026, 2, 6, 15, tzinfo=UTC)


@pytest.mark.parametrize("day", ["05/01/2026", "01/03/2026"])
def test_a_closing_outside_the_academie_s_window_is_refused_and_what_was_typed_stays(family: Family, day: str) -> None:
    refused = closes(staff_of(family), family, day)
    assert (refused.status_code, codes(refused, family)) == (422, {"OUTSIDE_WINDOW"})
    assert day in refused.content.decode()
    assert not SchoolClosing.objects.exists()


def test_a_closing_in_the_past_is_refused(family: Family) -> None:
    assert codes(closes(staff_of(family), family, "15/01/2026"), family) == {"PAST"}


def test_a_closing_is_lifted(family: Family) -> None:
    head = staff_of(family)
    closes(head, family, "06/02/2026")
    assert closes(head, family, "", "", lift="1").status_code == 302
    assert SchoolClosing.objects.latest("pk").closes_at is None


def test_the_service_is_switched_off_only_once_confirmed(family: Family) -> None:
    head, where = staff_of(family), reverse("admin:school_service", args=[family.student.school_id])
    asked = {"campaign": family.dossier.campaign_id, "etat": "ferme"}
    assert head.get(where, asked).status_code == 200
    assert head.post(where, asked).status_code == 200
    assert not ServiceSwitch.objects.exists()
    assert head.post(where, {**asked, "confirm": "1"}).status_code == 302
    assert ServiceSwitch.objects.get().enabled is False
    assert head.post(where, {**asked, "etat": "ouvert", "confirm": "1"}).status_code == 302
    assert ServiceSwitch.objects.latest("pk").enabled is True
    assert JournalEntry.objects.filter(verb="service_switched_off", actor_kind="SCHOOL").count() == 1


def test_a_reader_changes_nothing_of_the_service(family: Family) -> None:
    reader, school = staff_of(family, "READER"), family.student.school_id
    assert page(reader, "school_life", school).status_code == 200
    assert closes(reader, family, "06/02/2026").status_code == 403
    confirmed = {"campaign": family.dossier.campaign_id, "etat": "ferme", "confirm": "1"}
    assert reader.post(reverse("admin:school_service", args=[school]), confirmed).status_code == 403
    assert not SchoolClosing.objects.exists() and not ServiceSwitch.objects.exists()


def test_another_school_s_life_is_a_404(family: Family) -> None:
    head, other = staff_of(family), factories.family()
    assert page(head, "school_life", other.student.school_id).status_code == 404
    assert closes(head, other, "06/02/2026").status_code == 404


def entered(family: Family) -> None:
    submit_choices(
        dossier=family.dossier.uuid, phase=Phase.PROVISIONAL, choices=[GT], base_version=0, by=actor(family.mother)
    )


def release(client: Client, family: Family, reason: str = "erreur") -> HttpResponse:
    return client.post(reverse("admin:dossier_release", args=[family.dossier.pk, "PROVISIONAL"]), {"reason": reason})


@pytest.mark.parametrize(("role", "status"), [("READER", 403), ("SECRETARY", 403), ("HEAD", 302)])
def test_only_the_head_releases_a_pen_and_both_parents_are_told(family: Family, role: str, status: int) -> None:
    entered(family)
    assert release(staff_of(family, role), family).status_code == status
    told = OutgoingEmail.objects.filter(kind="pen_released").count()
    assert (Pen.objects.filter(released_at__isnull=False).count(), told) == ((1, 2) if status == 302 else (0, 0))


def test_a_pen_is_never_released_without_a_reason(family: Family) -> None:
    entered(family)
    assert release(staff_of(family), family, "  ").status_code == 422
    assert Pen.objects.get().released_at is None


def test_a_head_never_releases_a_pen_of_another_school(family: Family) -> None:
    entered(family)
    assert release(staff_of(factories.family()), family).status_code == 404
    assert Pen.objects.get().released_at is None


def lift(client: Client, family: Family) -> HttpResponse:
    return client.post(reverse("admin:dossier_lift", args=[family.dossier.pk]), {"reason": "pas de conseil"})


def test_only_the_head_lifts_the_wait_and_only_where_nothing_can_be_acknowledged(family: Family, at: At) -> None:
    other = factories.family(of=family.student.division)
    factories.statement(other, answers=[(GT, "Favorable")], published_at=DURING_OPINIONS)
    at(DURING_CHOICES)
    assert lift(staff_of(family, "SECRETARY"), family).status_code == 403
    assert lift(staff_of(family), other).status_code == 302
    assert not GateLift.objects.exists()
    assert lift(staff_of(family), family).status_code == 302
    assert lift(staff_of(family), family).status_code == 302
    assert GateLift.objects.get().dossier == family.dossier


def test_the_detail_of_a_dossier_reads_its_whole_history_and_writes_nothing(family: Family) -> None:
    entered(family)
    shown = page(staff_of(family, "READER"), "orientation_dossier_change", family.dossier.pk)
    assert [line["who"] for line in shown.context["history"]] == [family.mother.full_name]
    assert shown.context["phases"][0]["may_release"] is False
    posted = staff_of(family).post(reverse("admin:orientation_dossier_change", args=[family.dossier.pk]), {"x": "1"})
    assert posted.status_code == 405


def test_the_follow_up_list_costs_the_same_whatever_the_number_of_dossiers(family: Family) -> None:
    head = staff_of(family)

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert page(head, "orientation_dossier_changelist").status_code == 200
        return len(asked)

    few = cost()
    for _ in range(6):
        entered(factories.family(of=family.student.division))
    assert cost() <= few + 2 and few <= 22


def test_the_follow_up_list_finds_who_has_entered_nothing(family: Family) -> None:
    late = factories.family(of=family.student.division)
    entered(family)
    found = page(staff_of(family), "orientation_dossier_changelist", manque="intentions").context["cl"].result_list
    assert [one.pk for one in found] == [late.dossier.pk]


def test_the_school_fills_in_a_missing_address_and_never_changes_one(family: Family) -> None:
    Representative.objects.filter(pk=family.mother.pk).update(email="")
    secretary = staff_of(family, "SECRETARY")
    for parent in (family.mother, family.father):
        where = reverse("admin:families_representative_change", args=[parent.pk])
        assert secretary.post(where, {"email": "neuve@exemple.invalid", "family_name": "Autre"}).status_code == 302
        parent.refresh_from_db()
    assert family.mother.email == "neuve@exemple.invalid" and family.mother.family_name == "Martin"
    assert family.father.email.startswith("parent")
    assert JournalEntry.objects.filter(verb="address_filled").count() == 1


@pytest.mark.parametrize(("role", "issued"), [("READER", 0), ("SECRETARY", 1)])
def test_activation_codes_are_shown_once_to_who_runs_the_service(family: Family, role: str, issued: int) -> None:
    factories.representative(family.student, account=False)
    where = reverse("admin:families_division_changelist")
    asked = {"action": "print_codes", "_selected_action": [family.student.division_id]}
    answer = staff_of(family, role).post(where, asked)
    assert ActivationCode.objects.count() == issued
    if issued:
        assert digest(answer.context["codes"][0].code) == ActivationCode.objects.get().digest
        assert "no-store" in answer["Cache-Control"]


def test_every_staff_page_has_its_help_link_and_the_strict_policy(family: Family) -> None:
    head = staff_of(family)
    for name in ("index", "families_school_changelist", "orientation_dossier_changelist"):
        shown = page(head, name)
        html = shown.content.decode()
        assert ">Aide</a>" in html and "unsafe-inline" not in shown["Content-Security-Policy"]
        assert "<script>" not in html and "style=" not in html and "onclick=" not in html
