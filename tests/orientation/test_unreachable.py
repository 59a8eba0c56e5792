"""Whom our letters reach: every family in exactly one category, the same by the rule and by the query (MAI-06)."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from families.models import Representative, School, Student
from ledger.models import Delivery, LetterEvent, LetterState, OutgoingEmail
from orientation.models import Dossier, Extension
from orientation.unreachable import (
    PATIENCE,
    LetterFate,
    Reach,
    Reader,
    category,
    category_of,
    families,
    figures,
    figures_by_school,
)
from tests import factories
from tests.factories import DURING_INTENTIONS, PROPOSALS_CLOSE, Family
from tests.orientation.screens import address, signed_in
from tests.orientation.states import At

NOW = DURING_INTENTIONS
LONG_AGO, JUST_NOW = NOW - 2 * PATIENCE, NOW - PATIENCE / 2
SECOND = timedelta(seconds=1)
NUMBERS = iter(range(10**6))


def fate(state: str = LetterState.SENT, delivery: str = "", at: datetime = LONG_AGO) -> LetterFate:
    return LetterFate(state, delivery, at)


def reader(*letters: LetterFate, **values: Any) -> Reader:
    return Reader(**{"has_email": True, "signed_in": True, **values}, letters=letters)


# --- the rule ---------------------------------------------------------------------------------------------------------
MUTE = reader(has_email=False)
RULE = {
    "nobody": ([], Reach.NO_ADDRESS),
    "no address, even signed in": ([MUTE, MUTE], Reach.NO_ADDRESS),
    "one address is enough": ([MUTE, reader()], Reach.REACHED),
    "the only address is refused": ([MUTE, reader(refused=True)], Reach.REFUSED),
    "the refusal comes before the letters": ([reader(fate(state="ASIDE"), refused=True)], Reach.REFUSED),
    "one of two is refused": ([reader(refused=True), reader()], Reach.REACHED),
    "aside": ([reader(fate(state="ASIDE"))], Reach.NEVER_DELIVERED),
    "in failure for long": ([reader(fate(state="FAILED"))], Reach.NEVER_DELIVERED),
    "in failure since a moment": ([reader(fate(state="FAILED", at=JUST_NOW))], Reach.REACHED),
    "still to leave": ([reader(fate(state="READY"), fate(state="HELD"), fate(state="SENDING"))], Reach.REACHED),
    "bounced just now": ([reader(fate(delivery="BOUNCED", at=JUST_NOW))], Reach.NEVER_DELIVERED),
    "rejected": ([reader(fate(delivery="REJECTED"))], Reach.NEVER_DELIVERED),
    "one arrived": ([reader(fate(state="ASIDE"), fate(delivery="DELIVERED"))], Reach.REACHED),
    "the other parent's arrived": ([reader(fate(state="ASIDE")), reader(fate(delivery="DELIVERED"))], Reach.REACHED),
    "who complains has read it": ([reader(fate(delivery="COMPLAINED"), fate(state="ASIDE"))], Reach.REACHED),
    "never signed in": ([reader(signed_in=False)], Reach.NEVER_USED),
    "one of two signed in": ([reader(signed_in=False), reader()], Reach.REACHED),
    "what is lost comes before the account": ([reader(fate(state="ASIDE"), signed_in=False)], Reach.NEVER_DELIVERED),
}


@pytest.mark.parametrize("name", RULE)
@pytest.mark.parametrize("news", [True, False])
def test_the_gravest_category_that_is_true_is_the_one(name: str, news: bool) -> None:
    readers, expected = RULE[name]
    assert category(readers, NOW, news=news) is expected


def test_a_letter_that_left_has_arrived_only_where_the_provider_says_nothing() -> None:
    left = [reader(fate())]
    assert category(left, NOW, news=False) is Reach.REACHED
    assert category(left, NOW, news=True) is Reach.NEVER_DELIVERED
    assert category([reader(fate(delivery="DEFERRED"))], NOW, news=True) is Reach.NEVER_DELIVERED
    assert category([reader(fate(at=JUST_NOW))], NOW, news=True) is Reach.REACHED  # the news may still come


# --- the query says the same ------------------------------------------------------------------------------------------
def letter(to: Representative | Student, state: str = "SENT", delivery: str = "", at: datetime = LONG_AGO) -> None:
    OutgoingEmail.objects.create(
        kind="recap_author", recipient_uuid=to.uuid, dedup_key=f"test:{next(NUMBERS)}", state=state, created_at=at,
        delivery=delivery, not_before=at, sent_at=at if state == "SENT" else None,
        held_for=to.uuid if state == "HELD" else None,
    )  # fmt: skip


def news(at: datetime) -> None:
    other = factories.family()
    letter(other.mother, delivery="DELIVERED")
    last = OutgoingEmail.objects.get(recipient_uuid=other.mother.uuid)
    LetterEvent.objects.create(letter=last, key=f"news:{next(NUMBERS)}", kind="DELIVERED", at=at, received_at=at)


def of_school(school: School, now: datetime = NOW) -> dict[int, int]:
    return dict(families([school], now).values_list("pk", "category"))


def shaken(school: School, dice: random.Random) -> Dossier:
    """A family in a state drawn at random: persons, addresses, refusals, accounts, letters, age."""
    born = dice.choice(["2011-03-14", "2008-01-20", "2008-01-21", "2007-06-01"])
    made = factories.family(
        parents=dice.randint(0, 2), of=factories.division(school, dice.choice("AB")), birth_date=born
    )
    made.student.refresh_from_db()
    former = factories.representative(made.student)
    former.guardianships.update(ended_on="2026-01-01")
    contact = factories.representative(made.student, level=2)
    for person in [*made.parents, former, contact]:
        person.email = dice.choice(["", "parent@exemple.invalid"])
        person.email_refused_at = dice.choice([None, NOW])
        person.save()
    for person in [*made.parents, former, contact, made.student]:
        person.user.email = dice.choice(["", "eleve@exemple.invalid"])
        person.user.email_refused_at = dice.choice([None, NOW])
        person.user.last_login = dice.choice([None, NOW])
        person.user.save()
        for _ in range(dice.choice([0, 0, 1, 2])):
            letter(person, dice.choice(LetterState.values), dice.choice(["", *Delivery.values]),
                   dice.choice([LONG_AGO, JUST_NOW]))  # fmt: skip
    return made.dossier


@pytest.mark.django_db
@pytest.mark.parametrize("told", [None, NOW - timedelta(days=1), NOW - timedelta(days=31)], ids=str)
def test_the_categories_share_out_every_family_and_the_query_agrees_with_the_rule(told: datetime | None) -> None:
    dice = random.Random(f"familles {told}")
    if told:
        news(told)
    school = factories.school()
    dossiers = [shaken(school, dice) for _ in range(120)]
    said = of_school(school)
    assert said == {one.pk: category_of(one, NOW) for one in dossiers}
    assert set(said.values()) == set(Reach)
    shared = figures(families([school], NOW))
    assert sum(shared.values()) == len(dossiers)
    assert figures_by_school(families([school], NOW)) == {school.pk: shared}


@pytest.mark.django_db
def test_a_family_whose_accounts_never_signed_in_is_not_reached() -> None:
    made = factories.family()
    assert category_of(made.dossier, NOW) is Reach.NEVER_USED
    made.father.user.last_login = NOW
    made.father.user.save()
    assert category_of(made.dossier, NOW) is Reach.REACHED


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "expected"), [(29, Reach.NEVER_DELIVERED), (31, Reach.REACHED), (0, Reach.REACHED)])
def test_a_provider_that_has_told_nothing_for_a_month_is_not_waited_for(days: int, expected: Reach) -> None:
    made = factories.family()
    letter(made.mother)
    made.mother.user.last_login = NOW
    made.mother.user.save()
    if days:
        news(NOW - timedelta(days=days))
    assert category_of(made.dossier, NOW) is expected
    assert of_school(made.student.school) == {made.dossier.pk: expected}


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["Europe/Paris", "Indian/Reunion"])
def test_the_pupil_counts_from_the_18th_birthday_in_the_school_s_time(zone: str) -> None:
    """21 h in UTC the day before: it is the birthday in La Réunion, not yet in Paris."""
    school = factories.school(own_timezone=zone)
    made = factories.family(parents=0, of=factories.division(school), birth_date="2008-01-21")
    made.student.refresh_from_db()
    made.student.user.email = "eleve@exemple.invalid"
    made.student.user.last_login = NOW
    made.student.user.save()
    evening = NOW.replace(hour=21)
    expected = Reach.REACHED if zone == "Indian/Reunion" else Reach.NO_ADDRESS
    assert of_school(school, evening) == {made.dossier.pk: expected}
    assert category_of(made.dossier, evening) is expected


def moved(made: Family, **values: Any) -> None:
    Student.objects.filter(pk=made.student.pk).update(**values)


@pytest.mark.django_db
def test_only_the_pupils_followed_in_a_campaign_that_is_not_over_are_listed() -> None:
    made = factories.family()
    school, listed = made.student.school, {made.dossier.pk}
    assert set(of_school(school, PROPOSALS_CLOSE - SECOND)) == listed
    assert not of_school(school, PROPOSALS_CLOSE)
    for values in ({"scope": "OUT"}, {"year": 2024}, {"level": "2GT"}):
        moved(made, **values)
        assert not of_school(school)
        moved(made, scope="IN_SCOPE", year=2025, level="3E")
    assert set(of_school(school)) == listed


@pytest.mark.django_db
@pytest.mark.parametrize(("where", "counts"), [("here", True), ("class", True), ("elsewhere", False), ("all", True)])
def test_a_campaign_made_longer_is_not_over_for_those_it_is_longer_for(where: str, counts: bool) -> None:
    made, other = factories.family(), factories.family()
    scope = {
        "here": {"school": made.student.school}, "class": {"division": made.student.division},
        "elsewhere": {"school": other.student.school}, "all": {},
    }[where]  # fmt: skip
    Extension.objects.create(
        campaign=made.dossier.campaign, phase="DEFINITIVE", kind="CONSULTATION", reason="Neige", at=NOW,
        closes_at=PROPOSALS_CLOSE + timedelta(days=2), by=factories.user(), **scope,
    )  # fmt: skip
    assert bool(of_school(made.student.school, PROPOSALS_CLOSE + SECOND)) is counts


@pytest.mark.django_db
def test_a_school_is_read_in_two_queries_whatever_the_number_of_families(at: At) -> None:
    school = factories.school()

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            figures(families([school], timezone.now()))
        return len(captured)

    at(NOW)
    few = cost()
    for _ in range(10):
        shaken(school, random.Random(7))
    assert few == cost() == 2


# --- the family's own screens -----------------------------------------------------------------------------------------
def trouble(of: Family, person: Representative | Student, screen: str = "dossier") -> str:
    response = signed_in(person).get(address(of, screen))
    assert (b"fr-alert--warning" in response.content) is bool(response.context["address_trouble"])
    return str(response.context["address_trouble"])


@pytest.mark.django_db
def test_each_parent_reads_that_their_own_address_is_missing_or_refuses_our_letters(at: At) -> None:
    at(NOW)
    made = factories.family()
    Representative.objects.filter(pk=made.mother.pk).update(email="")
    Representative.objects.filter(pk=made.father.pk).update(email_refused_at=NOW)
    for screen in ("dossier", "history"):
        assert [trouble(made, one, screen) for one in (made.mother, made.father)] == ["NONE", "REFUSED"]
        assert trouble(made, made.student, screen) == ""
    Representative.objects.update(email="parent@exemple.invalid", email_refused_at=None)
    assert [trouble(made, one) for one in made.parents] == ["", ""]


@pytest.mark.django_db
def test_a_pupil_of_age_reads_that_their_address_is_missing_or_refuses_our_letters(at: At) -> None:
    at(NOW)
    made = factories.family(birth_date="2008-01-20")
    assert trouble(made, made.student) == "NONE"
    made.student.user.email = "eleve@exemple.invalid"
    made.student.user.save()
    assert trouble(made, made.student) == ""
    made.student.user.email_refused_at = NOW
    made.student.user.save()
    assert trouble(made, made.student) == "REFUSED"
    page = signed_in(made.student).get("/mon-compte/")
    assert page.context["address"].state == "REFUSED"
