"""« Mon compte »: by what one signs in, never without a last way in, and who else reads the children."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from families import attachments
from families.account_facts import children_of
from families.activation import issue_codes, redeem
from families.models import Guardianship, Representative, SignIn, Student, User
from families.sessions import open_sessions
from ledger.journal import SYSTEM
from ledger.models import JournalEntry
from tests import factories
from tests.factories import DURING_INTENTIONS, Family
from tests.families.test_sign_in_help import SLUGS, offered
from tests.orientation.states import At

pytestmark = pytest.mark.django_db

ACCOUNT, PASSWORD_PAGE = "/mon-compte/", "/mon-compte/mot-de-passe/"
NEW = "tramway girafe bocal marine"


@pytest.fixture
def camille(at: At) -> Family:
    at(DURING_INTENTIONS)
    return factories.family()


def link(user: User, provider: str = "franceconnect") -> None:
    user.identities.create(
        provider=provider,
        issuer=f"https://{provider}.invalid",
        subject=f"{user.pk}-secret",
        linked_at=DURING_INTENTIONS,
    )


def by_provider_alone(user: User) -> Client:
    link(user)
    user.username, user.first_name, user.last_name = f"franceconnect-{user.pk}", "Claire", "Martin"
    user.set_unusable_password()
    user.save()
    return signed_in(user)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def stop(slug: str = "franceconnect") -> str:
    return reverse("families:stop_using", args=[slug])


# --- ways in ----------------------------------------------------------------------------------------------------------
def test_what_a_provider_knows_of_somebody_is_shown_to_nobody(camille: Family) -> None:
    mother = by_provider_alone(camille.mother.user)
    html = mother.get(ACCOUNT).content.decode()
    assert "FranceConnect" in html
    assert camille.mother.user.username not in html
    assert "-secret" not in html


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("parent", {"educonnect", "franceconnect"}),
        ("pupil", {"educonnect"}),
        ("staff", {"proconnect"}),
        ("staff who is a parent", set(SLUGS)),
    ],
)
def test_each_is_offered_the_providers_that_may_vouch_for_them(
    camille: Family, settings: Any, who: str, expected: set[str]
) -> None:
    settings.IDENTITY_PROVIDERS = offered(*SLUGS)
    both = factories.staff(camille.student.school)
    factories.representative(camille.student, user=both)
    people = {"parent": camille.mother.user, "pupil": camille.student.user, "staff who is a parent": both}
    client = signed_in(people.get(who) or factories.staff(camille.student.school))
    page = client.get(ACCOUNT)
    assert {one.slug for one in page.context["ways"].offered} == expected
    shown = {slug for slug in SLUGS if f'href="/connexion/{slug}/' in page.content.decode()}
    assert shown == expected


def test_a_provider_that_is_linked_is_not_offered_again(camille: Family, settings: Any) -> None:
    settings.IDENTITY_PROVIDERS = offered(*SLUGS)
    link(camille.mother.user)
    ways = signed_in(camille.mother.user).get(ACCOUNT).context["ways"]
    assert [one.slug for one in ways.linked] == ["franceconnect"]
    assert [one.slug for one in ways.offered] == ["educonnect"]


def test_the_last_way_in_is_never_taken_away(camille: Family) -> None:
    mother = by_provider_alone(camille.mother.user)
    assert b'<form method="post">' not in mother.get(stop()).content
    assert mother.post(stop()).status_code == 302
    assert camille.mother.user.identities.exists()


def test_a_provider_no_longer_used_opens_nothing_and_what_it_opened_elsewhere_ends(camille: Family) -> None:
    user = camille.mother.user
    link(user)
    here, there, by_password = signed_in(user), signed_in(user), signed_in(user)
    open_sessions(user).filter(session_key=there.session.session_key).update(way="franceconnect")
    assert b'<form method="post">' in here.get(stop()).content
    here.post(stop())
    assert not user.identities.exists()
    assert JournalEntry.objects.filter(verb="identity_unlinked").count() == 1
    assert [client.get(ACCOUNT).status_code for client in (here, there, by_password)] == [200, 302, 200]


def test_a_provider_that_is_not_linked_or_is_somebody_else_s_is_no_page(camille: Family) -> None:
    link(camille.father.user)
    mother = signed_in(camille.mother.user)
    assert mother.get(stop()).status_code == mother.post(stop()).status_code == 404
    assert camille.father.user.identities.exists()


# --- a first password -------------------------------------------------------------------------------------------------
def first(client: Client, username: str = "claire.martin", password: str = NEW) -> Any:
    typed = {"username": username, "new_password1": password, "new_password2": password}
    return client.post(PASSWORD_PAGE, typed)


def test_who_comes_by_a_provider_alone_may_choose_an_identifier_and_a_password(camille: Family) -> None:
    mother = by_provider_alone(camille.mother.user)
    assert first(mother).status_code == 302
    assert mother.get(ACCOUNT).status_code == 200
    signed = Client().post("/connexion/", {"username": "claire.martin", "password": NEW})
    assert signed.headers.get("Location") == "/mes-services/"
    assert camille.mother.user.identities.exists()


def test_a_session_left_open_chooses_no_password_and_takes_no_way_in_away(camille: Family) -> None:
    """Both ask for a proof of less than half an hour (ASVS 7.5.1)."""
    mother = by_provider_alone(camille.mother.user)
    link(camille.mother.user, "educonnect")
    session = mother.session
    session["proved_at"] = (timezone.now() - timedelta(minutes=31)).isoformat()
    session.save()
    for answer in (first(mother), mother.post(stop())):
        assert answer.url.startswith("/connexion/confirmer/")
    camille.mother.user.refresh_from_db()
    assert not camille.mother.user.has_usable_password()
    assert camille.mother.user.identities.count() == 2


@pytest.mark.parametrize("taken", ["compte.pris", "Compte.Pris"])
def test_an_identifier_already_taken_is_refused_and_nothing_changes(camille: Family, taken: str) -> None:
    factories.user("compte.pris")
    refused = first(by_provider_alone(camille.mother.user), taken)
    assert refused.context["form"].errors.as_data()["username"][0].code == "USERNAME_TAKEN"
    camille.mother.user.refresh_from_db()
    assert not camille.mother.user.has_usable_password()


def test_who_has_a_password_never_changes_their_identifier_by_this_page(camille: Family) -> None:
    user, before = camille.mother.user, camille.mother.user.username
    first(signed_in(user))
    user.refresh_from_db()
    assert user.username == before
    assert not user.check_password(NEW)


# --- who else reads the children --------------------------------------------------------------------------------------
def test_each_child_says_since_when_and_by_what_and_who_else_reads_them(camille: Family, at: At) -> None:
    camille.student.user.delete()
    new = factories.representative(camille.student, account=False)
    code = next(one.code for one in issue_codes(camille.student.division, by=SYSTEM) if one.person == new.full_name)
    user = redeem(code, "nouveau.compte", NEW)
    (mine,) = children_of(user)
    assert (mine.mine.since, mine.mine.means) == (DURING_INTENTIONS, "avec le code remis par l’établissement")
    assert {one.name for one in mine.others} == {one.full_name for one in camille.parents}
    (seen,) = children_of(camille.mother.user)
    assert {one.name: one.since for one in seen.others} == {
        new.full_name: DURING_INTENTIONS,
        camille.father.full_name: None,
    }


def test_nobody_without_parental_authority_or_without_an_account_is_named(camille: Family) -> None:
    factories.representative(camille.student, level=2)
    factories.representative(camille.student, account=False)
    former = factories.representative(camille.student)
    Guardianship.objects.filter(representative=former).update(ended_on=DURING_INTENTIONS.date())
    (child,) = children_of(camille.mother.user)
    assert {one.name for one in child.others} == {camille.father.full_name, camille.student.full_name}


def test_an_attachment_that_was_undone_is_said_no_more(camille: Family) -> None:
    mother = Representative.objects.get(pk=camille.mother.pk)
    attachments.release(camille.father, camille.father.user, by=SYSTEM, reason="erreur")
    (child,) = children_of(mother.user)
    assert [one.name for one in child.others] == [Student.objects.get(pk=camille.student.pk).full_name]


def test_the_other_parent_s_other_children_are_not_known(camille: Family) -> None:
    """The father has another child, of another family: the mother reads nothing of them (ACC-06)."""
    other = factories.student(camille.student.division, user=factories.user())
    Guardianship.objects.create(student=other, representative=camille.father, level=1, kinship="10")
    html = signed_in(camille.mother.user).get(ACCOUNT).content.decode()
    assert other.full_name not in html
    assert other.full_name in signed_in(camille.father.user).get(ACCOUNT).content.decode()


def test_sign_ins_of_another_account_are_never_shown(camille: Family) -> None:
    SignIn.objects.create(user=camille.father.user, at=DURING_INTENTIONS, device="Lynx sur Amiga")
    assert b"Amiga" not in signed_in(camille.mother.user).get("/mon-compte/connexions/").content
    assert b"Amiga" in signed_in(camille.father.user).get("/mon-compte/connexions/").content
