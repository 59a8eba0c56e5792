"""Wrong passwords: by account and address, by account from everywhere, by address on many accounts."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from families.models import Guesses
from families.sign_in_throttle import (
    ACCOUNT,
    ACCOUNT_MOST,
    ADDRESS,
    ADDRESS_MOST,
    PAIR_MOST,
    PAIR_MOST_IN_A_SPRAY,
    unlock,
    waiting_among,
)
from families.throttle import LONGEST, forget, forget_old, is_spent, spend
from tests import factories

RIGHT, WRONG = "mot-de-passe-solide", "un mot de passe faux"
SCHOOL, HOME = "192.0.2.1", "198.51.100.7"
ENTERS, REFUSED, WAITS = 302, 200, 429

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def throttled(settings: Any) -> None:
    settings.AXES_ENABLED = True


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel("2027-04-05T09:00+02:00", tick=False) as stopped:
        yield stopped


def attempt(name: str, password: str = WRONG, *, address: str = SCHOOL) -> int:
    typed = {"username": name, "password": password}
    return Client(REMOTE_ADDR=address).post(reverse("families:sign_in"), typed).status_code


def attack(name: str, times: int) -> None:
    """From as many addresses as it takes."""
    for number in range(times):
        attempt(name, address=f"203.0.113.{number}")


def spray_from(address: str) -> None:
    """As many wrong passwords from this address as it may type, each on another account."""
    for _ in range(ADDRESS_MOST - 1):
        spend(ADDRESS, address, most=ADDRESS_MOST, over=timedelta(hours=1))
    attempt("un-compte-parmi-d-autres", address=address)


# --- the account and the address --------------------------------------------------------------------------------------
def test_an_account_is_shut_at_one_address_and_open_at_another() -> None:
    name = factories.user().username
    answers = [attempt(name) for _ in range(PAIR_MOST)]
    assert answers == [REFUSED] * (PAIR_MOST - 1) + [WAITS]
    assert attempt(name, RIGHT) == WAITS
    assert attempt(name, RIGHT, address=HOME) == ENTERS


def test_the_wait_lasts_fifteen_minutes_however_often_somebody_goes_on_trying(clock: Any) -> None:
    name = factories.user().username
    for _ in range(PAIR_MOST):
        attempt(name)
    for _ in range(7):
        clock.shift(timedelta(minutes=2))
        assert attempt(name) == WAITS
    clock.shift(timedelta(minutes=2))
    assert attempt(name, RIGHT) == ENTERS


def test_thirty_families_behind_the_address_of_a_school_enter_while_one_of_them_errs() -> None:
    families = [factories.user().username for _ in range(30)]
    for _ in range(PAIR_MOST + 1):
        attempt(families[0])
    assert [attempt(name, RIGHT) for name in families] == [WAITS] + [ENTERS] * 29


# --- the account, from everywhere -------------------------------------------------------------------------------------
def test_guessing_one_account_from_many_addresses_is_stopped(clock: Any) -> None:
    name = factories.user().username
    attack(name, ACCOUNT_MOST)
    assert attempt(name, address="203.0.113.200") == WAITS
    assert attempt(name, RIGHT, address="203.0.113.200") == WAITS
    clock.shift(timedelta(hours=1))
    assert attempt(name, RIGHT, address="203.0.113.200") == ENTERS


def test_its_owner_enters_where_they_usually_do_while_others_guess() -> None:
    name = factories.user().username
    assert attempt(name, RIGHT, address=HOME) == ENTERS
    attack(name, ACCOUNT_MOST + 1)
    assert attempt(name, RIGHT, address=HOME) == ENTERS


def test_where_another_account_is_used_is_not_where_this_one_is() -> None:
    name = factories.user().username
    attempt(factories.user().username, RIGHT, address=HOME)
    attack(name, ACCOUNT_MOST)
    assert attempt(name, RIGHT, address=HOME) == WAITS


def test_a_neighbour_at_one_address_never_shuts_an_account_elsewhere(clock: Any) -> None:
    name = factories.user().username
    for _ in range(11):  # within the hour, five minutes at a time
        for _ in range(PAIR_MOST):
            attempt(name)
        clock.shift(timedelta(minutes=5))
    assert attempt(name, RIGHT, address=HOME) == ENTERS


def test_an_account_that_does_not_exist_is_shut_alike() -> None:
    attack("personne", ACCOUNT_MOST)
    assert attempt("personne", address=HOME) == WAITS


# --- an address, on many accounts -------------------------------------------------------------------------------------
def test_from_where_many_accounts_are_tried_each_has_one_wrong_try() -> None:
    spray_from(SCHOOL)
    name = factories.user().username
    assert [attempt(name) for _ in range(PAIR_MOST_IN_A_SPRAY)] == [WAITS]
    assert attempt(name, RIGHT) == WAITS


def test_from_there_whoever_knows_their_password_enters() -> None:
    spray_from(SCHOOL)
    assert {attempt(factories.user().username, RIGHT) for _ in range(30)} == {ENTERS}


def test_from_there_who_has_signed_in_before_keeps_five_tries() -> None:
    name = factories.user().username
    attempt(name, RIGHT)
    spray_from(SCHOOL)
    assert [attempt(name) for _ in range(PAIR_MOST - 1)] == [REFUSED] * (PAIR_MOST - 1)
    assert attempt(name, RIGHT) == ENTERS


def test_elsewhere_nothing_changes() -> None:
    spray_from(SCHOOL)
    assert attempt(factories.user().username, address=HOME) == REFUSED


# --- opening again ----------------------------------------------------------------------------------------------------
def test_unlocking_opens_the_account_at_once_from_everywhere() -> None:
    name = factories.user().username
    attack(name, ACCOUNT_MOST - PAIR_MOST)
    for _ in range(PAIR_MOST):
        attempt(name)
    assert waiting_among([name, "un autre"]) == {name}
    unlock(name)
    assert not waiting_among([name])
    assert attempt(name, RIGHT) == ENTERS


def test_an_account_attacked_from_everywhere_is_known_to_be_shut() -> None:
    name = factories.user().username
    attack(name, ACCOUNT_MOST - 1)
    assert not waiting_among([name])
    attempt(name, address=HOME)
    assert waiting_among([name]) == {name}


def test_unlocking_opens_no_other_account() -> None:
    one, other = factories.user().username, factories.user().username
    for name in (one, other):
        for _ in range(PAIR_MOST):
            attempt(name)
    unlock(one)
    assert attempt(other, RIGHT) == WAITS


def test_neither_addresses_nor_names_are_kept_with_the_counters() -> None:
    name = factories.user().username
    attempt(name)
    kept = str(list(Guesses.objects.values_list("use", "key", "count")))
    assert Guesses.objects.filter(use=ACCOUNT).count() == Guesses.objects.filter(use=ADDRESS).count() == 1
    assert name not in kept
    assert SCHOOL not in kept


# --- the counter itself -----------------------------------------------------------------------------------------------
def tries(times: int) -> list[bool]:
    return [spend("essai", "clé", most=2, over=timedelta(minutes=10)) for _ in range(times)]


def test_tries_are_counted_in_a_window_that_begins_with_the_first(clock: Any) -> None:
    assert tries(3) == [True, True, False]
    clock.shift(timedelta(minutes=9))
    assert tries(1) == [False]
    clock.shift(timedelta(minutes=1))
    assert tries(3) == [True, True, False]


def test_looking_counts_nothing_and_forgetting_gives_all_tries_back() -> None:
    limits = {"most": 2, "over": timedelta(minutes=10)}
    tries(1)
    assert not is_spent("essai", "clé", **limits)
    tries(1)
    assert is_spent("essai", "clé", **limits)
    assert not is_spent("autre", "clé", **limits)
    assert not is_spent("essai", "autre", **limits)
    forget("essai", "clé")
    assert tries(3) == [True, True, False]


def test_windows_that_are_over_are_erased(clock: Any) -> None:
    tries(1)
    clock.shift(LONGEST)
    spend("essai", "plus récent", most=2, over=timedelta(minutes=10))
    clock.shift(timedelta(seconds=1))
    assert forget_old() == 1
    assert Guesses.objects.count() == 1
