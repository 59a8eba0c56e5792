"""Who a provider's person is here: known, opened by a code or an INE, linked by an act; never found by a name."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from families import identities
from families.models import Attachment, Identity, Representative, Student, User
from ledger.models import JournalEntry
from tests import factories
from tests.arriving import account, agent, code_of, come_back, opens, parent, pupil, refusal
from tests.factories import DURING_INTENTIONS

pytestmark = pytest.mark.django_db
PASSWORD = "mot-de-passe-solide"
LINK = "families:link_identity"


@pytest.fixture(autouse=True)
def _now(at: Callable[[object], None]) -> None:
    at(DURING_INTENTIONS)


@pytest.fixture
def child() -> Student:
    return factories.student(factories.division(factories.school()))


@pytest.fixture
def mother(child: Student) -> Representative:
    return factories.representative(child, account=False, first_name="Claire")


# --- a representative -------------------------------------------------------------------------------------------------
def test_an_unknown_representative_is_asked_for_a_code_and_opens_their_account_by_yes(
    client: Client, mother: Representative, child: Student
) -> None:
    code = code_of(mother)
    assert come_back(client, parent()).url == reverse("families:arrival")
    assert client.post(reverse("families:arrival"), {"code": code}).url == reverse("families:arrival_confirm")
    shown = client.get(reverse("families:arrival_confirm")).content.decode()
    assert child.full_name in shown and child.school.name in shown and mother.full_name in shown
    assert not User.objects.exists()
    client.post(reverse("families:arrival_confirm"))
    mother.refresh_from_db()
    assert account(client) == mother.user_id
    assert not mother.user.has_usable_password()
    made = Attachment.objects.get()
    assert (made.representative, made.way, made.provider, made.ended_at) == (mother, "CODE", "franceconnect", None)
    assert mother.user.sessions.get().way == "franceconnect"


def test_the_next_time_the_identity_suffices_and_the_page_asked_for_follows(
    client: Client, mother: Representative
) -> None:
    come_back(client, parent())
    opens(client, code_of(mother))
    again = Client()
    assert come_back(again, parent(), next="/mon-compte/").url == "/mon-compte/"
    assert account(again) == Representative.objects.get().user_id
    assert come_back(Client(), parent(), next="https://ailleurs.invalid/").url == "/mes-services/"


def test_the_same_subject_at_another_issuer_is_somebody_else(client: Client, mother: Representative) -> None:
    come_back(client, parent())
    opens(client, code_of(mother))
    elsewhere = Client()
    assert come_back(elsewhere, parent(issuer="https://autre.invalid")).url == reverse("families:arrival")
    assert account(elsewhere) is None


def test_a_code_for_somebody_who_has_an_account_leads_to_it_by_a_local_sign_in(
    client: Client, child: Student, mother: Representative
) -> None:
    code = code_of(mother)
    Representative.objects.filter(pk=mother.pk).update(user=factories.user("claire"))
    come_back(client, parent())
    response = client.post(reverse("families:arrival"), {"code": code})
    assert refusal(response) == "PERSON_HAS_ACCOUNT"
    client.post(f"{reverse('families:sign_in')}?next={reverse(LINK)}", {"username": "claire", "password": PASSWORD})
    assert client.get(reverse(LINK)).status_code == 200
    assert not Identity.objects.exists()
    client.post(reverse(LINK))
    again = Client()
    come_back(again, parent())
    assert account(again) == User.objects.get(username="claire").pk


def test_what_waits_is_forgotten_after_half_an_hour(client: Client, mother: Representative) -> None:
    code = code_of(mother)
    come_back(client, parent())
    session = client.session
    session["arrival"] = {**session["arrival"], "at": (timezone.now() - timedelta(minutes=31)).isoformat()}
    session.save()
    assert client.get(reverse("families:arrival")).url == reverse("families:sign_in")
    opens(client, code)
    assert not User.objects.exists()


def test_a_closed_account_is_not_entered(client: Client, mother: Representative) -> None:
    come_back(client, parent())
    opens(client, code_of(mother))
    User.objects.update(is_active=False)
    elsewhere = Client()
    assert come_back(elsewhere, parent()).status_code == 403
    assert account(elsewhere) is None


# --- a pupil ----------------------------------------------------------------------------------------------------------
def test_a_pupil_is_found_by_ine_and_school(client: Client, child: Student) -> None:
    come_back(client, pupil(child.ine, child.school.uai))
    child.refresh_from_db()
    assert account(client) == child.user_id is not None
    made = Attachment.objects.get()
    assert (made.student, made.way, made.provider) == (child, "INE", "educonnect")


def test_a_pupil_who_opened_their_account_with_a_code_enters_it(client: Client, child: Student) -> None:
    Student.objects.filter(pk=child.pk).update(user=factories.user("camille"))
    come_back(client, pupil(child.ine, child.school.uai))
    assert account(client) == User.objects.get().pk
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"ine": ""}, id="blank INE"),
        pytest.param({"ine": "999999999ZZ"}, id="another INE"),
        pytest.param({"scope": "OUT"}, id="left the school"),
        pytest.param({"scope": "TO_DECIDE"}, id="to be looked at by the school"),
        pytest.param({"year": 2024}, id="of last year"),
    ],
)
def test_a_pupil_who_is_not_exactly_there_has_no_account(client: Client, child: Student, change: dict) -> None:
    said = pupil("" if "ine" in change and not change["ine"] else child.ine, child.school.uai)
    Student.objects.filter(pk=child.pk).update(**change)
    response = come_back(client, said)
    assert response.status_code == 403
    assert b"PUPIL_NOT_FOUND" in response.content
    assert not User.objects.exists()


def test_of_two_pupils_with_one_ine_in_a_school_neither_is_chosen(client: Client, child: Student) -> None:
    factories.student(child.division, ine=child.ine)
    assert come_back(client, pupil(child.ine, child.school.uai)).status_code == 403
    assert not User.objects.exists()


def moved(child: Student, **values: object) -> Student:
    """The same pupil in another school, as its own import tells it."""
    same = {"ine": child.ine, "family_name": child.family_name, "birth_date": child.birth_date, **values}
    return factories.student(factories.division(factories.school()), **same)


def test_a_pupil_who_changed_school_keeps_their_account_and_leaves_the_former_school(
    client: Client, child: Student
) -> None:
    come_back(client, pupil(child.ine, child.school.uai))
    new = moved(child)
    elsewhere = Client()
    come_back(elsewhere, pupil(child.ine, new.school.uai))
    child.refresh_from_db()
    new.refresh_from_db()
    assert (child.user, new.user_id) == (None, account(client))
    assert account(elsewhere) == account(client)
    former = Attachment.objects.get(student=child)
    assert former.ended_at is not None and former.reason
    assert JournalEntry.objects.filter(verb="attachment_undone", data__school=child.school.uai).exists()


def test_the_same_ine_on_another_pupil_by_mistake_takes_nobody_s_account(client: Client, child: Student) -> None:
    come_back(client, pupil(child.ine, child.school.uai))
    other = moved(child, birth_date=date(2010, 1, 2))
    elsewhere = Client()
    come_back(elsewhere, pupil(child.ine, other.school.uai, subject="s-autre"))
    child.refresh_from_db()
    assert child.user_id == account(client) != account(elsewhere)


def test_the_identity_follows_the_pupil_to_the_account_opened_in_the_new_school(client: Client, child: Student) -> None:
    come_back(client, pupil(child.ine, child.school.uai))
    new = moved(child, user=factories.user("nouveau"))
    elsewhere = Client()
    come_back(elsewhere, pupil(child.ine, new.school.uai))
    assert account(elsewhere) == new.user_id
    assert Identity.objects.get().user_id == new.user_id


def test_a_pupil_with_a_new_educonnect_account_enters_their_own(client: Client, child: Student) -> None:
    come_back(client, pupil(child.ine, child.school.uai))
    elsewhere = Client()
    come_back(elsewhere, pupil(child.ine, child.school.uai, subject="s-refait"))
    assert account(elsewhere) == account(client)
    assert Identity.objects.get().subject == "s-refait"


# --- the staff, and linking -------------------------------------------------------------------------------------------
def test_an_unknown_member_of_staff_has_no_account_and_links_one_once_signed_in(client: Client) -> None:
    head = factories.staff(factories.school())
    response = come_back(client, agent())
    assert response.status_code == 403
    assert b"STAFF_NOT_LINKED" in response.content
    assert User.objects.count() == 1
    client.force_login(head)
    come_back(client, agent())
    client.post(reverse(LINK))
    again = Client()
    assert come_back(again, agent()).url == reverse("admin:index")
    assert account(again) == head.pk


def test_the_staff_link_nothing_before_the_second_factor(client: Client, settings) -> None:
    settings.STAFF_SECOND_FACTOR = True
    client.force_login(factories.staff(factories.school()))
    come_back(client, agent())
    for answer in (client.get(reverse(LINK)), client.post(reverse(LINK))):
        assert answer.url.startswith(reverse("families:second_factor"))
    assert not Identity.objects.exists()


def test_a_session_whose_owner_proved_nothing_for_long_links_nothing(client: Client, child: Student) -> None:
    client.force_login(factories.representative(child).user)
    come_back(client, parent())
    session = client.session
    session["proved_at"] = (timezone.now() - timedelta(minutes=31)).isoformat()
    session.save()
    for answer in (client.get(reverse(LINK)), client.post(reverse(LINK))):
        assert answer.url.startswith(reverse("families:reauthenticate"))
    assert not Identity.objects.exists()


def linking(user: User, claims: object) -> str:
    """Signed in, then the journey to the provider: why it links nothing, "" when it does."""
    client = Client()
    client.force_login(user)
    first = come_back(client, claims)
    response = first if first.status_code == 403 else client.post(reverse(LINK))
    codes = [
        code for code in ("IDENTITY_KIND", "IDENTITY_TAKEN", "IDENTITY_OTHER") if code in response.content.decode()
    ]
    return codes[0] if codes else ""


def test_a_pupil_s_account_a_parent_s_and_the_staff_s_each_have_their_own_kind(child: Student) -> None:
    mother = factories.representative(child).user
    child.user = factories.user()
    child.save()
    head = factories.staff(child.school)
    assert linking(child.user, parent()) == "IDENTITY_KIND"
    assert linking(mother, agent()) == "IDENTITY_KIND"
    assert linking(mother, pupil(child.ine, child.school.uai)) == "IDENTITY_KIND"
    assert linking(child.user, pupil("111111111AA", child.school.uai)) == "IDENTITY_KIND"
    assert linking(child.user, pupil("", child.school.uai)) == "IDENTITY_KIND"
    assert linking(head, pupil(child.ine, child.school.uai)) == "IDENTITY_KIND"
    assert not Identity.objects.exists()
    assert linking(mother, parent()) == linking(head, agent()) == ""
    assert linking(child.user, pupil(child.ine, child.school.uai)) == ""


def test_an_identity_is_one_account_s_and_an_account_has_one_identity_at_a_provider(child: Student) -> None:
    one, other = (factories.representative(child).user for _ in range(2))
    assert linking(one, parent()) == ""
    assert linking(other, parent()) == "IDENTITY_TAKEN"
    assert linking(one, parent("s-seconde")) == "IDENTITY_OTHER"
    assert Identity.objects.get().user == one


def test_an_identity_linked_before_that_is_of_another_kind_now_opens_nothing(client: Client, child: Student) -> None:
    mother = factories.representative(child).user
    linking(mother, parent())
    Student.objects.filter(pk=child.pk).update(user=mother)
    assert b"IDENTITY_KIND" in come_back(client, parent()).content
    assert account(client) is None


def test_the_last_way_in_is_not_unlinked(client: Client, mother: Representative) -> None:
    come_back(client, parent())
    opens(client, code_of(mother))
    user = User.objects.get()
    with pytest.raises(identities.IdentityRefused) as refused:
        identities.unlink(user, "franceconnect")
    assert refused.value.code == "IDENTITY_LAST"
    user.set_password(PASSWORD)
    user.save()
    identities.unlink(user, "franceconnect")
    assert not Identity.objects.exists()
    assert [one.verb for one in JournalEntry.objects.filter(verb__startswith="identity").order_by("pk")] == [
        "identity_linked", "identity_unlinked",
    ]  # fmt: skip


def test_a_name_that_is_not_the_paper_s_is_pointed_out_and_decides_nothing(mother: Representative) -> None:
    code = code_of(mother)
    for name, other in (("MARTIN", False), ("Durand", True)):
        client = Client()
        come_back(client, parent(f"s-{name}", family_name=name))
        client.post(reverse("families:arrival"), {"code": code})
        assert client.get(reverse("families:arrival_confirm")).context["other_name"] is other
    client.post(reverse("families:arrival_confirm"))
    assert account(client) is not None
