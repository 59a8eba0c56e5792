"""« À confirmer »: too many opinions of a school would change at once; the académie says, and the night obeys."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from ledger import clock
from siecle_sync.models import HeldLine, MassChange
from tests import factories
from tests.admin.world import BOTH, client_of, page
from tests.factories import Family
from tests.siecle_sync.world import COUNCIL_DAY, SECOND_NIGHT, night, published, says, until_opinions

pytestmark = pytest.mark.django_db(databases=BOTH, transaction=True)
CHANGE, LIST = "siecle_sync_masschange_change", "siecle_sync_masschange_changelist"
DAYS = [COUNCIL_DAY.replace(day=day) for day in (10, 11, 12, 13)]


@pytest.fixture
def family(settings: Any) -> Family:
    """The one opinion of a school has changed in Siècle: for these settings, that is too much."""
    settings.NIGHT_MASS_CHANGE_LEAST, settings.NIGHT_MASS_CHANGE_SHARE = 1, 0.5
    clock.pretend(factories.DURING_INTENTIONS)
    made = factories.family()
    until_opinions(made, ("2GT", "Favorable"))
    clock.pretend(DAYS[0])
    says(made, ("2GT", "Défavorable"))
    night(SECOND_NIGHT.replace(day=11))
    return made


@pytest.fixture
def saio(family: Family) -> Client:
    return client_of(factories.staff(family.student.school.academy, "ACADEMY"))


def decides(client: Client, verdict: str, **changed: str) -> HttpResponse:
    change = MassChange.objects.get()
    sent = {
        "verdict": verdict, "reason": "Vu avec le collège", "confirm": "on", "up_to": str(change.up_to), **changed
    }  # fmt: skip
    return client.post(reverse("admin:mass_change_settle", args=[change.pk]), sent)


def value(family: Family) -> str:
    return published(family).answers.get().value


def test_the_academie_reads_what_would_change(family: Family, saio: Client) -> None:
    change = MassChange.objects.get()
    shown = page(saio, CHANGE, change.pk).context
    assert (change.touched, change.standing, shown["percent"]) == (1, 1, 100)
    [one] = shown["examples"]
    assert one.pupil == family.student.full_name
    assert "Favorable" in one.now[0] and "Défavorable" in one.then[0]
    assert dict(shown["kinds"])["Réponse du conseil de classe"] == 1
    assert family.student.school.uai in page(saio, LIST).content.decode()


def test_a_pupil_of_another_school_with_the_same_number_is_no_example(family: Family, saio: Client) -> None:
    other = factories.family(siecle_id=family.student.siecle_id)
    for published_at in DAYS[1:3]:
        factories.statement(other, answers=[(factories.GT, "Réservé")], published_at=published_at)
    [one] = page(saio, CHANGE, MassChange.objects.get().pk).context["examples"]
    assert (one.pupil, "Réservé" in one.now[0]) == (family.student.full_name, False)


def test_a_change_that_is_confirmed_is_taken_the_next_night(family: Family, saio: Client) -> None:
    assert decides(saio, "TAKE").status_code == 302
    assert value(family) == "Favorable"
    night(SECOND_NIGHT.replace(day=12))
    assert value(family) == "Défavorable"
    assert not HeldLine.objects.exists()


def test_a_change_that_is_refused_never_comes(family: Family, saio: Client) -> None:
    decides(saio, "REFUSE")
    night(SECOND_NIGHT.replace(day=12))
    assert value(family) == "Favorable"
    assert not HeldLine.objects.exists()


def test_who_decided_and_why_is_kept_and_cannot_be_said_twice(family: Family, saio: Client) -> None:
    decides(saio, "REFUSE")
    assert decides(saio, "TAKE", reason="Non, finalement").status_code == 302
    change = MassChange.objects.get()
    assert (change.verdict, change.reason) == ("REFUSE", "Vu avec le collège")
    assert change.decided_by is not None and change.decided_at is not None
    shown = page(saio, CHANGE, change.pk).content.decode().partition("<dialog")[0]
    assert "Vu avec le collège" in shown and "<form class" not in shown


@pytest.mark.parametrize("missing", [{"reason": " "}, {"confirm": ""}, {"verdict": "MAYBE"}])
def test_a_decision_asks_for_a_reason_and_a_confirmation(family: Family, saio: Client, missing: Any) -> None:
    refused = decides(saio, **{"verdict": "TAKE", **missing})
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, set(missing))
    assert MassChange.objects.get().verdict == ""


def test_what_waits_for_a_decision_is_found_apart(family: Family, saio: Client) -> None:
    def listed(decision: str) -> bool:
        return family.student.school.uai in page(saio, LIST, decision=decision).content.decode()

    assert listed("attendue") and not listed("prise")
    decides(saio, "REFUSE")
    assert listed("prise") and not listed("attendue")


def test_the_first_page_says_that_a_decision_is_waited_for_to_whom_may_take_it(family: Family, saio: Client) -> None:
    def told(client: Client) -> bool:
        return "decision=attendue" in page(client, "index").content.decode()

    elsewhere = factories.academy("28", name="La Réunion", timezone="Indian/Reunion")
    assert told(saio)
    assert not told(client_of(factories.staff(family.student.school, "HEAD")))
    assert not told(client_of(factories.staff(elsewhere, "ACADEMY")))
    decides(saio, "REFUSE")
    assert not told(saio)


def test_a_council_that_is_reset_and_a_line_that_is_nonsense_are_shown(family: Family, saio: Client) -> None:
    change = MassChange.objects.get()
    for seq, kind, payload in ((0, "COUNCIL", '{"event": "RESET"}'), (-1, "STATEMENT", "[")):
        told = {"kind": kind, "division": "3 A", "phase": "PROVISIONAL", "payload": payload, "eleve_id": "x"}
        HeldLine.objects.create(
            campaign=change.campaign, uai=change.uai, code="MASS_CHANGE", seq=seq, line=told, since=DAYS[0]
        )
    shown = page(saio, CHANGE, change.pk).context
    assert [(one["division"], one["event"]) for one in shown["councils"]] == [("3 A", "réinitialisation")]
    assert len(shown["examples"]) == 1


def test_no_school_and_no_other_academie_decides(family: Family) -> None:
    school = family.student.school
    elsewhere = factories.academy("28", name="La Réunion", timezone="Indian/Reunion")
    for person in (factories.staff(school, "HEAD"), factories.staff(elsewhere, "ACADEMY")):
        assert decides(client_of(person), "TAKE").status_code == 404
    assert page(client_of(factories.staff(school, "HEAD")), LIST).status_code == 403
    assert MassChange.objects.get().verdict == ""


def test_lines_that_came_after_the_page_was_shown_are_not_decided_upon(family: Family, saio: Client) -> None:
    decides(saio, "TAKE", up_to=str(MassChange.objects.get().up_to - 1))
    assert MassChange.objects.get().verdict == ""
