"""The school reminds families itself: asked first, whom and whom not, in its own school only (MAI-08, ACC-06)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from families.models import Representative
from ledger.models import JournalEntry, OutgoingEmail
from orientation.actions import submit_choices
from orientation.enums import Phase
from tests import factories
from tests.admin.world import client_of, page
from tests.factories import DURING_INTENTIONS, GT, Family, actor

pytestmark = pytest.mark.django_db(databases=["default", "siecle_mock"])
At = Callable[[datetime | str], None]


@pytest.fixture
def family(at: At) -> Family:
    at(DURING_INTENTIONS)
    return factories.family()


def staff_of(family: Family, role: str = "SECRETARY") -> Client:
    return client_of(factories.staff(family.student.school, role))


def choose(client: Client, *families: Family, **more: Any) -> HttpResponse:
    picked = [one.dossier.pk for one in families]
    sent = {"action": "remind", "_selected_action": picked, **more}
    return client.post(reverse("admin:orientation_dossier_changelist"), sent)


def reminded() -> set[Any]:
    return set(OutgoingEmail.objects.filter(kind="reminder").values_list("dossier_uuid", flat=True))


def entered(family: Family) -> Family:
    submit_choices(
        dossier=family.dossier.uuid, phase=Phase.PROVISIONAL, choices=[GT], base_version=0, by=actor(family.mother)
    )
    return family


def without_address(family: Family) -> Family:
    people = Representative.objects.filter(pk__in=[one.pk for one in family.parents])
    people.filter(pk=family.mother.pk).update(email="")
    people.filter(pk=family.father.pk).update(email_refused_at=datetime(2026, 1, 1, tzinfo=UTC))
    return family


def test_nothing_is_written_before_it_is_confirmed_and_the_page_says_whom_and_whom_not(family: Family) -> None:
    done, far = entered(factories.family(of=family.student.division)), family.student.division
    lost = without_address(factories.family(of=far))
    asked = choose(staff_of(family), family, done, lost)
    assert asked.status_code == 200 and reminded() == set()
    assert asked.context["reminded"] == [family.student]
    assert [one["pupils"] for one in asked.context["left_out"]] == [[done.student], [lost.student]]


def test_once_confirmed_each_family_with_something_to_do_is_reminded_and_the_journal_says_so(family: Family) -> None:
    done = entered(factories.family(of=family.student.division))
    assert choose(staff_of(family), family, done, confirm="1").status_code == 302
    assert reminded() == {family.dossier.uuid}
    line = JournalEntry.objects.get(verb="family_reminded")
    assert (line.dossier_uuid, line.actor_kind, line.data["need"]) == (family.dossier.uuid, "SCHOOL", "ENTER")
    assert set(line.data["persons"]) == {str(one.uuid) for one in family.parents}


def test_a_family_already_reminded_today_is_left_out(family: Family) -> None:
    secretary = staff_of(family)
    choose(secretary, family, confirm="1")
    assert choose(secretary, family).context["reminded"] == []
    choose(secretary, family, confirm="1")
    assert OutgoingEmail.objects.filter(kind="reminder").count() == 2


def test_a_reader_is_not_offered_it_and_cannot_do_it(family: Family) -> None:
    reader = staff_of(family, "READER")
    assert "remind" not in page(reader, "orientation_dossier_changelist").content.decode()
    choose(reader, family, confirm="1")
    assert reminded() == set()


def test_another_school_s_family_is_never_reminded(family: Family) -> None:
    other = factories.family()
    secretary = staff_of(family)
    shown = choose(secretary, family, other)
    assert other.student not in shown.context["reminded"]
    choose(secretary, family, other, confirm="1")
    assert reminded() == {family.dossier.uuid}


def test_the_academie_reads_and_does_not_remind(family: Family) -> None:
    academy = client_of(factories.staff(family.student.school.academy, "ACADEMY"))
    choose(academy, family, confirm="1")
    assert reminded() == set()


def test_too_many_at_once_is_refused_whole(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orientation.admin.reminding.MOST", 1)
    assert choose(staff_of(family), family, factories.family(of=family.student.division)).status_code == 302
    assert choose(staff_of(family), family).status_code == 200


def test_the_confirmation_costs_the_same_whatever_the_number_of_families(family: Family) -> None:
    secretary, others = staff_of(family), [factories.family(of=family.student.division) for _ in range(5)]

    def cost(*chosen: Family) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert choose(secretary, *chosen).status_code == 200
        return len(asked)

    cost(family)
    assert cost(family) == cost(family, *others)
