"""The simulated Siècle's API and our callback: who may speak, and what is refused."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from ledger import clock
from ledger.models import JournalEntry
from orientation.models import ClassCouncil, SiecleReceipt
from siecle_sync import contract
from siecle_sync.mock import desk, feed
from siecle_sync.mock.models import MockDeposit, MockEntry, MockOutbound
from siecle_sync.models import RunLine
from tests import factories
from tests.factories import DURING_INTENTIONS, GT, PRO
from tests.siecle_sync import world
from tests.siecle_sync.program import BODY, EACH_READING, get, put
from tests.siecle_sync.world import BOTH, FIRST_NIGHT, SECOND_NIGHT

pytestmark = pytest.mark.django_db(databases=BOTH)


@pytest.fixture
def family():
    clock.freeze(DURING_INTENTIONS)
    return factories.family()


def test_deposit_is_taken_then_reported_line_by_line(client):
    uuid = uuid4()
    body = BODY + b"2,ENTRY,e,0690001A,2025,3E,PROVISIONAL,3 A,5,,1,2026-01-20T10:00Z,REPRESENTATIVE,X,{}\n"
    assert put(client, body, uuid=uuid).status_code == 202
    counters = get(client, contract.report_path(uuid)).json()
    assert counters == {"read": 2, "accepted": 1, "rejected": 1, "not_processed": 0}
    lines = get(client, contract.report_lines_path(uuid, after=1))
    assert lines.headers[contract.H_LINES] == "1"
    assert "UNKNOWN_PUPIL" in lines.content.decode()


def test_same_deposit_again_has_the_same_receipt_and_is_not_processed_twice(client):
    uuid = uuid4()
    assert put(client, uuid=uuid).content == put(client, uuid=uuid).content
    assert MockDeposit.objects.get().lines.count() == 1


def test_other_content_under_the_same_id_is_refused(client):
    uuid = uuid4()
    put(client, uuid=uuid)
    reply = put(client, BODY.replace(b"3 A", b"3 B"), uuid=uuid)
    assert (reply.status_code, reply.json()["code"]) == (409, "OTHER_DIGEST")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({contract.H_DIGEST: "0" * 64}, "WRONG_DIGEST"),
        ({contract.H_LINES: "7"}, "WRONG_LINES"),
        ({contract.H_LINES: "many"}, "UNREADABLE"),
        ({contract.H_VERSION: "0"}, "WRONG_VERSION"),
    ],
)
def test_deposit_that_is_not_what_it_says_is_refused_and_nothing_is_kept(client, changed, code):
    reply = put(client, **changed)
    assert (reply.status_code, reply.json()["code"]) == (400, code)
    assert not MockDeposit.objects.exists()


def test_unreadable_table_is_refused(client):
    reply = put(client, BODY.replace(b"2025", b"abcd"))
    assert (reply.status_code, reply.json()["code"]) == (400, "UNREADABLE")


@pytest.mark.parametrize("token", ["", "wrong", "test-token "])
def test_wrong_token_opens_no_door(client, token):
    assert put(client, token=token).status_code == 401
    for path in EACH_READING:
        assert get(client, path, token).status_code == 401
    reply = client.post(
        contract.CALLBACK, data="{}", content_type="application/json", headers={"Authorization": f"Bearer {token}"}
    )
    assert (reply.status_code, reply.json()["code"]) == (401, "BAD_TOKEN")


def test_unknown_deposit_has_no_report(client):
    for path in EACH_READING[:2]:
        reply = get(client, path)
        assert (reply.status_code, reply.json()["code"]) == (404, "UNKNOWN_DEPOSIT")


def call_back(client, **changed):
    event = {
        "ref": "r1", "event": "OPENED", "uai": "0690001A", "year": 2025, "level": "3E", "division": "3 A",
        "phase": "PROVISIONAL", "held_on": "2026-03-02", "at": "2026-03-02T16:00:00+00:00", **changed,
    }  # fmt: skip
    return client.post(
        contract.CALLBACK,
        data=json.dumps(event),
        content_type="application/json",
        headers={"Authorization": "Bearer test-token", contract.H_VERSION: contract.VERSION},
    )


def test_callback_of_an_unknown_division_is_not_confirmed(client):
    reply = call_back(client)
    assert (reply.status_code, reply.json()["code"]) == (404, "UNKNOWN_DIVISION")


@pytest.mark.parametrize(
    "changed",
    [
        {"event": "CLOSED"}, {"phase": "X"}, {"held_on": "hier"}, {"at": "2026-03-02"}, {"ref": "x" * 65},
        {"uai": "\0"}, {"division": "3\0A"}, {"at": "0001-01-01T00:00:00+14:00"}, {"year": "²"},
    ],
)  # fmt: skip
def test_malformed_callback_is_refused(client, changed):
    reply = call_back(client, **changed)
    assert (reply.status_code, reply.json()["code"]) == (400, "MALFORMED")


def test_same_callback_twice_is_confirmed_twice_and_done_once(client, family):
    for _ in range(2):
        reply = call_back(client, uai=family.student.school.uai)
        assert reply.json() == {"status": "confirmed"}
    assert JournalEntry.objects.filter(verb="council_opened").count() == 1


def test_opening_the_service_missed_is_repeated_until_confirmed(family, settings):
    world.night(FIRST_NIGHT)
    settings.SIECLE_BASE_URL = settings.PUBLIC_URL = "http://127.0.0.1:9"  # nobody answers there
    line = desk.open_council(world.division(family), phase="PROVISIONAL")
    assert line.confirmed_at is None
    assert line.last_error
    assert not ClassCouncil.objects.exists()
    settings.SIECLE_BASE_URL = ""
    assert feed.confirm_councils() == 1
    assert ClassCouncil.objects.get().opened_at is not None


def test_the_night_reconciles_an_opening_that_the_callback_missed(family, settings):
    world.enters(family)
    world.night(FIRST_NIGHT)
    settings.SIECLE_BASE_URL = settings.PUBLIC_URL = "http://127.0.0.1:9"
    world.opens(family)
    world.says(family, ("2GT", "Favorable"))
    settings.SIECLE_BASE_URL = ""
    run = world.night(SECOND_NIGHT)
    assert run.counters["in"]["accepted"] == 2
    assert ClassCouncil.objects.get().opened_at is not None
    assert feed.confirm_councils() == 1  # late, and without effect
    assert JournalEntry.objects.filter(verb="council_opened").count() == 1


def test_council_cannot_be_answered_before_it_opens_nor_leave_a_request_without_answer(family):
    world.enters(family, GT, PRO)
    world.night(FIRST_NIGHT)
    with pytest.raises(desk.DeskRefused) as refused:
        world.says(family, ("2GT", "Favorable"), ("2PRO", "Favorable"))
    assert refused.value.code == "COUNCIL_NOT_OPEN"
    world.opens(family)
    for answers, code in (
        ([("2GT", "Favorable")], "UNANSWERED_PATHWAY"),
        ([("2GT", "Favorable"), ("2PRO", "Peut-être")], "UNKNOWN_VALUE"),
    ):
        with pytest.raises(desk.DeskRefused) as refused:
            world.says(family, *answers)
        assert refused.value.code == code


def test_school_cannot_type_over_a_family_entry_once_the_council_is_open(family):
    world.enters(family)
    world.night(FIRST_NIGHT)
    world.opens(family)
    with pytest.raises(desk.DeskRefused) as refused:
        desk.type_entry(world.pupil(family), phase="PROVISIONAL", choices=[{"pathway": "CAP"}])
    assert refused.value.code == "ENTERED_BY_FAMILY"


def inbound(family, kind="STATEMENT", **changed) -> MockOutbound:
    """A line as Siècle might send it, bypassing its own checks."""
    payload = {"submission_ref": None, "answers": [{"pathway": "2GT", "value": "Favorable", "requested": True}]}
    said = {"phase": "PROVISIONAL", "at": clock.now(), "payload": payload, **changed}
    return feed.tell_pupil(kind, world.pupil(family), **said)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"kind": "SCHOOL_CHANGE"}, "EMPTY_LIST"),
        ({"kind": "RUMOUR"}, "UNKNOWN_KIND"),
        ({"phase": "LAST"}, "MALFORMED"),
        ({"payload": [1]}, "MALFORMED"),
        ({"payload": {"answers": []}}, "EMPTY_LIST"),
        ({"payload": {"answers": "none"}}, "EMPTY_LIST"),
        ({"payload": {"answers": [{"pathway": "BAC", "value": "Favorable"}]}}, "UNKNOWN_PATHWAY"),
        ({"payload": {"answers": ["2GT"]}}, "UNKNOWN_PATHWAY"),
        ({"payload": {"answers": [{"pathway": "2GT", "value": "Bof"}]}}, "UNKNOWN_VALUE"),
        ({"payload": {"answers": [{"pathway": "2GT", "value": "Favorable"}] * 2}}, "DUPLICATE_PATHWAY"),
        ({"payload": {"answers": [{"pathway": "2GT", "value": "Favorable", "comment": "x" * 1001}]}}, "TOO_LONG"),
        (
            {"payload": {"submission_ref": "nope", "answers": [{"pathway": "2GT", "value": "Favorable"}]}},
            "UNKNOWN_ENTRY",
        ),
        ({"at": SECOND_NIGHT + timedelta(days=9)}, "FUTURE_DATE"),
        ({"kind": "SCHOOL_ANSWER", "payload": {"kind": "PERHAPS"}}, "MALFORMED"),
        ({"kind": "SCHOOL_ANSWER", "payload": {"kind": "REFUSED", "statement": "x"}}, "UNKNOWN_STATEMENT"),
        ({"kind": "HEAD_DECISION", "payload": {"pathways": []}}, "EMPTY_LIST"),
        ({"kind": "SCHOOL_ENTRY", "payload": {"choices": [{"pathway": "CAP", "free_text": "x" * 201}]}}, "TOO_LONG"),
    ],
)
def test_line_that_makes_no_sense_is_rejected_with_its_reason_and_the_rest_is_taken(family, changed, code):
    world.enters(family)
    world.night(FIRST_NIGHT)
    world.opens(family)
    inbound(family, **changed)
    world.says(family, ("2GT", "Favorable"))
    run = world.night(SECOND_NIGHT)
    assert run.state == "FINISHED", run.error
    assert (run.counters["in"]["rejected"], run.counters["in"]["accepted"]) == (1, 1)
    [line] = RunLine.objects.filter(run=run)
    assert (line.code, line.sentence) == (code, contract.SENTENCES[code])


def test_statement_of_a_council_that_is_not_open_is_rejected(family):
    world.night(FIRST_NIGHT)
    inbound(family)
    run = world.night(FIRST_NIGHT + timedelta(days=1))
    assert RunLine.objects.get(run=run).code == "COUNCIL_NOT_OPEN"


def test_line_refused_for_want_of_a_pupil_is_asked_again_the_next_night(family):
    world.night(FIRST_NIGHT)
    world.opens(family)
    line = inbound(family)
    MockOutbound.objects.filter(pk=line.pk).update(eleve_id=999999)
    run = world.night(SECOND_NIGHT)
    assert RunLine.objects.get(run=run).code == "UNKNOWN_PUPIL"
    family.student.siecle_id = 999999  # imported at last
    family.student.save()
    run = world.night(SECOND_NIGHT + timedelta(days=1))
    assert (run.counters["in"]["accepted"], run.counters["in"]["rejected"]) == (1, 0)


@pytest.mark.django_db(databases=BOTH, transaction=True)
def test_the_same_night_over_a_real_network(live_server, settings):
    clock.freeze(DURING_INTENTIONS)
    family = factories.family()
    settings.SIECLE_BASE_URL = settings.PUBLIC_URL = live_server.url
    world.enters(family, GT)
    run = world.night(FIRST_NIGHT)
    assert run.state == "FINISHED", run.error
    assert SiecleReceipt.objects.get().outcome == "ACCEPTED"
    assert MockEntry.objects.count() == 1
    line = desk.open_council(world.division(family), phase="PROVISIONAL")
    assert line.confirmed_at is not None, line.last_error
    assert ClassCouncil.objects.get().opened_at is not None
