"""What an académie does: its calendar, its policies, its extensions (CAL-02, CAL-03)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from ledger.models import JournalEntry, OutgoingEmail
from orientation import letters
from orientation.models import Campaign, Extension, PhaseWindow
from tests import factories
from tests.admin.world import client_of, page
from tests.factories import DURING_INTENTIONS, Family

pytestmark = pytest.mark.django_db(databases=["default", "siecle_mock"])
At = Callable[[datetime | str], None]
ZONE = ZoneInfo("Europe/Paris")


@pytest.fixture
def family(at: At) -> Family:
    at(DURING_INTENTIONS)
    return factories.family()


def governs(family: Family) -> Client:
    return client_of(factories.staff(family.student.school.academy, "ACADEMY"))


def fields_of(campaign: Campaign, **changes: Any) -> dict[str, Any]:
    """The change page as a browser would post it back."""
    names = [
        "max_choices", "acknowledgement_by", "opinion_change", "objection", "answered_by", "acceptances", "recap_to",
        "recap_when", "specialties", "specialties_if_outside",
    ]  # fmt: skip
    data: dict[str, Any] = {name: getattr(campaign, name) for name in names}
    data |= {"free_text": "on", "opinion_values": "\n".join(campaign.opinion_values)}
    data |= {"windows-TOTAL_FORMS": 4, "windows-INITIAL_FORMS": 4, "windows-MAX_NUM_FORMS": 4}
    data |= {"extensions-TOTAL_FORMS": 0, "extensions-INITIAL_FORMS": 0}
    for number, row in enumerate(campaign.windows.order_by("opens_at")):
        data |= {f"windows-{number}-id": row.pk, f"windows-{number}-campaign": campaign.pk}
        data |= {f"windows-{number}-phase": row.phase, f"windows-{number}-kind": row.kind}
        for name in ("opens_at", "closes_at"):
            local = getattr(row, name).astimezone(ZONE)
            data |= {
                f"windows-{number}-{name}_0": f"{local:%d/%m/%Y}",
                f"windows-{number}-{name}_1": f"{local:%H:%M:%S}",
            }
    return data | changes


def save(family: Family, **changes: Any) -> HttpResponse:
    campaign = family.dossier.campaign
    where = reverse("admin:orientation_campaign_change", args=[campaign.pk])
    return governs(family).post(where, fields_of(campaign, **changes))


def test_a_window_is_typed_in_the_academie_s_time(family: Family) -> None:
    assert save(family, **{"windows-0-closes_at_0": "28/02/2026", "windows-0-closes_at_1": "12:30"}).status_code == 302
    assert PhaseWindow.objects.order_by("opens_at").first().closes_at == datetime(2026, 2, 28, 11, 30, tzinfo=UTC)
    assert PhaseWindow.objects.count() == 4
    assert JournalEntry.objects.filter(verb="calendar_set", actor_kind="ACADEMY").count() == 1


def test_the_whole_calendar_moves_at_once(family: Family) -> None:
    """The entry takes days that were its consultation's, and the consultation moves in the same save."""
    moved = {
        "windows-0-closes_at_0": "10/03/2026", "windows-1-opens_at_0": "12/03/2026",
    }  # fmt: skip
    assert save(family, **moved).status_code == 302


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"windows-0-closes_at_0": "12/01/2026", "windows-0-closes_at_1": "20:00"}, "TOO_SHORT"),
        ({"windows-0-closes_at_0": "10/03/2026"}, "WRONG_ORDER"),
    ],
)
def test_windows_out_of_order_are_refused(family: Family, changes: dict[str, str], code: str) -> None:
    before = list(PhaseWindow.objects.order_by("pk").values())
    answer = save(family, **changes)
    formset = answer.context["inline_admin_formsets"][0].formset
    assert [error.code for error in formset.non_form_errors().as_data()] == [code]
    assert list(PhaseWindow.objects.order_by("pk").values()) == before


def test_policies_are_changed_and_journaled(family: Family) -> None:
    assert save(family, opinion_values="Favorable\nDéfavorable\n\n", max_choices=2).status_code == 302
    campaign = Campaign.objects.get()
    assert (campaign.opinion_values, campaign.max_choices) == (["Favorable", "Défavorable"], 2)
    line = JournalEntry.objects.get(verb="policies_set")
    assert (line.data["before"]["max_choices"], line.data["after"]["max_choices"]) == (3, 2)
    assert not JournalEntry.objects.filter(verb="calendar_set").exists()


def extend(family: Family, **typed: str) -> HttpResponse:
    data = {
        "window": "PROVISIONAL ENTRY", "uai": "", "division": "", "closes_at_0": "26/02/2026", "closes_at_1": "00:00",
        "reason": "neige", **typed,
    }  # fmt: skip
    return governs(family).post(reverse("admin:orientation_campaign_extend", args=[family.dossier.campaign_id]), data)


def code_of(response: HttpResponse) -> set[str]:
    return {error.code for errors in response.context["form"].errors.as_data().values() for error in errors}


def test_an_extension_is_one_act_told_to_every_family_concerned(family: Family) -> None:
    elsewhere = factories.family()
    assert extend(family).status_code == 302
    made = Extension.objects.get()
    assert (made.closes_at, made.school, made.division) == (datetime(2026, 2, 25, 23, tzinfo=UTC), None, None)
    told = OutgoingEmail.objects.filter(kind="window_extended")
    assert set(told.values_list("recipient_uuid", flat=True)) == {
        one.uuid for one in [*family.parents, *elsewhere.parents]
    }
    assert "mercredi 25 février 2026 à 23" in letters.render(told.first()).text


def test_an_extension_for_one_division_tells_its_families_only(family: Family) -> None:
    factories.family(of=factories.division(family.student.school, "3 B"))
    answer = extend(family, uai=family.student.school.uai, division=family.student.division.code)
    assert answer.status_code == 302
    assert Extension.objects.get().division == family.student.division
    told = OutgoingEmail.objects.filter(kind="window_extended").values_list("recipient_uuid", flat=True)
    assert set(told) == {one.uuid for one in family.parents}


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"closes_at_0": "19/02/2026"}, "NOT_LATER"),
        ({"closes_at_0": "15/03/2026"}, "WRONG_ORDER"),
        ({"uai": "0750001A"}, "UNKNOWN_SCHOOL"),
        ({"division": "3 A"}, "UAI_MISSING"),
        ({"reason": ""}, "required"),
    ],
)
def test_an_extension_that_makes_no_sense_is_refused(family: Family, typed: dict[str, str], code: str) -> None:
    answer = extend(family, **typed)
    assert (answer.status_code, code_of(answer)) == (422, {code})
    assert not Extension.objects.exists()


def test_a_school_of_another_academie_is_unknown_here(family: Family) -> None:
    reunion = factories.academy("28", name="La Réunion", timezone="Indian/Reunion", sender_email="o@re.invalid")
    assert code_of(extend(family, uai=factories.school(academy=reunion).uai)) == {"UNKNOWN_SCHOOL"}


def test_a_school_reads_the_calendar_and_extends_nothing(family: Family) -> None:
    head = client_of(factories.staff(family.student.school))
    assert page(head, "orientation_campaign_change", family.dossier.campaign_id).status_code == 200
    where = reverse("admin:orientation_campaign_extend", args=[family.dossier.campaign_id])
    assert head.get(where).status_code == 403
