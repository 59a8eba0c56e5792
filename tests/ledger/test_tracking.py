"""What providers tell of the letters: once each, in any order, and by nobody else (MAI-07)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from families.models import Representative, Student, User
from ledger import clock
from ledger.models import Delivery, JournalEntry, LetterEvent, LetterState, OutgoingEmail
from orientation.enums import Phase
from tests import factories
from tests.factories import DURING_INTENTIONS, Family
from tests.ledger.provider import BREVO_NUMBER, brevo, mailjet, tell
from tests.orientation.letter_box import enter, named_family, row_of

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)
Saying = Callable[..., dict[str, Any]]


@pytest.fixture
def family() -> Family:
    clock.freeze(DURING_INTENTIONS)
    family = named_family()
    enter(family, family.mother, Phase.PROVISIONAL)
    return family


@pytest.fixture
def sent(family: Family) -> OutgoingEmail:
    """The mother's recap, taken by the provider."""
    row = row_of("recap_author", family.mother)
    OutgoingEmail.objects.filter(pk=row.pk).update(state=LetterState.SENT, sent_at=NOW, message_id=BREVO_NUMBER)
    return row


def after(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def became(row: OutgoingEmail) -> tuple[str, datetime | None]:
    row.refresh_from_db()
    return row.delivery, row.delivery_at


def told(row: OutgoingEmail) -> list[str]:
    return sorted(row.events.values_list("kind", flat=True))


# --- what each event means --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("event", "more", "delivery", "refused"),
    [
        ("delivered", {}, Delivery.DELIVERED, False),
        ("deferred", {"reason": "421 4.7.0 try again later"}, Delivery.DEFERRED, False),
        ("soft_bounce", {"reason": "552 5.2.2 mailbox full"}, Delivery.BOUNCED, False),
        ("hard_bounce", {"reason": " RecipientError: 550 5.5.0 mailbox unavailable."}, Delivery.BOUNCED, True),
        ("invalid_email", {"reason": "invalid"}, Delivery.BOUNCED, True),
        ("blocked", {"reason": "blocked : due to blacklist user"}, Delivery.REJECTED, False),
        ("error", {}, Delivery.REJECTED, False),
        ("spam", {}, Delivery.COMPLAINED, False),
        ("complaint", {}, Delivery.COMPLAINED, False),
        ("request", {}, "", False),
        ("unique_opened", {}, "", False),
        ("click", {"link": "https://exemple.invalid/"}, "", False),
        ("a_word_of_tomorrow", {}, "", False),
    ],
)
def test_each_event_of_brevo_has_its_meaning(
    sent: OutgoingEmail, family: Family, event: str, more: dict[str, Any], delivery: str, refused: bool
) -> None:
    assert tell("brevo", brevo(event, sent, after(1), family.mother.email, **more)).status_code == 200
    assert became(sent) == (delivery, after(1) if delivery else None)
    assert is_refused(family.mother) is refused


@pytest.mark.parametrize(
    ("event", "more", "delivery", "refused"),
    [
        ("sent", {"smtp_reply": "sent (250 2.0.0 OK)"}, Delivery.DELIVERED, False),
        (
            "bounce",
            {"blocked": True, "hard_bounce": True, "error_related_to": "recipient", "error": "user unknown"},
            Delivery.BOUNCED,
            True,
        ),
        (
            "bounce",
            {"blocked": False, "hard_bounce": False, "error_related_to": "recipient", "error": "quota exceeded"},
            Delivery.BOUNCED,
            False,
        ),
        (
            "bounce",
            {"blocked": True, "hard_bounce": False, "error_related_to": "domain", "error": "greylisted"},
            Delivery.DEFERRED,
            False,
        ),
        ("blocked", {"error_related_to": "domain", "error": "typofix"}, Delivery.REJECTED, True),
        ("blocked", {"error_related_to": "mailjet", "error": "preblocked"}, Delivery.REJECTED, False),
        ("spam", {"source": "JMRPP"}, Delivery.COMPLAINED, False),
        ("open", {"ip": "192.0.2.7", "geo": "FR", "agent": "Mozilla/5.0"}, "", False),
    ],
)
def test_each_event_of_mailjet_has_its_meaning(
    sent: OutgoingEmail, family: Family, event: str, more: dict[str, Any], delivery: str, refused: bool
) -> None:
    assert tell("mailjet", [mailjet(event, sent, after(1), family.mother.email, **more)]).status_code == 200
    assert became(sent) == (delivery, after(1) if delivery else None)
    assert is_refused(family.mother) is refused


