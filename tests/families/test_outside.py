"""What one tries from outside: every address, every kind of person, forged paths, caches, tokens, identifiers."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from families.activation import issue_codes
from families.models import User
from ledger.journal import SYSTEM
from orientation.models import Draft
from tests import factories
from tests.factories import DURING_INTENTIONS, Family

pytestmark = pytest.mark.django_db(databases=["default", "siecle_mock"])
PASSWORD = "mot-de-passe-solide"
CHOSEN = "girafe bleue tabouret"
CHOSEN = "quatre mots sans rapport 2027"  # what somebody who opens an account may choose
PROGRAMS = ("/api/", "/siecle-simulateur/api/", "/metriques/", "/courriels/")  # they show a token instead
OPEN = {"/", "/aide/", "/accessibilite/", "/donnees-personnelles/", "/mentions-legales/", "/sante/"}


@pytest.fixture
def camille(at: Any) -> Family:
    at(DURING_INTENTIONS)
    return factories.family()


def client_of(user: User | None, **options: Any) -> Client:
    client = Client(**options)
    if user:
        client.force_login(user)
    return client


def patterns(resolver: Any, prefix: str = "/") -> Iterator[str]:
    for one in resolver.url_patterns:
        path = prefix + str(one.pattern)
        yield from patterns(one, path) if hasattr(one, "url_patterns") else [path]


def addresses(of: Family) -> list[str]:
    """Every address of the site, the dossier's own filled in; the admin's pages of one object are tested elsewhere."""
    filled = {"<uuid:uuid>": str(of.dossier.uuid), "<phase:phase>": "intentions", "<int:rank>": "1"}
    made = []
    for path in patterns(get_resolver()):
        for hole, value in filled.items():
            path = path.replace(hole, value)
        if not set("<^(") & set(path):
            made.append(path)
    assert len(made) > 60
    return made


# --- every address ----------------------------------------------------------------------------------------------------
def test_every_post_needs_the_token_of_its_page(camille: Family) -> None:
    for user in (None, camille.mother.user, factories.user(is_staff=True, is_superuser=True)):
        client = client_of(user, enforce_csrf_checks=True)
        for path in addresses(camille):
            expected = 401 if path.startswith(PROGRAMS) else 403
            assert client.post(path).status_code == expected, path


def test_every_answer_carries_the_content_policy(camille: Family) -> None:
    for user in (None, camille.mother.user, factories.user(is_staff=True, is_superuser=True)):
        client = client_of(user)
        for path in [*addresses(camille), "/nulle-part/", "/admin/nulle-part/"]:
            policy = client.get(path).headers.get("Content-Security-Policy", "")
            assert "default-src 'self'" in policy, path
            assert "unsafe" not in policy, path


def test_nothing_a_signed_in_person_reads_is_kept_by_the_browser(camille: Family) -> None:
    for user in (camille.mother.user, camille.student.user, factories.staff(camille.student.school)):
        client = client_of(user)
        for path in addresses(camille):
            if path != "/deconnexion/":
                assert "no-store" in client.get(path).headers["Cache-Control"], path


def test_open_pages_may_be_kept_by_a_visitor_s_browser(camille: Family) -> None:
    assert "no-store" not in Client().get("/aide/").headers.get("Cache-Control", "")


# --- forged paths and values ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("rank", ["0", "99", "-1", "a", "1e3", "9" * 40, "٣", "%00"])
@pytest.mark.parametrize("phase", ["intentions", "choix", "PROVISIONAL", "autre"])
def test_forged_phase_or_rank_writes_nothing_and_breaks_nothing(camille: Family, phase: str, rank: str) -> None:
    client = client_of(camille.mother.user)
    for verb in ("monter/", "descendre/", "supprimer/", ""):
        path = f"/dossiers/{camille.dossier.uuid}/{phase}/{rank}/{verb}"
        assert client.get(path).status_code in (200, 302, 404), path
        assert client.post(path, {"shown": "0"}).status_code in (404, 409, 422), path
    assert not Draft.objects.exists()


@pytest.mark.parametrize("value", ["", "0", "x" * 10_000, "\x00", "' OR 1=1 --", "{{7*7}}"])
def test_forged_values_are_refused_without_a_failure(camille: Family, value: str) -> None:
    client = client_of(camille.mother.user)
    names = ("shown", "statement", "answer", "pathway", "kind", "accepted", "agrees_with", "free_text", "series")
    for path in addresses(camille):
        if path.startswith("/dossiers/"):
            status = client.post(path, dict.fromkeys(names, value)).status_code
            assert status in (302, 405, 409, 422), path
    assert not Draft.objects.exists()


# --- sessions ---------------------------------------------------------------------------------------------------------
def test_signing_in_gives_a_new_session_key_and_signing_out_ends_it(camille: Family) -> None:
    client = Client()
    client.post("/mot-de-passe/", {"name": "personne"})
    before = client.session.session_key
    client.post("/connexion/", {"username": camille.mother.user.username, "password": PASSWORD})
    during = client.session.session_key
    assert before != during
    client.post("/deconnexion/")
    client.cookies["sessionid"] = during
    assert client.get("/mon-compte/").status_code == 302


def test_two_sign_ins_of_one_account_are_two_sessions(camille: Family) -> None:
    sids = set()
    for _ in range(2):
        client = Client()
        client.post("/connexion/", {"username": camille.mother.user.username, "password": PASSWORD})
        client.get("/mes-services/")
        sids.add(client.session["sid"])
    assert len(sids) == 2


# --- identifiers ------------------------------------------------------------------------------------------------------
def opened(username: str) -> Any:
    division = factories.division(factories.school())
    factories.representative(factories.student(division, user=factories.user()), account=False)
    typed = {"code": issue_codes(division, by=SYSTEM)[0].code, "username": username}
    return Client().post(reverse("families:activate"), {**typed, "new_password1": CHOSEN, "new_password2": CHOSEN})


@pytest.mark.parametrize("typed", ["ame\u0301lie", "ａmélie", "amélie"])
def test_identifier_signs_in_as_it_was_typed_when_the_account_was_opened(typed: str) -> None:
    assert opened(typed).status_code == 302
    answer = Client().post("/connexion/", {"username": typed, "password": CHOSEN})
    assert answer.headers.get("Location") == "/mes-services/"


def test_two_identifiers_never_differ_by_their_case_only() -> None:
    opened("claire.martin")
    assert "username" in opened("Claire.Martin").context["form"].errors
    assert User.objects.filter(username__iexact="claire.martin").count() == 1
