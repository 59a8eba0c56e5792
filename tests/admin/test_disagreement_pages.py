"""What the staff of a school write down of a meeting and of an appeal, and what they read of it (ANS-07, SIE-08)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from orientation.models import Appeal, Decision, Meeting
from orientation.rules import Refusal
from tests import factories
from tests.admin.world import client_of, page
from tests.factories import Family
from tests.orientation.states import answered, refused

pytestmark = [pytest.mark.django_db(databases=["default", "siecle_mock"]), pytest.mark.corrupts("INV-64")]
At = Callable[[datetime | str], None]
NOON = datetime(2026, 6, 15, 10, tzinfo=UTC)
MEETING, APPEAL = "dossier_meeting", "dossier_appeal"
SAID = {"held_on": "2026-06-15", "present": "l’élève et sa mère"}


@pytest.fixture
def family(at: At) -> Family:
    """The mother has refused every proposal; the head's decision is not taken yet."""
    made = factories.family()
    refused(made, at)
    at(NOON)
    return made


def staff_of(family: Family, role: str = "SECRETARY") -> Client:
    return client_of(factories.staff(family.student.school, role))


def decides(family: Family) -> Decision:
    made = Decision.objects.create(
        dossier=family.dossier, origin="HEAD", at=NOON, notified_on=date(2026, 6, 15), siecle_ref="head"
    )
    made.pathways.create(pathway="CAP")
    return made


def records(client: Client, family: Family, name: str, **typed: str) -> HttpResponse:
    return client.post(reverse(f"admin:{name}", args=[family.dossier.pk]), typed)


def codes(response: HttpResponse) -> set[str]:
    return {error.code for errors in response.context["form"].errors.as_data().values() for error in errors}


@pytest.mark.parametrize(("role", "status"), [("READER", 403), ("SECRETARY", 302), ("HEAD", 302)])
def test_who_runs_the_service_records_a_meeting_and_an_appeal(family: Family, role: str, status: int, at: At) -> None:
    assert records(staff_of(family, role), family, MEETING, **SAID).status_code == status
    decides(family)
    at(NOON + timedelta(days=1))
    assert records(staff_of(family, role), family, APPEAL, filed_on="2026-06-16").status_code == status
    assert (Meeting.objects.count(), Appeal.objects.count()) == ((1, 1) if status == 302 else (0, 0))


def test_the_staff_of_another_school_or_of_the_academie_record_nothing(family: Family) -> None:
    decides(family)
    other, academie = staff_of(factories.family(), "HEAD"), client_of(factories.staff(factories.academy(), "ACADEMY"))
    for name, typed in ((MEETING, SAID), (APPEAL, {"filed_on": "2026-06-15"})):
        assert records(other, family, name, **typed).status_code == 404
        assert records(academie, family, name, **typed).status_code == 403
    assert not Meeting.objects.exists() and not Appeal.objects.exists()


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({**SAID, "held_on": "2026-06-16"}, Refusal.FUTURE_DATE),
        ({**SAID, "held_on": "2026-06-01"}, Refusal.BEFORE_PROPOSALS),
        ({**SAID, "present": "  "}, "required"),
        ({"present": "tous"}, "required"),
    ],
)
def test_a_meeting_that_cannot_be_is_refused_beside_its_date(family: Family, typed: dict[str, str], code: str) -> None:
    refused_page = records(staff_of(family), family, MEETING, **typed)
    assert (refused_page.status_code, codes(refused_page)) == (422, {code})
    assert not Meeting.objects.exists()


def test_a_second_meeting_of_the_same_day_is_refused_and_a_double_click_is_not(family: Family) -> None:
    client = staff_of(family)
    assert [records(client, family, MEETING, **SAID).status_code for _ in range(2)] == [302, 302]
    assert codes(records(client, family, MEETING, **{**SAID, "present": "tous"})) == {Refusal.ALREADY_RECORDED}
    assert Meeting.objects.count() == 1


@pytest.mark.parametrize(
    ("filed_on", "code"), [("2026-06-14", Refusal.BEFORE_NOTIFICATION), ("2026-06-16", Refusal.FUTURE_DATE)]
)
def test_an_appeal_that_cannot_be_is_refused_beside_its_date(family: Family, filed_on: str, code: str) -> None:
    decides(family)
    refused_page = records(staff_of(family), family, APPEAL, filed_on=filed_on)
    assert (refused_page.status_code, codes(refused_page)) == (422, {code})


def test_a_second_appeal_is_refused(family: Family, at: At) -> None:
    decides(family)
    at(NOON + timedelta(days=1))
    client = staff_of(family)
    records(client, family, APPEAL, filed_on="2026-06-16")
    assert codes(records(client, family, APPEAL, filed_on="2026-06-15")) == {Refusal.ALREADY_APPEALED}
    assert Appeal.objects.get().filed_on == date(2026, 6, 16)


def test_where_there_is_nothing_to_record_the_page_leads_back_to_the_dossier(family: Family, at: At) -> None:
    agreed = factories.family()
    answered(agreed, at)
    at(NOON)
    for of, name in ((agreed, MEETING), (agreed, APPEAL), (family, APPEAL)):
        client = staff_of(of)
        for response in (page(client, name, of.dossier.pk), records(client, of, name, **SAID, filed_on="2026-06-15")):
            assert response["Location"] == reverse("admin:orientation_dossier_change", args=[of.dossier.pk])
    assert not Meeting.objects.exists() and not Appeal.objects.exists()


def test_the_detail_tells_the_disagreement_the_meeting_the_delay_and_the_late_appeal(family: Family, at: At) -> None:
    def shown() -> dict[str, object]:
        names = ("disagreement", "may_meet", "last_day", "may_appeal", "appealed_on", "late_appeal")
        context = page(staff_of(family), "orientation_dossier_change", family.dossier.pk).context
        return {name: context[name] for name in names} | {"meetings": len(context["meetings"])}

    assert shown() == {
        "disagreement": "la famille a refusé toutes les propositions", "may_meet": True, "meetings": 0, "last_day": "",
        "may_appeal": False, "appealed_on": "", "late_appeal": False,
    }  # fmt: skip
    records(staff_of(family), family, MEETING, **SAID)
    decides(family)
    assert shown() | {"may_meet": True, "meetings": 1, "last_day": "jeudi 18 juin 2026", "may_appeal": True} == shown()
    at(NOON + timedelta(days=4))
    records(staff_of(family), family, APPEAL, filed_on="2026-06-19")
    assert shown() | {"may_appeal": False, "appealed_on": "vendredi 19 juin 2026", "late_appeal": True} == shown()


def test_who_only_reads_is_offered_no_act(family: Family) -> None:
    decides(family)
    context = page(staff_of(family, "READER"), "orientation_dossier_change", family.dossier.pk).context
    assert not context["may_meet"] and not context["may_appeal"]
    assert context["last_day"] == "jeudi 18 juin 2026"


def test_the_list_finds_the_families_to_meet(family: Family) -> None:
    factories.family(of=family.student.division)
    client = staff_of(family)

    def to_meet() -> list[int]:
        shown = page(client, "orientation_dossier_changelist", manque="entretien")
        return [one.pk for one in shown.context["cl"].result_list]

    assert to_meet() == [family.dossier.pk]
    records(client, family, MEETING, **SAID)
    assert to_meet() == []