def test_mailjet_tells_of_several_letters_at_once_or_of_one_alone(sent: OutgoingEmail, family: Family) -> None:
    other = row_of("recap_other", family.father)
    group = [mailjet("sent", row, after(1), "x@exemple.invalid") for row in (sent, other)]
    assert tell("mailjet", group).status_code == 200
    assert tell("mailjet", mailjet("spam", other, after(2), "x@exemple.invalid")).status_code == 200
    assert tell("mailjet", []).status_code == 200
    assert (became(sent)[0], became(other)[0]) == (Delivery.DELIVERED, Delivery.COMPLAINED)


# --- any order, any number of times -----------------------------------------------------------------------------------
STORIES = [
    ((("deferred", 1), ("deferred", 2), ("delivered", 3)), Delivery.DELIVERED, 3),
    ((("soft_bounce", 1), ("delivered", 9)), Delivery.DELIVERED, 9),
    ((("delivered", 1), ("hard_bounce", 9)), Delivery.BOUNCED, 9),
    ((("delivered", 1), ("deferred", 9)), Delivery.DELIVERED, 1),
    ((("delivered", 5), ("hard_bounce", 5)), Delivery.BOUNCED, 5),
    ((("deferred", 1), ("delivered", 3), ("complaint", 2), ("blocked", 9)), Delivery.COMPLAINED, 2),
]


@pytest.mark.parametrize(("story", "word", "at"), STORIES)
def test_the_order_of_arrival_and_repetitions_change_nothing(
    sent: OutgoingEmail, family: Family, story: tuple[tuple[str, int], ...], word: str, at: int
) -> None:
    for arrival in permutations(story):
        for event, minute in (*arrival, *reversed(arrival)):
            assert tell("brevo", brevo(event, sent, after(minute), family.mother.email)).status_code == 200
        assert became(sent) == (word, after(at)), arrival
        assert len(told(sent)) == len(story), arrival
        sent.events.all().delete()
        OutgoingEmail.objects.update(delivery="", delivery_at=None)


def test_a_date_that_cannot_be_is_not_believed(sent: OutgoingEmail, family: Family) -> None:
    """Brevo has been seen to write seconds where it says milliseconds: 1970."""
    said = brevo("error", sent, after(0), family.mother.email, ts_epoch=int(NOW.timestamp()))
    for _ in range(2):
        assert tell("brevo", said).status_code == 200
    assert told(sent) == [Delivery.REJECTED]
    assert abs(sent.events.get().at - timezone.now()) < timedelta(minutes=5)


def test_an_event_without_a_date_told_twice_is_noted_once(sent: OutgoingEmail, family: Family) -> None:
    said = brevo("complaint", sent, after(0), family.mother.email)
    del said["ts_epoch"]
    for _ in range(2):
        assert tell("brevo", said).status_code == 200
    assert told(sent) == [Delivery.COMPLAINED]


# --- whose letter -----------------------------------------------------------------------------------------------------
def test_a_letter_is_found_by_the_provider_s_number_when_ours_is_lost(sent: OutgoingEmail, family: Family) -> None:
    assert tell("brevo", brevo("delivered", None, after(1), family.mother.email)).status_code == 200
    assert became(sent)[0] == Delivery.DELIVERED


def test_a_letter_is_found_by_our_number_before_the_provider_s_is_recorded(family: Family) -> None:
    """The worker may be killed, or slow, between the provider's acceptance and our record."""
    row = row_of("recap_author", family.mother)
    assert tell("brevo", brevo("delivered", row, after(1), family.mother.email)).status_code == 200
    assert became(row)[0] == Delivery.DELIVERED


def test_an_event_for_nobody_is_accepted_and_logged(family: Family, caplog: pytest.LogCaptureFixture) -> None:
    unknown = OutgoingEmail(pk=uuid4())
    strange = brevo("delivered", None, after(1), "x@exemple.invalid", **{"X-Mailin-custom": '["letter"]'})
    numbered = brevo("delivered", None, after(1), "x@exemple.invalid", **{"X-Mailin-custom": '{"letter": "12"}'})
    nul = brevo("delivered", None, after(1), "x@exemple.invalid", **{"message-id": "a\0b"})
    for said in (brevo("delivered", unknown, after(1), "x@exemple.invalid"), strange, numbered, nul):
        assert tell("brevo", said).status_code == 200
    assert not LetterEvent.objects.exists()
    assert caplog.text.count("a letter that is not here") == 4


