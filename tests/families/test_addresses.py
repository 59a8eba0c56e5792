"""« Mon adresse »: a new address is used once the code sent there has been typed, and the one left is told (ACC-09)."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from celery import Celery
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.celery import app as celery_app
from families.models import AddressChange, PasswordResetCode, Representative, User
from families.typed_codes import REFUSALS
from ledger import clock, outbox
from ledger.models import Delivery, JournalEntry, LetterState, OutgoingEmail
from orientation.enums import Phase
from orientation.tasks import send_letters, sweep_letters
from tests import factories
from tests.factories import Family
from tests.orientation.letter_box import enter, named_family

NEW = "nouvelle@exemple.invalid"

pytestmark = pytest.mark.django_db


@pytest.fixture
def family(client: Client) -> Family:
    made = named_family()
    client.force_login(made.mother.user)
    return made


def ask(client: Client, email: str = NEW, **more: str) -> Any:
    response = client.post(reverse("families:address"), {"email": email, **more})
    send_letters()
    return response


def type_code(client: Client, code: str) -> Any:
    return client.post(reverse("families:address_code"), {"code": code})


def received(email: str = NEW) -> str:
    body = next(str(message.body) for message in reversed(mail.outbox) if message.to == [email])
    found = re.search(r"\d{4} \d{4}", body)
    assert found
    return found[0]


def refusal(response: Any) -> str:
    errors = response.context["form"].errors
    return next(code for code, sentence in REFUSALS.items() if [sentence] in errors.values())


def of(person: Representative) -> tuple[str, bool]:
    person.refresh_from_db()
    return person.email, person.email_confirmed_at is not None


# --- a new address ----------------------------------------------------------------------------------------------------
def test_a_new_address_is_used_once_its_code_is_typed_and_not_before(client: Client, family: Family) -> None:
    before = family.mother.email
    assert ask(client).url == reverse("families:address_code")
    assert [message.to for message in mail.outbox] == [[NEW]]
    assert of(family.mother) == (before, False)
    assert type_code(client, received()).url == reverse("families:account")
    assert of(family.mother) == (NEW, True)
    family.mother.user.refresh_from_db()
    assert family.mother.user.email == NEW


def test_the_account_says_that_a_change_waits_until_it_is_confirmed(client: Client, family: Family) -> None:
    assert client.get(reverse("families:account")).context["waiting"] is None
    ask(client)
    for page in ("account", "address", "address_code"):
        assert client.get(reverse(f"families:{page}")).context["waiting"].email == NEW
    type_code(client, received())
    assert client.get(reverse("families:account")).context["waiting"] is None


def test_a_parent_without_address_gives_one_and_nothing_is_blocked_meanwhile(client: Client, family: Family) -> None:
    Representative.objects.filter(pk=family.mother.pk).update(email="")
    assert client.get(reverse("orientation:portal")).status_code == 200
    ask(client)
    assert client.get(reverse("orientation:portal")).status_code == 200
    type_code(client, received())
    assert of(family.mother) == (NEW, True)
    assert len(mail.outbox) == 1  # no address was left: nobody to tell


def test_it_holds_for_every_school_of_the_account_and_for_nobody_else(client: Client, family: Family) -> None:
    child = factories.student(factories.division(factories.school()))
    elsewhere = factories.representative(child, user=family.mother.user)
    Representative.objects.update(email_refused_at=timezone.now())
    theirs = family.father.email
    ask(client)
    type_code(client, received())
    assert of(family.mother) == of(elsewhere) == (NEW, True)
    assert of(family.father) == (theirs, False)
    people = (family.mother, elsewhere, family.father)
    assert [Representative.objects.get(pk=one.pk).email_refused_at is None for one in people] == [True, True, False]


def test_the_address_of_the_school_is_confirmed_as_it_is(client: Client, family: Family) -> None:
    ask(client, family.mother.email)
    type_code(client, received(family.mother.email))
    assert of(family.mother) == (family.mother.email, True)
    send_letters()
    assert len(mail.outbox) == 1


def test_one_s_own_confirmed_address_asks_for_no_code(client: Client, family: Family) -> None:
    Representative.objects.update(email_confirmed_at=timezone.now())
    assert ask(client, family.mother.email).url == reverse("families:account")
    assert not AddressChange.objects.exists()


def came_back(person: Representative, *, days_ago: int, state: str = LetterState.SENT) -> OutgoingEmail:
    about, now, data = uuid4(), clock.now(), {"phase": "PROVISIONAL"}
    return OutgoingEmail.objects.create(
        kind="pen_released", recipient_uuid=person.uuid, about=about, dedup_key=str(about), data=data,
        created_at=now - timedelta(days=days_ago), not_before=now, state=state, sent_at=now, delivery=Delivery.BOUNCED,
    )  # fmt: skip


def test_letters_that_came_back_leave_again_once_a_new_address_is_confirmed(client: Client, family: Family) -> None:
    aside = came_back(family.mother, days_ago=3, state=LetterState.ASIDE)
    bounced, old = came_back(family.mother, days_ago=3), came_back(family.mother, days_ago=90)
    of_the_father = came_back(family.father, days_ago=3)
    read = came_back(family.mother, days_ago=3)
    OutgoingEmail.objects.filter(pk=read.pk).update(delivery=Delivery.DELIVERED)
    ask(client)
    assert set(OutgoingEmail.objects.filter(delivery=Delivery.BOUNCED)) == {aside, bounced, old, of_the_father}
    type_code(client, received())
    leaving = OutgoingEmail.objects.filter(kind="pen_released", state=LetterState.READY)
    assert set(leaving) == {aside, bounced}
    assert set(leaving.values_list("delivery", "attempts")) == {("", 0)}
    lines = JournalEntry.objects.filter(verb="letter_sent_again")
    assert {(line.data["letter"], line.actor_uuid) for line in lines} == {
        (str(one.pk), family.mother.uuid) for one in (aside, bounced)
    }


def test_letters_that_wait_or_failed_leave_to_the_new_address(
    client: Client, family: Family, at: Callable[[Any], None]
) -> None:
    at(factories.DURING_INTENTIONS)
    client.force_login(family.mother.user)
    ask(client)
    enter(family, family.mother, Phase.PROVISIONAL)
    for row in outbox.claim(now=factories.DURING_INTENTIONS, limit=1):
        outbox.mark_failed(row, error="absent")
    type_code(client, received())
    at(factories.DURING_INTENTIONS + timedelta(minutes=5))
    sweep_letters()
    old = family.mother.email
    told = {(row.kind, row.state) for row in OutgoingEmail.objects.exclude(kind="address_changed")}
    assert {state for _, state in told} == {LetterState.SENT}
    about_entry = [message for message in mail.outbox if "code" not in message.subject]
    assert [message.subject for message in about_entry if message.to == [old]] == [
        "[ORIENTATION] L’adresse de votre compte a été changée"
    ]
    assert [message for message in about_entry if message.to == [NEW]]


def test_the_address_left_is_told_without_the_new_one(client: Client, family: Family) -> None:
    old = family.mother.email
    ask(client)
    type_code(client, received())
    send_letters()
    message = mail.outbox[-1]
    assert message.to == [old]
    assert NEW not in message.body + str(message.alternatives)
    assert family.mother.school.phone in message.body


def test_each_address_left_is_told_once(client: Client, family: Family) -> None:
    for email in ("autre@exemple.invalid", family.mother.email.upper()):
        child = factories.student(factories.division(factories.school()))
        factories.representative(child, user=family.mother.user, email=email)
    ask(client)
    type_code(client, received())
    send_letters()
    left = [message.to[0].lower() for message in mail.outbox[1:]]
    assert sorted(left) == sorted(["autre@exemple.invalid", family.mother.email.lower()])


def test_a_pupil_of_age_has_an_address_and_a_younger_one_has_not(client: Client) -> None:
    young, of_age = named_family(), factories.family(birth_date=date(2000, 1, 1))
    client.force_login(young.student.user)
    assert client.get(reverse("families:address")).url == reverse("families:account")
    assert ask(client).status_code == 302 and not AddressChange.objects.exists()
    client.force_login(of_age.student.user)
    assert client.get(reverse("families:account")).context["address"].state == "NONE"
    User.objects.update(email_refused_at=timezone.now())  # of the address before
    ask(client)
    type_code(client, received())
    of_age.student.user.refresh_from_db()
    assert (of_age.student.user.email, of_age.student.user.email_refused_at) == (NEW, None)
    assert JournalEntry.objects.get(verb="address_corrected").actor_uuid == of_age.student.uuid


# --- guessing, and somebody else --------------------------------------------------------------------------------------
def test_five_wrong_codes_spend_the_right_one(client: Client, family: Family) -> None:
    ask(client)
    said = [refusal(type_code(client, "0000 0000")) for _ in range(5)]
    assert said == ["CODE_WRONG"] * 4 + ["CODE_OVER"]
    assert refusal(type_code(client, received())) == "CODE_OVER"
    assert of(family.mother) == (family.mother.email, False)


def test_three_codes_an_hour_and_no_more(client: Client, family: Family) -> None:
    for number in range(3):
        assert ask(client, f"essai{number}@exemple.invalid").status_code == 302
    assert refusal(ask(client)) == "CODES_TOO_MANY"
    assert len(mail.outbox) == 3
    AddressChange.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    assert ask(client).status_code == 302


def test_a_new_request_ends_the_code_of_the_one_before(client: Client, family: Family) -> None:
    ask(client, "premiere@exemple.invalid")
    ask(client)
    assert refusal(type_code(client, received("premiere@exemple.invalid"))) == "CODE_WRONG"
    type_code(client, received())
    assert of(family.mother) == (NEW, True)


def test_a_code_lives_thirty_minutes(client: Client, family: Family, at: Callable[[Any], None]) -> None:
    start = timezone.now()
    at(start)
    client.force_login(family.mother.user)
    ask(client)
    at(start + timedelta(minutes=30))
    client.force_login(family.mother.user)
    assert refusal(type_code(client, received())) == "CODE_OVER"
    assert of(family.mother) == (family.mother.email, False)


def test_somebody_else_s_session_never_confirms(client: Client, family: Family) -> None:
    ask(client)
    other = Client()
    for intruder in (family.father, factories.family().mother):
        other.force_login(intruder.user)
        before = intruder.email
        assert refusal(type_code(other, received())) == "CODE_OVER"
        assert of(intruder) == (before, False)
    assert of(family.mother) == (family.mother.email, False)
    other.logout()
    assert type_code(other, received()).url.startswith("/connexion/")


def test_somebody_else_s_change_is_not_shown(client: Client, family: Family) -> None:
    ask(client)
    other = Client()
    other.force_login(family.father.user)
    assert other.get(reverse("families:account")).context["waiting"] is None
    assert other.get(reverse("families:address_code")).url == reverse("families:address")


def test_the_right_code_sent_twice_is_not_refused_and_does_its_work_once(client: Client, family: Family) -> None:
    ask(client)
    for _ in range(2):
        assert type_code(client, received()).url == reverse("families:account")
    assert OutgoingEmail.objects.filter(kind="address_changed").count() == 1
    assert JournalEntry.objects.filter(verb="address_corrected").count() == 1


def test_a_password_code_sent_to_the_address_left_opens_nothing_any_more(client: Client, family: Family) -> None:
    visitor = Client()
    visitor.post(reverse("families:lost_password"), {"name": family.mother.user.username})
    ask(client)
    stolen = received(family.mother.email)
    type_code(client, received())
    visitor.post(reverse("families:reset_code"), {"code": stolen})
    assert visitor.get(reverse("families:reset_password")).url == reverse("families:lost_password")
    assert PasswordResetCode.objects.get().used_at is None


@pytest.mark.parametrize("typed", ["²²²²²²²²", "🙂", "١٢٣٤٥٦٧٨", "é" * 40])
def test_whatever_is_typed_is_a_wrong_code_and_no_failure(client: Client, family: Family, typed: str) -> None:
    ask(client)
    assert refusal(type_code(client, typed)) == "CODE_WRONG"


# --- where the code and the addresses never are ----------------------------------------------------------------------
def test_the_code_is_in_no_table_no_session_no_address_no_log(
    client: Client, family: Family, caplog: pytest.LogCaptureFixture
) -> None:
    response = ask(client)
    digits = received().replace(" ", "")
    kept = [str(list(model.objects.values())) for model in (AddressChange, OutgoingEmail, JournalEntry)]
    page = client.get(response.url).content.decode()
    for place in (*kept, page, response.url, str(dict(client.session)), caplog.text):
        assert digits not in place.replace(" ", "")


def test_the_history_holds_who_and_when_and_never_an_address(client: Client, family: Family) -> None:
    ask(client)
    type_code(client, received())
    send_letters()
    lines = JournalEntry.objects.filter(verb__in=["address_asked", "address_corrected", "letter_sent"])
    assert {line.verb for line in lines} == {"address_asked", "address_corrected", "letter_sent"}
    acts = [line for line in lines if line.verb != "letter_sent"]
    assert {line.actor_uuid for line in acts} == {family.mother.uuid}
    assert not [line for line in lines if "@" in str(line.data)]


def test_the_code_names_nobody_as_a_stranger_may_read_it(client: Client, family: Family) -> None:
    ask(client)
    body = mail.outbox[-1].body + str(mail.outbox[-1].alternatives)
    for secret in (
        family.mother.family_name,
        family.student.first_name,
        family.mother.email,
        family.mother.school.name,
    ):
        assert secret not in body


# --- the letters leave, or do not -------------------------------------------------------------------------------------
def test_a_code_whose_worker_was_never_told_leaves_with_the_sweep(client: Client, family: Family) -> None:
    client.post(reverse("families:address"), {"email": NEW})
    Client().post(reverse("families:lost_password"), {"name": family.father.user.username})
    assert mail.outbox == []
    assert sweep_letters() == 2
    assert sweep_letters() == 0


@pytest.mark.django_db(transaction=True)
def test_redis_down_breaks_neither_page_and_both_codes_leave_with_the_sweep(
    client: Client, family: Family, settings: Any
) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    lost = Celery("lost", set_as_current=True)
    lost.config_from_object("django.conf:settings", namespace="CELERY")
    try:
        assert client.post(reverse("families:address"), {"email": NEW}).status_code == 302
        name = family.father.user.username
        assert Client().post(reverse("families:lost_password"), {"name": name}).status_code == 302
    finally:
        lost.close()
        celery_app.set_current()
        celery_app.set_default()
    assert sweep_letters() == 2
    assert type_code(client, received()).status_code == 302


def test_a_code_that_cannot_be_typed_any_more_does_not_leave(client: Client, family: Family) -> None:
    client.post(reverse("families:address"), {"email": "premiere@exemple.invalid"})
    client.post(reverse("families:address"), {"email": NEW})
    assert send_letters() == 1
    assert [message.to for message in mail.outbox] == [[NEW]]


@pytest.mark.parametrize("kind", ["password_code", "address_code", "address_changed"])
def test_an_account_s_letter_has_one_reader_two_versions_and_no_link(client: Client, family: Family, kind: str) -> None:
    Client().post(reverse("families:lost_password"), {"name": family.mother.user.username})
    ask(client)
    type_code(client, received())
    send_letters()
    row = OutgoingEmail.objects.get(kind=kind)
    message = next(one for one in mail.outbox if one.metadata["letter"] == str(row.pk))
    assert len(message.to) == 1 and not message.cc and not message.bcc
    assert message.subject.startswith("[ORIENTATION] ")
    assert family.mother.school.academy.sender_email in message.from_email
    assert "http" not in message.body
    assert "href" not in message.alternatives[0][0]
