"""Answers of Siècle that cannot be trusted: each is refused with its code, nothing is half-applied, and the next honest
night finishes (SIE-01). A real server stands between the two programs."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.apps import apps

from ledger import clock
from ledger.models import JournalEntry, OutgoingEmail
from orientation.models import CouncilStatement, SiecleReceipt
from siecle_sync import contract
from siecle_sync.mock.models import MockEntry
from siecle_sync.models import HeldLine, RosterReceipt, RunLine, RunSchool
from tests import factories
from tests.factories import DURING_INTENTIONS
from tests.siecle_sync import world
from tests.siecle_sync.hostile import Answer, address, between
from tests.siecle_sync.world import BOTH, FIRST_NIGHT, SECOND_NIGHT

pytestmark = pytest.mark.django_db(databases=BOTH, transaction=True)
ROWS = (JournalEntry, OutgoingEmail, RunLine, RunSchool, HeldLine, RosterReceipt)


@pytest.fixture
def family():
    clock.freeze(DURING_INTENTIONS)
    return factories.family()


@pytest.fixture
def siecle(live_server):
    with between(live_server.url) as server:
        yield server


def rows() -> dict[str, list[dict]]:
    """What an answer of Siècle may change; not the list of what it is still to be told (digest 0)."""
    tables = (*apps.get_app_config("orientation").get_models(), *ROWS)
    kept = {one.__name__: list(one.objects.order_by("pk").values()) for one in tables}
    kept["RosterReceipt"] = [row for row in kept["RosterReceipt"] if row["digest"]]
    return kept


def refused(siecle, settings, at, fragment, cases) -> None:
    """Play each case one minute after the other: its code, and not a row changed."""
    before = rows()
    settings.SIECLE_BASE_URL = address(siecle)
    siecle.fragment = fragment
    for number, (name, (alter, code)) in enumerate(cases.items()):
        siecle.alter, siecle.altered = alter, 0
        run = world.night(at + timedelta(minutes=number))
        assert siecle.altered, name
        assert (run.state, contract.SENTENCES[code] in run.error) == ("FAILED", True), (name, run.error)
        assert rows() == before, name
    settings.SIECLE_BASE_URL = ""
    run = world.night(at + timedelta(minutes=len(cases)))
    assert run.state == "FINISHED", run.error


def head_of(answer: Answer) -> tuple[bytes, list[bytes]]:
    header, *lines = answer.body.splitlines(keepends=True)
    return header, lines


def lines_changed(change, **said):
    """Alter the list of the lines; what is announced follows."""

    def alter(answer: Answer) -> Answer:
        header, lines = head_of(answer)
        changed = change(lines)
        return answer.says(header + b"".join(changed), lines=len(changed), **said)

    return alter


def renumbered(line: bytes, seq: int) -> bytes:
    return b'"%d",' % seq + line.split(b",", 1)[1]


def body(change, **said):
    return lambda answer: answer.says(change(answer.body), **said)


HTML = b"<!doctype html><title>Maintenance</title>"
PAGES = {
    "truncated": (lambda answer: replace(answer, body=answer.body[: len(answer.body) // 2]), "WRONG_DIGEST"),
    "without its last line": (body(lambda text: b"".join(text.splitlines(keepends=True)[:-1])), "WRONG_LINES"),
    "corrupt digest": (lambda answer: answer.with_header(contract.H_DIGEST, "0" * 64), "WRONG_DIGEST"),
    "wrong number of lines": (lambda answer: answer.with_header(contract.H_LINES, "7"), "WRONG_LINES"),
    "no number of lines": (lambda answer: answer.with_header(contract.H_LINES, "²"), "WRONG_LINES"),
    "reordered": (lines_changed(lambda lines: lines[::-1]), "OUT_OF_ORDER"),
    "a line twice": (lines_changed(lambda lines: [*lines, lines[-1]]), "OUT_OF_ORDER"),
    "already read": (lines_changed(lambda lines: [renumbered(lines[0], 0), *lines[1:]]), "OUT_OF_ORDER"),
    "endless": (lines_changed(lambda lines: [], **{contract.H_MORE: "1"}), "OUT_OF_ORDER"),
    "endlessly the same": (lambda answer: answer.with_header(contract.H_MORE, "1"), "OUT_OF_ORDER"),
    "no number": (lines_changed(lambda lines: [line.replace(b'"', b'"x', 1) for line in lines]), "UNREADABLE"),
    "not a table": (body(lambda text: b'{"lines": []}'), "UNREADABLE"),
    "another header": (body(lambda text: text.replace(b"ref", b"fer", 1)), "UNREADABLE"),
    "a column less": (body(lambda text: text.replace(b"seq,", b"", 1)), "UNREADABLE"),
    "a NUL": (body(lambda text: text[:-3] + b"\0" + text[-3:]), "UNREADABLE"),
    "not UTF-8": (body(lambda text: text[:-3] + b"\xe9\xff" + text[-3:]), "UNREADABLE"),
    "an open quote": (body(lambda text: text + b'"'), "UNREADABLE"),
    "empty": (body(lambda text: b""), "UNREADABLE"),
    "a page of HTML": (lambda answer: replace(answer, body=HTML), "WRONG_DIGEST"),
    "HTML, announced": (body(lambda text: HTML), "UNREADABLE"),
    "broken down": (lambda answer: Answer(500, {}, b"boom"), "UNAVAILABLE"),
    "a code of its own": (lambda answer: Answer(500, {}, b'{"code": "OUR\\u0000OWN"}'), "UNAVAILABLE"),
    "elsewhere": (lambda answer: replace(answer, status=302).with_header("Location", "/"), "UNAVAILABLE"),
    "another version": (lambda answer: answer.with_header(contract.H_VERSION, "1"), "WRONG_VERSION"),
    "cut in the middle": (lambda answer: replace(answer, kept=len(answer.body) // 2), "UNAVAILABLE"),
    "cut, of no length": (
        lambda answer: replace(answer, sized=False, kept=len(answer.body) // 2),
        "WRONG_DIGEST",
    ),
    "compressed": (body(lambda text: b"\x1f\x8b" + text, **{"Content-Encoding": "gzip"}), "UNREADABLE"),
}


def test_a_feed_that_is_not_what_siecle_says_changes_nothing(family, siecle, settings):
    world.enters(family)
    world.night(FIRST_NIGHT)
    world.opens(family)
    world.says(family, ("2GT", "Favorable"))
    refused(siecle, settings, SECOND_NIGHT, "/reponses/", PAGES)
    assert CouncilStatement.objects.count() == 1


def test_report_lines_that_are_not_what_siecle_says_record_nothing(family, siecle, settings):
    world.enters(family)
    others = {
        "of another reference": (body(lambda text: text.replace(b"/3E/", b"/2E/", 1)), "MISMATCH"),
        "of an outcome of its own": (body(lambda text: text.replace(b"ACCEPTED", b"PERHAPS", 1)), "MISMATCH"),
        "of another outcome": (body(lambda text: text.replace(b"ACCEPTED", b"REJECTED", 1)), "MISMATCH"),
        "with a line more": (
            lines_changed(lambda lines: [*lines, renumbered(lines[-1], len(lines) + 1)]),
            "MISMATCH",
        ),
    }
    refused(siecle, settings, FIRST_NIGHT, "/lignes/", {**PAGES, **others})
    assert (SiecleReceipt.objects.count(), MockEntry.objects.count()) == (1, 1)


def said(**changed):
    return (lambda answer: answer.as_json(**changed)), "MISMATCH"


def instead(text: bytes | str):
    return (lambda answer: replace(answer, body=text if isinstance(text, bytes) else text.encode())), "MISMATCH"


SHAPES = {
    "empty": instead(b""),
    "HTML": instead(HTML),
    "a list": instead("[1, 2, 3]"),
    "nothing": instead("null"),
    "not UTF-8": instead(b'{"read": "\xff"}'),
    "nested": instead("[" * 100_000 + "]" * 100_000),
    "huge number": instead('{"read": ' + "9" * 5000 + "}"),
    "too big": ((lambda answer: replace(answer, body=b" " * (contract.JSON_BYTES + 1))), "TOO_BIG"),
    "another version": ((lambda answer: answer.with_header(contract.H_VERSION, "3")), "WRONG_VERSION"),
    "broken down": ((lambda answer: Answer(502, {}, HTML)), "UNAVAILABLE"),
}


def test_counters_of_another_shape_record_nothing(family, siecle, settings):
    world.enters(family)
    cases = {
        "negative": said(rejected=-1, accepted=4),
        "text": said(read="3"),
        "true": said(rejected=False),
        "a fraction": said(read=3.0),
        "not a number": said(read=float("nan")),
        "huge": said(read=2**70),
        "nested counters": said(read={"read": 3}),
        "one more": said(lost=0),
        "that do not add up": said(read=4),
    }
    refused(siecle, settings, FIRST_NIGHT, "/compte-rendu/$", {**SHAPES, **cases})


def test_a_receipt_that_is_not_ours_is_no_receipt(family, siecle, settings):
    world.enters(family)
    cases = {
        "of another deposit": said(id="x"),
        "of another content": said(digest="0" * 64),
        "taken as read": said(x=1),
    }
    refused(siecle, settings, FIRST_NIGHT, "PUT", {**SHAPES, **cases})
    assert (SiecleReceipt.objects.count(), MockEntry.objects.count()) == (1, 1)


def test_a_page_beyond_its_size_is_refused_whole(family, siecle, settings, monkeypatch):
    monkeypatch.setattr(contract, "PAGE_BYTES", 2000)
    world.enters(family)
    world.night(FIRST_NIGHT)
    big = {
        "announced": (lambda answer: replace(answer, body=answer.body + b"x" * 2000), "TOO_BIG"),
        "of no length": (lambda answer: replace(answer, body=answer.body + b"x" * 2000, sized=False), "TOO_BIG"),
        "without end": (lines_changed(lambda lines: [b'"9",' * 2000]), "TOO_BIG"),
    }
    refused(siecle, settings, FIRST_NIGHT + timedelta(days=1), "/reponses/", big)


def test_a_reading_that_never_ends_is_ended(family, siecle, settings, monkeypatch):
    monkeypatch.setattr(contract, "PAGES", 3)
    world.enters(family)
    world.night(FIRST_NIGHT)
    world.opens(family)
    told = iter(range(1000, 9999))
    forever = lines_changed(lambda lines: [b'"%d"' % next(told) + b"," * 14 + b"\n"], **{contract.H_MORE: "1"})
    refused(siecle, settings, SECOND_NIGHT, "/reponses/", {"forever": (forever, "TOO_BIG")})
    assert siecle.altered == 3


def test_an_answer_that_drips_is_ended_by_the_total_time(family, siecle, settings):
    settings.SIECLE_TIMEOUT_TOTAL = 2
    world.enters(family)
    drip = {"drip": (lambda answer: replace(answer, pause=0.2), "UNAVAILABLE")}
    endless = {"of no length": (lambda answer: replace(answer, pause=0.2, sized=False), "UNAVAILABLE")}
    refused(siecle, settings, FIRST_NIGHT, "/compte-rendu/$", {**drip, **endless})
    assert siecle.whole == 2  # the two receipts of the deposit: neither drip was waited for


def test_a_siecle_that_says_nothing_is_not_waited_for(family, siecle, settings):
    settings.SIECLE_TIMEOUT_READ = 2
    world.enters(family)
    silent = {"silent": (lambda answer: replace(answer, pause=30), "UNAVAILABLE")}
    refused(siecle, settings, FIRST_NIGHT, "/compte-rendu/$", silent)


def test_the_altered_answers_are_altered_from_true_ones(family, siecle, settings):
    """Control: handed over as they are, they are taken."""
    settings.SIECLE_BASE_URL = address(siecle)
    world.enters(family)
    assert world.night(FIRST_NIGHT).state == "FINISHED"
    assert SiecleReceipt.objects.get().outcome == "ACCEPTED"