def test_what_the_mailbox_answered_is_kept_short_and_clean(sent: OutgoingEmail, family: Family) -> None:
    said = brevo("soft_bounce", sent, after(1), family.mother.email, reason=" 552 plein\0" + "x" * 500)
    assert tell("brevo", said).status_code == 200
    detail = sent.events.get().detail
    assert detail.startswith("552 plein") and len(detail) == 300


# --- who may speak ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("provider", ["brevo", "mailjet"])
@pytest.mark.parametrize("secret", ["", "prestataire:faux", "prestataire", "prestataire:secret-des-essais2"])
def test_without_the_secret_nothing_is_heard(sent: OutgoingEmail, family: Family, provider: str, secret: str) -> None:
    saying = {"brevo": brevo("hard_bounce", sent, after(1), family.mother.email)}
    said = saying.get(provider) or [mailjet("bounce", sent, after(1), family.mother.email, hard_bounce=True)]
    assert tell(provider, said, secret=secret).status_code == 401
    assert became(sent) == ("", None) and not told(sent)
    assert not is_refused(family.mother)


@pytest.mark.parametrize("provider", ["brevo", "mailjet"])
def test_where_no_secret_is_set_there_is_no_such_address(sent: OutgoingEmail, settings: Any, provider: str) -> None:
    settings.ANYMAIL = {"WEBHOOK_SECRET": []}
    assert tell(provider, [], secret="").status_code == 404
    assert tell(provider, [], secret=":").status_code == 404
    assert Client().get(f"/courriels/{provider}/").status_code == 404


def test_a_secret_can_be_replaced_without_losing_a_word(sent: OutgoingEmail, family: Family, settings: Any) -> None:
    settings.ANYMAIL = {"WEBHOOK_SECRET": ["prestataire:nouveau", "prestataire:ancien"]}
    for minute, secret in enumerate(settings.ANYMAIL["WEBHOOK_SECRET"]):
        said = brevo("deferred", sent, after(minute), family.mother.email)
        assert tell("brevo", said, secret=secret).status_code == 200
    assert len(told(sent)) == 2


