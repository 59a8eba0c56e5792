"""What the simulated Siècle takes of a request, and what it refuses: versions, roster lines, ranges, odd values."""

import csv
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest

from ledger import clock
from siecle_sync import contract
from siecle_sync.mock import feed
from siecle_sync.mock.models import MockDivision, MockLine, MockPupil
from tests.factories import DURING_INTENTIONS
from tests.siecle_sync.program import BODY, EACH_READING, HEADER, get, put
from tests.siecle_sync.world import BOTH

pytestmark = pytest.mark.django_db(databases=BOTH)


@pytest.mark.parametrize("version", ["1", "3", ""])
def test_another_version_of_the_contract_is_refused_both_ways(client, version):
    headers = {"Authorization": "Bearer test-token", contract.H_VERSION: version}
    replies = [client.get(path, headers=headers) for path in EACH_READING]
    replies += [put(client, **{contract.H_VERSION: version}), client.post(contract.CALLBACK, headers=headers)]
    assert {(one.status_code, one.json()["code"]) for one in replies} == {(400, "WRONG_VERSION")}
    assert {one.headers[contract.H_VERSION] for one in replies[:-1]} == {contract.VERSION}


@pytest.mark.parametrize("path", EACH_READING)
def test_every_reply_says_its_version_refused_or_not(client, path):
    assert get(client, path).headers[contract.H_VERSION] == contract.VERSION
    assert get(client, path, "wrong").headers[contract.H_VERSION] == contract.VERSION


def roster(*lines):
    rows = [f"{seq},{line}" for seq, line in enumerate(lines, start=1)]
    return "\n".join((HEADER, *rows, "")).encode()


PUPIL = 'PUPIL,0690001A/2025/3E/{0},0690001A,2025,3E,,3 A,{0},,,,,,"{1}"'
NAMED = '{""family_name"": ""Roy"", ""first_name"": ""Ana"", ""birth_date"": ""2011-05-01""}'
GONE = '{""present"": false}'


def outcomes(client, uuid):
    lines = csv.DictReader(StringIO(get(client, contract.report_lines_path(uuid, after=0)).content.decode()))
    return [(line["outcome"], line["code"]) for line in lines]


def test_a_pupil_said_absent_leaves_the_list_and_one_never_known_is_not_made(client):
    put(client, roster(PUPIL.format(5, NAMED), PUPIL.format(6, NAMED.replace("{", '{""present"": true, '))))
    assert set(MockPupil.objects.values_list("eleve_id", "present")) == {(5, True), (6, True)}
    put(client, roster(PUPIL.format(5, GONE), PUPIL.format(6, NAMED), PUPIL.format(7, GONE)))
    assert set(MockPupil.objects.values_list("eleve_id", "present")) == {(5, False), (6, True)}
    put(client, roster(PUPIL.format(5, NAMED), PUPIL.format(6, NAMED)))
    assert set(MockPupil.objects.values_list("eleve_id", "present")) == {(5, True), (6, True)}


@pytest.mark.parametrize(
    "payload",
    [
        "[1]", "null", "{}", NAMED.replace("2011-05-01", "2011-02-30"), NAMED.replace("2011-05-01", "infinity"),
        NAMED.replace("Roy", "R" * 101), NAMED.replace("Roy", ""), NAMED.replace("{", '{""present"": ""no"", '),
    ],
)  # fmt: skip
def test_a_malformed_line_of_the_list_is_rejected_and_the_others_are_taken(client, payload):
    uuid = uuid4()
    assert put(client, roster(PUPIL.format(5, payload), PUPIL.format(6, NAMED)), uuid=uuid).status_code == 202
    assert outcomes(client, uuid) == [("REJECTED", "MALFORMED"), ("ACCEPTED", "")]
    assert MockPupil.objects.get().eleve_id == 6


def test_the_lines_of_a_roster_are_forgotten_after_two_days_not_before(client):
    clock.freeze(DURING_INTENTIONS)
    put(client)
    clock.freeze(DURING_INTENTIONS + timedelta(days=2))
    put(client, BODY.replace(b"3 A", b"3 B"))
    assert MockLine.objects.count() == 2
    clock.freeze(DURING_INTENTIONS + timedelta(days=2, minutes=1))
    put(client, BODY.replace(b"3 A", b"3 C"))
    assert list(MockLine.objects.order_by("pk").values_list("division", flat=True)) == ["3 B", "3 C"]


@pytest.mark.parametrize(
    ("bounds", "found"),
    [
        ({}, ["0010001A", "0690001A", "0690001B", "972000ZZ"]),
        ({"first": "0690001A"}, ["0690001A", "0690001B", "972000ZZ"]),
        ({"before": "0690001B"}, ["0010001A", "0690001A"]),
        ({"first": "0690001A", "before": "0690001B"}, ["0690001A"]),
        ({"first": "0690001C", "before": "0690001D"}, []),
    ],
)
def test_the_feed_keeps_to_a_range_of_schools(client, bounds, found):
    clock.freeze(DURING_INTENTIONS)
    for uai in ("0010001A", "0690001A", "0690001B", "972000ZZ"):
        place = MockDivision(academy="10", uai=uai, year=2025, level="3E", code="3 A")
        feed.tell_council("OPENED", place, phase="PROVISIONAL", at=clock.now(), held_on=None)
    path = contract.feed_path(academy="10", year=2025, level="3E", after=0, **bounds)
    lines = csv.DictReader(StringIO(get(client, path).content.decode()))
    assert [line["uai"] for line in lines] == found


@pytest.mark.parametrize(
    "asked",
    [
        "academie=10&annee=2025", "academie=10&annee=1&niveau=3E", "annee=2025&niveau=3E",
        "academie=10&annee=%C2%B2&niveau=3E", "academie=%00&annee=2025&niveau=3E", "academie=10&annee=2025&niveau=4E",
        "academie=10&annee=2025&niveau=3E&apres=-1", "academie=10&annee=2025&niveau=3E&apres=" + "9" * 5000,
        "academie=10&annee=2025&niveau=3E&de=%00",
    ],
)  # fmt: skip
def test_a_reading_that_is_not_of_the_contract_is_refused(client, asked):
    reply = get(client, f"{contract.API}/reponses/?{asked}")
    assert (reply.status_code, reply.json()["code"]) == (400, "UNREADABLE")
