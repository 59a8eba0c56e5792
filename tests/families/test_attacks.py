"""Whoever wants a child that is not theirs: names, twins, codes of other people, guessed or used again (ACC-01)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from families import guesses
from families.activation import VALIDITY
from families.models import Attachment, Guardianship, Guesses, Representative, Student, User
from ledger import clock
from tests import factories
from tests.arriving import account, code_of, come_back, opens, parent, pupil, refusal
from tests.factories import DURING_INTENTIONS

pytestmark = pytest.mark.django_db
ARRIVAL, CONFIRM = "families:arrival", "families:arrival_confirm"
PASSWORD = "quatre-chevaux-bleus-7"


@pytest.fixture(autouse=True)
def _now(at: Callable[[object], None]) -> None:
    at(DURING_INTENTIONS)


@pytest.fixture
def child() -> Student:
    return factories.student(factories.division(factories.school()))


@pytest.fixture
def mother(child: Student) -> Representative:
    return factories.representative(child, account=False, first_name="Claire")


def typed(client: Client, code: str) -> str:
    """Why this code, typed in this browser, is refused."""
    return refusal(client.post(reverse(ARRIVAL), {"code": code}))


def of_a_new_arrival() -> Client:
    client = Client()
    come_back(client, parent(f"s-{User.objects.count()}-{Guesses.objects.count()}"))
    return client


# --- names decide nothing ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "said",
    [
        pytest.param({}, id="the same name as the only mother of the class"),
        pytest.param({"given_name": "Martin", "family_name": "Claire"}, id="swapped"),
    ],
)
def test_a_name_attaches_nobody(client: Client, mother: Representative, said: dict[str, str]) -> None:
    assert come_back(client, parent(**said)).url == reverse(ARRIVAL)
    assert account(client) is None
    assert not Attachment.objects.exists()


def test_an_account_with_the_same_name_and_address_is_not_entered(client: Client, mother: Representative) -> None:
    user = factories.user("claire.martin", first_name="Claire", last_name="Martin", email=mother.email)
    Representative.objects.filter(pk=mother.pk).update(user=user)
    come_back(client, parent())
    assert account(client) is None


def test_two_mothers_of_one_name_in_a_class_each_open_their_own_child(mother: Representative, child: Student) -> None:
    other = factories.student(child.division)
    namesake = factories.representative(other, account=False, first_name="Claire")
    for subject, person, of in (("s-1", mother, child), ("s-2", namesake, other)):
        client = Client()
        come_back(client, parent(subject))
        opens(client, code_of(person))
        assert list(Student.objects.visible_to(User.objects.get(pk=account(client)))) == [of]


def test_twins_come_together_with_their_mother_s_code_and_each_pupil_is_told_from_the_other(
    client: Client, mother: Representative, child: Student
) -> None:
    twin = factories.student(child.division, birth_date=child.birth_date, family_name=child.family_name)
    Guardianship.objects.create(student=twin, representative=mother, level=1, kinship="10")
    come_back(client, parent())
    opens(client, code_of(mother))
    assert set(Student.objects.visible_to(User.objects.get(pk=account(client)))) == {child, twin}
    one, other = Client(), Client()
    come_back(one, pupil(child.ine, child.school.uai, "s-1"))
    come_back(other, pupil(twin.ine, twin.school.uai, "s-2"))
    assert account(one) != account(other)


# --- codes of somebody else -------------------------------------------------------------------------------------------
def test_a_pupil_s_code_opens_no_representative_s_account(child: Student) -> None:
    assert typed(of_a_new_arrival(), code_of(child)) == "FOR_A_PUPIL"


def test_a_parent_who_is_here_already_does_not_become_the_other_one(
    client: Client, mother: Representative, child: Student
) -> None:
    father = factories.representative(child)
    client.force_login(father.user)
    assert refusal(client.post(reverse("families:attach"), {"code": code_of(mother)})) == "OTHER_PARENT"
    assert client.post(reverse("families:attach_confirm")).url == reverse("families:attach")
    assert not Attachment.objects.exists()


def test_who_is_no_longer_legal_or_was_never_opens_nothing(mother: Representative, child: Student) -> None:
    code = code_of(mother)
    for change in ({"ended_on": "2026-01-12"}, {"ended_on": None, "level": 2}):
        Guardianship.objects.filter(representative=mother).update(**change)
        assert typed(of_a_new_arrival(), code) == "NOT_LEGAL"


def test_authority_lost_between_the_code_and_yes_opens_nothing(client: Client, mother: Representative) -> None:
    come_back(client, parent())
    client.post(reverse(ARRIVAL), {"code": code_of(mother)})
    Guardianship.objects.update(ended_on="2026-01-12")
    client.post(reverse(CONFIRM))
    assert account(client) is None
    assert not User.objects.exists()


def test_yes_without_a_code_typed_opens_nothing(client: Client, mother: Representative) -> None:
    code_of(mother)
    come_back(client, parent())
    assert client.post(reverse(CONFIRM)).url == reverse("families:sign_in")
    assert not User.objects.exists()


# --- codes of another time --------------------------------------------------------------------------------------------
def test_a_code_serves_once_expires_and_ends_when_another_is_handed_out(
    mother: Representative, child: Student, at: Callable[[object], None]
) -> None:
    former = code_of(mother)
    code = code_of(mother)
    assert typed(of_a_new_arrival(), former) == "CODE_UNKNOWN"
    at(clock.now() + VALIDITY)
    assert typed(of_a_new_arrival(), code) == "CODE_EXPIRED"
    at(DURING_INTENTIONS)
    opens(of_a_new_arrival(), code)
    assert Representative.objects.get(pk=mother.pk).user is not None
    assert typed(of_a_new_arrival(), code) == "CODE_USED"


# --- guessing ---------------------------------------------------------------------------------------------------------
def guess(client: Client, address: str, code: str = "AAAA-AAAA-AAAA") -> str:
    return refusal(client.post(reverse(ARRIVAL), {"code": code}, REMOTE_ADDR=address))


def test_after_ten_wrong_codes_a_browser_waits_and_the_others_at_its_address_do_not(
    mother: Representative,
) -> None:
    code, wrong, neighbour = code_of(mother), of_a_new_arrival(), of_a_new_arrival()
    assert {guess(wrong, "192.0.2.1") for _ in range(guesses.MOST[guesses.SOMEBODY])} == {"CODE_UNKNOWN"}
    assert guess(wrong, "192.0.2.1") == guess(wrong, "192.0.2.1", code) == "TOO_MANY_GUESSES"
    assert neighbour.post(reverse(ARRIVAL), {"code": code}, REMOTE_ADDR="192.0.2.1").url == reverse(CONFIRM)


def test_forgetting_cookies_gives_no_more_than_the_address_has(mother: Representative, monkeypatch) -> None:
    monkeypatch.setitem(guesses.MOST, guesses.PLACE, 12)
    code = code_of(mother)
    said = [guess(of_a_new_arrival(), "192.0.2.1") for _ in range(14)]
    assert said == ["CODE_UNKNOWN"] * 12 + ["TOO_MANY_GUESSES"] * 2
    assert guess(of_a_new_arrival(), "192.0.2.2") == "CODE_UNKNOWN"
    assert of_a_new_arrival().post(reverse(ARRIVAL), {"code": code}, REMOTE_ADDR="192.0.2.2").url == reverse(CONFIRM)


def test_right_codes_count_nothing_a_whole_school_may_open_its_accounts_in_an_hour(child: Student) -> None:
    for _ in range(15):
        person = factories.representative(factories.student(child.division), account=False)
        opens(of_a_new_arrival(), code_of(person))
    assert Attachment.objects.count() == 15
    assert not Guesses.objects.exists()


def test_the_hour_over_one_may_try_again(mother: Representative) -> None:
    code, wrong = code_of(mother), of_a_new_arrival()
    for _ in range(10):
        guess(wrong, "192.0.2.1")
    for row in Guesses.objects.all():
        row.since -= timedelta(minutes=61)
        row.save()
    assert wrong.post(reverse(ARRIVAL), {"code": code}, REMOTE_ADDR="192.0.2.1").url == reverse(CONFIRM)


def test_an_account_s_guesses_are_counted_in_all_its_browsers(child: Student) -> None:
    user = factories.representative(child).user

    def attach() -> str:
        elsewhere = Client()
        elsewhere.force_login(user)
        return refusal(elsewhere.post(reverse("families:attach"), {"code": "AAAA-AAAA-AAAA"}))

    assert [attach() for _ in range(11)] == ["CODE_UNKNOWN"] * 10 + ["TOO_MANY_GUESSES"]


def test_a_local_account_is_opened_under_the_same_limits(client: Client, mother: Representative) -> None:
    typed = {"username": "claire", "new_password1": PASSWORD, "new_password2": PASSWORD}
    for _ in range(10):
        client.post(reverse("families:activate"), {"code": "AAAA-AAAA-AAAA", **typed})
    client.post(reverse("families:activate"), {"code": code_of(mother), **typed})
    assert not User.objects.exists()
    Guesses.objects.all().delete()
    client.post(reverse("families:activate"), {"code": code_of(mother), **typed})
    assert account(client) == User.objects.get(username="claire").pk


def test_a_code_for_a_new_password_attaches_nobody(mother: Representative) -> None:
    code = code_of(mother)
    mother.activation_codes.update(renews=True)
    assert typed(of_a_new_arrival(), code) == "CODE_UNKNOWN"