@pytest.mark.parametrize("provider", ["brevo", "mailjet"])
@pytest.mark.parametrize(
    "said",
    [
        b"", b"\xff\xfe", b"{", b"null", b"12", b'"word"', b"[1]", b"[null]", b"[[]]",
        b'{"event": []}', b'{"event": "delivered", "ts_epoch": 1e30, "time": 1e30}',
        b'{"event": "delivered", "ts_epoch": "soon", "time": "soon"}',
        b'{"event": "delivered", "ts_epoch": 1, "time": 1, "X-Mailin-custom": "{", "Payload": 3}',
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_and_breaks_nothing(sent: OutgoingEmail, provider: str, said: bytes) -> None:
    assert tell(provider, said).status_code == 400
    assert not LetterEvent.objects.exists()


def test_a_provider_is_heard_without_cookie_and_never_by_get(sent: OutgoingEmail, family: Family) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.get("/courriels/brevo/").status_code == 405
    assert client.head("/courriels/brevo/").status_code == 200
    heard = tell("brevo", brevo("delivered", sent, after(1), family.mother.email), client=client)
    assert (heard.status_code, heard.cookies) == (200, {})


# --- an address that takes no letter ----------------------------------------------------------------------------------
def bounces(row: OutgoingEmail, address: str, minute: int = 1) -> None:
    assert tell("brevo", brevo("hard_bounce", row, after(minute), address)).status_code == 200


def is_refused(person: Representative) -> bool:
    person.refresh_from_db()
    return person.email_refused_at is not None


def a_child_elsewhere() -> Student:
    return factories.student(factories.division(factories.school()))


def no_journal(execute: Callable[..., Any], sql: str, *more: Any) -> Any:
    if sql.startswith('INSERT INTO "ledger_journalentry"'):
        raise OperationalError("the disk is full")
    return execute(sql, *more)


def refusals() -> list[JournalEntry]:
    return list(JournalEntry.objects.filter(verb="address_refused"))


def test_a_refused_address_is_noted_and_the_history_says_whose_never_which(sent: OutgoingEmail, family: Family) -> None:
    bounces(sent, family.mother.email.upper())
    assert (is_refused(family.mother), is_refused(family.father)) == (True, False)
    (line,) = refusals()
    assert line.data == {"representative": str(family.mother.uuid), "school": family.student.school.uai}
    assert family.mother.email not in str(line.data)


def test_an_address_that_is_no_longer_theirs_says_nothing_of_the_new_one(sent: OutgoingEmail, family: Family) -> None:
    Representative.objects.filter(pk=family.mother.pk).update(email="nouvelle@exemple.invalid")
    bounces(sent, family.mother.email)
    assert became(sent)[0] == Delivery.BOUNCED
    assert not is_refused(family.mother) and not refusals()


@pytest.mark.parametrize(("confirmed", "counts"), [(after(2), False), (after(0), True)])
def test_a_refusal_older_than_the_confirmation_of_the_address_says_nothing_of_it(
    sent: OutgoingEmail, family: Family, confirmed: datetime, counts: bool
) -> None:
    Representative.objects.filter(pk=family.mother.pk).update(email_confirmed_at=confirmed)
    bounces(sent, family.mother.email)
    assert is_refused(family.mother) is counts


@pytest.mark.parametrize(("minute", "refused"), [(9, False), (-9, True)])
def test_a_letter_that_arrives_after_a_refusal_shows_that_the_address_works_again(
    sent: OutgoingEmail, family: Family, minute: int, refused: bool
) -> None:
    """A mail server out of order may call everybody unknown for an hour; an older arrival told late says nothing."""
    Representative.objects.update(email_refused_at=after(0))
    assert tell("brevo", brevo("delivered", sent, after(minute), family.mother.email)).status_code == 200
    assert (is_refused(family.mother), is_refused(family.father)) == (refused, True)
    lines = JournalEntry.objects.filter(verb="address_works_again")
    assert [line.data["representative"] for line in lines] == ([] if refused else [str(family.mother.uuid)])


def test_a_letter_that_arrives_at_an_address_left_says_nothing_of_the_present_one(
    sent: OutgoingEmail, family: Family
) -> None:
    Representative.objects.update(email_refused_at=after(0))
    assert tell("brevo", brevo("delivered", sent, after(1), "ancienne@exemple.invalid")).status_code == 200
    assert is_refused(family.mother)


def test_a_refusal_told_twice_or_of_two_letters_is_noted_once(sent: OutgoingEmail, family: Family) -> None:
    bounces(sent, family.mother.email)
    first = Representative.objects.get(pk=family.mother.pk).email_refused_at
    bounces(sent, family.mother.email)
    bounces(sent, family.mother.email, minute=8)
    assert Representative.objects.get(pk=family.mother.pk).email_refused_at == first
    assert len(refusals()) == 1


def test_the_refusal_counts_in_each_school_of_the_same_account_and_for_nobody_else(
    sent: OutgoingEmail, family: Family
) -> None:
    elsewhere = factories.representative(a_child_elsewhere(), email=family.mother.email)
    namesake = factories.representative(a_child_elsewhere(), email=family.mother.email)
    Representative.objects.filter(pk=elsewhere.pk).update(user=family.mother.user)
    bounces(sent, family.mother.email)
    assert (is_refused(elsewhere), is_refused(namesake)) == (True, False)
    assert len(refusals()) == 2


def test_a_refusal_that_cannot_be_noted_is_told_again_by_the_provider(sent: OutgoingEmail, family: Family) -> None:
    """The event and what follows from it are one transaction: 500, and nothing is kept that would hide the next."""
    said = brevo("hard_bounce", sent, after(1), family.mother.email)
    with connection.execute_wrapper(no_journal):
        assert tell("brevo", said, client=Client(raise_request_exception=False)).status_code == 500
    assert not told(sent)
    assert tell("brevo", said).status_code == 200
    assert is_refused(family.mother)


def test_the_refused_address_of_a_pupil_of_age_is_noted_until_a_letter_arrives_there() -> None:
    made = factories.family(birth_date="2007-01-01")
    account = made.student.user
    User.objects.filter(pk=account.pk).update(email="eleve@exemple.invalid")
    row = OutgoingEmail.objects.create(
        kind="reminder", recipient_uuid=made.student.uuid, dossier_uuid=made.dossier.uuid, dedup_key="of age",
        state=LetterState.SENT, created_at=NOW, not_before=NOW, sent_at=NOW, message_id=BREVO_NUMBER,
    )  # fmt: skip
    bounces(row, "ancienne@exemple.invalid")
    account.refresh_from_db()
    assert account.email_refused_at is None
    bounces(row, "eleve@exemple.invalid", minute=2)
    account.refresh_from_db()
    assert account.email_refused_at is not None
    (line,) = refusals()
    assert line.data == {"pupil": str(made.student.uuid), "school": made.student.school.uai}
    User.objects.update(email_refused_at=after(2))
    assert tell("brevo", brevo("delivered", row, after(3), "eleve@exemple.invalid")).status_code == 200
    account.refresh_from_db()
    assert account.email_refused_at is None
