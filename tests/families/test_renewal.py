"""A code of the school for a new password: what it opens, once, for whom; and what every change of password ends."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from families.activation import ActivationRefused, attach, digest, issue_codes, redeem
from families.attachments import detach
from families.models import ActivationCode, Attachment, Guardianship, Identity, PasswordResetCode, Session
from families.passwords import CHANGED, settle
from families.renewal import GUESSES_MOST, VALIDITY, RenewalRefused, cancel, issue, renew, unlock_account
from ledger import clock
from ledger.journal import SYSTEM
from ledger.models import JournalEntry
from orientation.tasks import send_letters
from tests import factories
from tests.factories import Family

OLD, NEW = "mot-de-passe-solide", "girafe bleue tabouret"
SIGN_IN, ACCOUNT = "families:sign_in", "families:account"

pytestmark = pytest.mark.django_db


@pytest.fixture
def family() -> Family:
    return factories.family()


def types(client: Client, code: str, password: str = NEW, again: str | None = None) -> Any:
    typed = {"code": code, "new_password1": password, "new_password2": again or password}
    return client.post(reverse("families:renew_password"), typed)


def refused(response: Any) -> dict[str, list[str]]:
    return {field: [one.code for one in errors] for field, errors in response.context["form"].errors.as_data().items()}


def enters(name: str, password: str) -> bool:
    return Client().post(reverse(SIGN_IN), {"username": name, "password": password}).status_code == 302


# --- the code ---------------------------------------------------------------------------------------------------------
def test_the_person_chooses_a_password_reads_their_login_and_signs_in(client: Client, family: Family) -> None:
    name = family.mother.user.username
    response = types(client, issue(family.mother, by=SYSTEM).code.lower().replace("-", " "))
    assert response.url == reverse(SIGN_IN)
    assert name in client.get(response.url).content.decode()
    assert "_auth_user_id" not in client.session
    assert not enters(name, OLD)
    assert enters(name, NEW)


def test_a_pupil_too(client: Client) -> None:
    pupil = factories.family().student
    types(client, issue(pupil, by=SYSTEM).code)
    assert enters(pupil.user.username, NEW)


def test_a_code_serves_once(client: Client, family: Family) -> None:
    code = issue(family.mother, by=SYSTEM).code
    types(client, code)
    assert refused(types(client, code, "une autre girafe verte")) == {"code": ["CODE_USED"]}
    assert enters(family.mother.user.username, NEW)


def test_a_code_lives_fourteen_days(client: Client, family: Family, at: Callable[[Any], None]) -> None:
    at(factories.DURING_INTENTIONS)
    code, now = issue(family.mother, by=SYSTEM).code, clock.now()
    at(now + VALIDITY)
    assert refused(types(client, code)) == {"code": ["CODE_EXPIRED"]}
    at(now + VALIDITY - timedelta(seconds=1))
    assert types(client, code).status_code == 302


def test_a_newer_code_ends_the_one_before(client: Client, family: Family) -> None:
    first, second = (issue(family.mother, by=SYSTEM).code for _ in range(2))
    assert refused(types(client, first)) == {"code": ["CODE_UNKNOWN"]}
    assert types(client, second).status_code == 302


def test_a_code_that_the_school_cancels_opens_nothing(client: Client, family: Family) -> None:
    code = issue(family.mother, by=SYSTEM).code
    cancel(family.mother, by=SYSTEM)
    assert refused(types(client, code)) == {"code": ["CODE_UNKNOWN"]}


def test_what_is_wrong_with_the_password_costs_nothing(client: Client, family: Family) -> None:
    code = issue(family.mother, by=SYSTEM).code
    assert refused(types(client, code, "court")) == {"new_password1": ["PASSWORD_SHORT"]}
    assert refused(types(client, code, NEW, "autre chose encore")) == {"new_password2": ["password_mismatch"]}
    type(family.student).objects.filter(pk=family.student.pk).update(
        first_name="Wilhelmine", family_name="Abgrall"
    )  # fmt: skip
    assert refused(types(client, code, "Wilhelmine-Abgrall")) == {"new_password1": ["PASSWORD_ABOUT_YOU"]}
    assert types(client, code).status_code == 302


def test_only_a_hash_of_the_code_is_kept(family: Family) -> None:
    code = issue(family.mother, by=SYSTEM).code
    kept = str(ActivationCode.objects.values()) + str(JournalEntry.objects.values())
    assert code not in kept
    assert code.replace("-", "") not in kept
    assert digest(code) in kept


# --- neither kind of code does what the other does --------------------------------------------------------------------
def test_an_activation_code_changes_no_password(client: Client) -> None:
    division = factories.division(factories.school())
    factories.representative(factories.student(division, user=factories.user()), account=False)
    code = issue_codes(division, by=SYSTEM)[0].code
    assert refused(types(client, code)) == {"code": ["CODE_UNKNOWN"]}
    assert redeem(code, "claire.martin", NEW).username == "claire.martin"


def test_a_code_for_a_password_opens_and_attaches_nothing(family: Family) -> None:
    code = issue(family.mother, by=SYSTEM).code
    with pytest.raises(ActivationRefused) as opened:
        redeem(code, "quelqu.un", NEW)
    with pytest.raises(ActivationRefused) as attached:
        attach(factories.user(), code)
    assert opened.value.code == attached.value.code == "CODE_UNKNOWN"


def test_a_code_is_for_the_account_of_its_day_and_for_no_other_since(
    client: Client, family: Family, at: Callable[[Any], None]
) -> None:
    at(factories.DURING_INTENTIONS)
    mother = family.mother
    tie = Attachment.objects.create(user=mother.user, representative=mother, way="CODE", at=clock.now())
    code = issue(mother, by=SYSTEM).code
    detach(tie.pk, by=SYSTEM, reason="essai")
    assert refused(types(client, code)) == {"code": ["CODE_UNKNOWN"]}
    other, later = factories.user(), clock.now() + timedelta(hours=1)
    Attachment.objects.create(user=other, representative=mother, way="INE", at=later)
    type(mother).objects.filter(pk=mother.pk).update(user=other)
    at(later)
    assert refused(types(client, code)) == {"code": ["CODE_UNKNOWN"]}
    assert enters(other.username, OLD)


def test_a_code_typed_for_the_account_of_another_is_refused(family: Family) -> None:
    code, other = issue(family.mother, by=SYSTEM).code, factories.user()
    with pytest.raises(ActivationRefused) as why:
        renew(other, code, NEW)
    assert why.value.code == "CODE_UNKNOWN"
    assert enters(other.username, OLD)


# --- to whom none is handed -------------------------------------------------------------------------------------------
def why_not(person: Any) -> str:
    with pytest.raises(RenewalRefused) as why:
        issue(person, by=SYSTEM)
    assert not ActivationCode.objects.filter(renews=True).exists()
    return str(why.value.code)


def test_no_code_for_who_has_no_account(family: Family) -> None:
    assert why_not(factories.student(family.student.division)) == "NO_ACCOUNT"
    type(family.mother.user).objects.update(is_active=False)
    assert why_not(family.mother) == "NO_ACCOUNT"


def test_no_code_for_who_signs_in_by_a_provider_alone(family: Family) -> None:
    user = family.mother.user
    Identity.objects.create(user=user, provider="educonnect", issuer="https://x", subject="1", linked_at=clock.now())
    user.set_unusable_password()
    user.save()
    assert why_not(family.mother) == "NO_PASSWORD"


def test_no_code_for_who_is_a_legal_representative_no_more(family: Family) -> None:
    Guardianship.objects.filter(representative=family.mother).update(ended_on=clock.now().date())
    assert why_not(family.mother) == "NOT_LEGAL"


def test_a_school_never_holds_the_key_of_an_account_of_the_staff(client: Client, family: Family) -> None:
    code = issue(family.mother, by=SYSTEM).code
    user = family.mother.user
    user.is_staff = True
    user.save()
    assert refused(types(client, code)) == {"code": ["CODE_UNKNOWN"]}
    ActivationCode.objects.all().delete()
    assert why_not(family.mother) == "WORKS_HERE"


# --- guessing ---------------------------------------------------------------------------------------------------------
def test_guessing_codes_is_stopped_at_one_address_and_not_at_another(family: Family) -> None:
    guesser, code = Client(REMOTE_ADDR="203.0.113.9"), issue(family.mother, by=SYSTEM).code
    for _ in range(GUESSES_MOST):
        assert refused(types(guesser, "AAAA-AAAA-AAAA")) == {"code": ["CODE_UNKNOWN"]}
    assert refused(types(guesser, code)) == {"code": ["TOO_MANY_GUESSES"]}
    assert types(Client(REMOTE_ADDR="198.51.100.7"), code).status_code == 302


# --- what a change ends, whatever the way -----------------------------------------------------------------------------
def test_every_session_of_the_account_ends_and_nobody_else_s(client: Client, family: Family) -> None:
    elsewhere, neighbour = Client(), Client()
    elsewhere.force_login(family.mother.user)
    neighbour.force_login(factories.user())
    types(client, issue(family.mother, by=SYSTEM).code)
    assert not Session.objects.filter(user=family.mother.user).exists()
    assert elsewhere.get(reverse(ACCOUNT)).status_code == 302
    assert neighbour.get(reverse(ACCOUNT)).status_code == 200


def test_no_code_handed_out_or_sent_before_outlives_a_change(client: Client, family: Family) -> None:
    code = issue(family.mother, by=SYSTEM).code
    visitor = Client()
    visitor.post(reverse("families:lost_password"), {"name": family.mother.user.username})
    assert PasswordResetCode.objects.filter(user=family.mother.user).count() == 1
    settle(family.mother.user, "une girafe rouge et verte", verb=CHANGED)
    assert not PasswordResetCode.objects.filter(user=family.mother.user).exists()
    assert refused(types(client, code)) == {"code": ["CODE_UNKNOWN"]}


def test_it_opens_an_account_that_was_shut(client: Client, family: Family, settings: Any) -> None:
    settings.AXES_ENABLED = True
    name = family.mother.user.username
    for _ in range(6):
        enters(name, "faux")
    assert not enters(name, OLD)
    types(client, issue(family.mother, by=SYSTEM).code)
    assert enters(name, NEW)


def test_the_school_opens_it_without_changing_the_password(family: Family, settings: Any) -> None:
    settings.AXES_ENABLED = True
    name = family.mother.user.username
    for _ in range(6):
        enters(name, "faux")
    unlock_account(family.mother, by=SYSTEM)
    assert enters(name, OLD)


def test_a_member_of_staff_changes_theirs_by_the_same_page_which_tells_them(client: Client) -> None:
    head = factories.staff(factories.school())
    head.email = "chef@exemple.invalid"
    head.save()
    client.force_login(head)
    where = client.get(reverse("admin:password_change")).url
    client.post(where, {"old_password": OLD, "new_password1": NEW, "new_password2": NEW})
    send_letters()
    assert enters(head.username, NEW)
    assert [one.to for one in mail.outbox] == [["chef@exemple.invalid"]]
    assert JournalEntry.objects.filter(verb=CHANGED, actor_uuid=head.uuid).count() == 1


def test_its_owner_is_told_at_each_address_when_the_code_is_handed_out_and_when_it_serves(
    client: Client, family: Family
) -> None:
    mother = family.mother
    type(mother.user).objects.filter(pk=mother.user.pk).update(email="ancienne@exemple.invalid")
    code = issue(mother, by=SYSTEM).code
    send_letters()
    types(client, code)
    send_letters()
    told = sorted((one.to[0], code in one.body) for one in mail.outbox)
    assert told == sorted([("ancienne@exemple.invalid", False), (mother.email, False)] * 2)
    subjects = {one.subject for one in mail.outbox}
    assert len(subjects) == 2


def test_the_journal_says_who_handed_out_the_code_and_who_used_it(client: Client, family: Family) -> None:
    types(client, issue(family.mother, by=SYSTEM).code)
    school, account = family.student.school.uai, str(family.mother.user.uuid)
    handed = JournalEntry.objects.get(verb="renewal_code")
    used = JournalEntry.objects.get(verb="password_renewed")
    assert (handed.data["school"], handed.data["account"]) == (used.data["school"], used.data["account"])
    assert (used.data["school"], used.data["account"], used.actor_uuid) == (school, account, family.mother.uuid)
