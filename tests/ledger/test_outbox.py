"""Letters waiting: none twice, none lost, none held for ever (MAI-07)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import connection, transaction
from django.db.models import Q

from ledger import outbox
from ledger.models import JournalEntry, LetterEvent, LetterState, OutgoingEmail, Priority

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 20, 18, tzinfo=UTC)


def post(key: str = "", **values: Any) -> OutgoingEmail:
    person = uuid4()
    key = key or f"recap:{person}"
    outbox.post(kind="recap_author", recipient=person, dossier=uuid4(), about=uuid4(), dedup_key=key, at=NOW, **values)
    return OutgoingEmail.objects.get(dedup_key=key)


def claimed(at: datetime = NOW) -> list[UUID]:
    return [row.pk for row in outbox.claim(now=at)]


def claimed_one(at: datetime) -> UUID:
    (row,) = outbox.claim(now=at, limit=1)
    return row.pk


def test_a_letter_is_written_once_for_its_key() -> None:
    first = post("one")
    assert post("one").pk == first.pk
    assert OutgoingEmail.objects.count() == 1


def test_a_held_letter_reports_the_last_act_of_its_session() -> None:
    sid = uuid4()
    first = post("recap", held_for=sid)
    last = post("recap", held_for=sid)
    assert (last.pk, last.state) == (first.pk, LetterState.HELD)
    assert last.about != first.about


def test_a_letter_that_left_is_never_changed_by_a_later_act() -> None:
    first = post("recap")
    assert post("recap", held_for=uuid4()).about == first.about


def test_an_act_committed_just_after_the_sign_out_has_a_letter_of_its_own() -> None:
    sid = uuid4()
    post("recap", held_for=sid)
    outbox.release(sid=sid)
    post("recap", held_for=sid)
    post("recap", held_for=sid)
    assert OutgoingEmail.objects.filter(state=LetterState.HELD).count() == 2
    assert OutgoingEmail.objects.values("about").distinct().count() == 3


def test_a_held_letter_is_not_claimed_before_its_session_ends() -> None:
    sid = uuid4()
    row = post(held_for=sid)
    assert claimed() == []
    assert outbox.release(sid=uuid4()) == 0 and claimed() == []
    assert outbox.release(sid=sid) == 1 and claimed() == [row.pk]


def test_letters_of_sessions_that_no_longer_live_are_released() -> None:
    live, dead = uuid4(), uuid4()
    post(held_for=live)
    gone = post(held_for=dead)
    assert outbox.release_all_but([live]) == 1
    assert claimed() == [gone.pk]


def test_what_a_family_has_just_done_leaves_before_what_waited_longer() -> None:
    reminder = post(priority=Priority.REMINDER)
    result = post(priority=Priority.RESULT)
    receipt = post(not_before=NOW + timedelta(minutes=5))
    later = NOW + timedelta(minutes=10)
    assert [claimed_one(later) for _ in range(3)] == [receipt.pk, result.pk, reminder.pk]


def test_letters_given_back_are_anybody_s_and_have_lost_no_try() -> None:
    post()
    rows = outbox.claim(now=NOW)
    assert claimed() == []
    outbox.give_back(rows)
    assert claimed() == [rows[0].pk]
    rows[0].refresh_from_db()
    assert rows[0].attempts == 1


def test_a_worker_that_was_too_slow_concludes_nothing_for_the_one_that_took_its_letter() -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        post()
        (slow,) = outbox.claim(now=NOW)
        traveller.shift(outbox.STUCK_AFTER + timedelta(seconds=1))
        (quick,) = outbox.claim(now=NOW)
        outbox.mark_failed(slow, error="timed out")
        outbox.give_back([slow])
        quick.refresh_from_db()
        assert (quick.state, quick.attempts, quick.last_error) == (LetterState.SENDING, 2, "")
        outbox.mark_failed(quick, error="451")
    outbox.mark_sent(slow, at=NOW)  # it did leave: that is said, and nobody sends it again
    quick.refresh_from_db()
    assert quick.state == LetterState.SENT


def test_a_letter_whose_workers_die_again_and_again_is_set_aside() -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        row = post()
        for _ in range(outbox.MAX_ATTEMPTS):
            assert claimed() == [row.pk]
            traveller.shift(outbox.STUCK_AFTER + timedelta(seconds=1))
        assert claimed() == []
    row.refresh_from_db()
    assert row.state == LetterState.ASIDE


def test_a_letter_sent_meanwhile_is_not_given_back() -> None:
    post()
    rows = outbox.claim(now=NOW)
    outbox.mark_sent(rows[0], at=NOW)
    outbox.give_back(rows)
    assert claimed() == []


def test_the_history_says_once_that_a_letter_was_sent_and_nothing_of_what_it_said() -> None:
    row = post(data={"reason": "secret"})
    outbox.claim(now=NOW)
    for _ in range(2):
        outbox.mark_sent(row, at=NOW, message_id="<1@here>")
    said = JournalEntry.objects.get(verb="letter_sent")
    assert (said.at, said.dossier_uuid, said.actor_kind) == (NOW, row.dossier_uuid, "SYSTEM")
    assert said.data == {"letter": str(row.pk), "kind": row.kind, "recipient": str(row.recipient_uuid)}


def test_an_old_letter_is_emptied_and_one_that_has_not_left_is_not() -> None:
    kept, old = post(data={"reason": "a"}), post(data={"reason": "b"})
    OutgoingEmail.objects.filter(pk=old.pk).update(state=LetterState.SENDING)
    outbox.mark_sent(old, at=NOW, message_id="<1@here>")
    told = LetterEvent.objects.create(
        letter=old, key="1", kind="BOUNCED", at=NOW, received_at=NOW, detail="boîte de Jo"
    )
    assert outbox.forget(before=NOW) == 0
    assert outbox.forget(before=NOW + timedelta(seconds=1)) == 1
    for row in (kept, old, told):
        row.refresh_from_db()
    assert (kept.data, old.data, old.message_id, told.detail) == ({"reason": "a"}, {}, "", "")
    assert (old.state, old.sent_at, told.kind) == (LetterState.SENT, NOW, "BOUNCED")


def test_a_letter_waits_for_its_hour() -> None:
    row = post(not_before=NOW + timedelta(hours=10))
    assert claimed() == []
    assert claimed(NOW + timedelta(hours=10)) == [row.pk]


def test_a_claimed_letter_is_not_claimed_again() -> None:
    post()
    assert len(claimed()) == 1 and claimed() == []


def test_a_letter_whose_worker_was_killed_is_taken_back_after_a_while() -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        row = post()
        assert claimed() == [row.pk]
        traveller.shift(outbox.STUCK_AFTER)
        assert claimed() == []
        traveller.shift(1)
        assert claimed() == [row.pk]
    row.refresh_from_db()
    assert row.attempts == 2


def test_a_failed_letter_is_tried_again_later_and_later_and_not_for_ever() -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        post()
        for delay in [*outbox.BACKOFF, outbox.BACKOFF[-1]]:
            (row,) = outbox.claim(now=NOW)
            outbox.mark_failed(row, error="451")
            traveller.shift(delay)
            assert claimed() == []
            traveller.shift(1)
        OutgoingEmail.objects.update(attempts=outbox.MAX_ATTEMPTS - 1)
        (row,) = outbox.claim(now=NOW)
        outbox.mark_failed(row, error="451")
        traveller.shift(timedelta(days=30))
        assert claimed() == []
    row.refresh_from_db()
    assert (row.state, row.last_error) == (LetterState.ASIDE, "451")


def test_what_became_of_a_letter_is_written_on_it() -> None:
    post()
    (row,) = outbox.claim(now=NOW)
    outbox.mark_sent(row, at=NOW, message_id="<1@here>")
    row.refresh_from_db()
    assert (row.state, row.sent_at, row.message_id) == (LetterState.SENT, NOW, "<1@here>")
    outbox.mark_failed(row, error="too late")
    row.refresh_from_db()
    assert row.state == LetterState.SENT


def test_a_letter_without_address_says_why() -> None:
    post()
    (row,) = outbox.claim(now=NOW)
    outbox.mark_without_address(row, reason="pas d’adresse valide")
    row.refresh_from_db()
    assert (row.state, row.last_error) == (LetterState.NO_ADDRESS, "pas d’adresse valide")


def test_a_letter_of_a_rolled_back_act_was_never_written() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        post()
        _ = 1 / 0
    assert not OutgoingEmail.objects.exists()


@pytest.mark.parametrize(
    ("which", "order", "index"),
    [
        (Q(state=LetterState.READY, not_before__lte=NOW), "not_before", "letters_ready"),
        (outbox._to_retry(), "claimed_at", "letters_to_retry"),
    ],
)
def test_the_letters_already_sent_are_never_read_to_find_the_next_ones(which: Q, order: str, index: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = OutgoingEmail.objects.filter(which).order_by(order)[:10].explain()
    assert "Seq Scan" not in plan
    assert index in plan
