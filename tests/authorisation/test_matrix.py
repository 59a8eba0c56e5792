"""Who gets what, at every address of the site, in every state of a dossier that matters (ACC-01…06, ANS, CAL-05).

The addresses come from the URL configuration, what is expected from the table: neither knows the other.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse

from tests.authorisation.access import WORKERS
from tests.authorisation.addresses import every_address, path_of
from tests.authorisation.roles import ELSEWHERE, EVERYBODY, FAMILY, STRANGERS, Role
from tests.authorisation.states import When
from tests.authorisation.table import MODELS, OF_THE_FAMILY, OF_THE_SCHOOL, PROGRAMS, ROWS, THE_DOSSIER
from tests.authorisation.world import TOKENS, World, everything_kept

pytestmark = pytest.mark.django_db(databases=["default", "siecle_mock"])
ADDRESSES = every_address()
TAKES_TOKENS = {*PROGRAMS, "orientation:dossier", "admin:index"}  # elsewhere a token is nobody's
ABOUT = {
    "admin:school_service": "?campaign={orientation/campaign}",
    "admin:school_offer": "?campaign={after 2de}",
    "admin:school_letters": "?categorie=REACHED",
}
SIGN_OUT = {"orientation:sign_out", "families:close_everywhere", "admin:logout"}
LISTS = tuple(f"admin/{app}/{model}/" for app, model in MODELS)
# of the admin's lists, the pages where a POST asks for nothing more than a GET
READ_ONLY = {
    key for key, route in ADDRESSES.items() if route.startswith(LISTS) and route.endswith(("/history/", "d>/"))
}
STAND_INS = {*FAMILY, *STRANGERS} - {Role.MOTHER}  # the lists of the admin: who is not of the staff is like the mother


def test_every_address_has_its_row_and_every_row_its_address() -> None:
    assert set(ADDRESSES) == set(ROWS)
    assert len(ADDRESSES) > 160


def test_each_role_reads_what_the_table_says(world: World) -> None:
    wrong = []
    for key, role in asked(world.when):
        got, expected = send(world, role, "get", key).status_code, ROWS[key].get.expected(role, world.when)
        wrong += [f"GET {key} by {role}: {got}, not {expected}"] if got != expected else []
    assert not wrong, "\n".join([world.when, *wrong])


def test_each_role_writes_where_the_table_says_and_nowhere_else(world: World) -> None:
    """What is accepted leaves something behind; what is refused leaves everything as it was, in both databases."""
    wrong, before = [], everything_kept()
    posted = [one for one in asked(world.when) if one[0] not in READ_ONLY]
    writing = {one for one in posted if ROWS[one[0]].post.leaves(one[1], world.when)}
    with undone():
        for key, role in posted:
            if (key, role) not in writing and key not in SIGN_OUT:
                wrong += unexpected(world, role, key)
        wrong += [f"a refused POST changed {table}" for table in changed(before)]
    for key, role in posted:
        if (key, role) in writing or key in SIGN_OUT:
            with undone():
                wrong += unexpected(world, role, key)
                wrong += (
                    [f"POST {key} by {role} left nothing"] if (key, role) in writing and not changed(before) else []
                )
    assert not wrong, "\n".join([world.when, *wrong])


@pytest.mark.parametrize("world", [When.ENTRY], indirect=True)
def test_a_deposit_is_put_with_the_simulator_s_token_only(world: World) -> None:
    deposit = ROWS["siecle_mock:deposit"].put
    assert deposit is not None
    for role in Role:
        assert send(world, role, "put", "siecle_mock:deposit").status_code == deposit.expected(role, world.when), role


def asked(when: When) -> Iterator[tuple[str, Role]]:
    """Everybody everywhere once; then, in each state, those for whom it changes something."""
    for key, route in ADDRESSES.items():
        for role in EVERYBODY:
            if knocks(role, key, when) and not (role in STAND_INS and route.startswith(LISTS)):
                yield key, role


def knocks(role: Role, key: str, when: When) -> bool:
    if role in TOKENS and key not in TAKES_TOKENS:
        return False
    if when is When.ENTRY:
        return True
    if when is When.DECIDED and role in (*STRANGERS, *ELSEWHERE) and key in THE_DOSSIER:
        return True
    return (key in OF_THE_FAMILY and role in FAMILY) or (key in OF_THE_SCHOOL and role in (*WORKERS, Role.ACADEMY))


def send(world: World, role: Role, method: str, key: str) -> HttpResponse:
    path = path_of(key, ADDRESSES[key], uuid=world.family.dossier.uuid, phase=world.phase, objects=world.objects)
    typed, client = world.posted.get(key), world.clients[role]
    client.cookies.clear()  # of who signed out
    if role in world.sessions:
        client.cookies[settings.SESSION_COOKIE_NAME] = world.sessions[role]
    if method == "get":
        path += ABOUT.get(key, "").format(**world.objects)
    response = getattr(client, method)(path, typed if method == "post" else None)
    list(response)  # a file is closed once it is read to its end
    return response


def unexpected(world: World, role: Role, key: str) -> list[str]:
    got, expected = send(world, role, "post", key).status_code, ROWS[key].post.expected(role, world.when)
    return [f"POST {key} by {role}: {got}, not {expected}"] if got != expected else []


def changed(before: dict[str, str]) -> list[str]:
    return [table for table, digest in everything_kept().items() if digest != before[table]]


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside leaves nothing behind in either database."""
    with transaction.atomic(), transaction.atomic(using="siecle_mock"):
        yield
        for alias in settings.DATABASES:
            transaction.set_rollback(True, using=alias)
