"""Every message of a whole simulated campaign, read where it arrives: exact, sent once, and never a leak (MAI)."""

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import getaddresses
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.servers import Program, free_port, listens, wait_until
from tests.siecle_sync import play
from tests.siecle_sync.recount_letters import owed, written

# a campaign is played once for all its tests, whatever the number of workers
pytestmark = pytest.mark.xdist_group("play_campaign")

Json = dict[str, Any]
# in the first, everybody answers, and somebody becomes a representative too late to be told with the others
YEARS = {
    "3e": ("--students", "60", "--seed", "11", "--policy", "answered_by=ALL"),
    "2de": ("--students", "40", "--seed", "5"),
}
KINDS = {
    "recap_author", "recap_other", "entry_not_processed", "entry_changed_by_school", "opinions_available",
    "opinions_changed", "proposals_available", "answer_accepted_author", "answer_accepted_other",
    "answer_refused_author", "answer_refused_other", "agreement_outcome", "decision_recorded", "pen_released",
    "window_extended", "reminder",
}  # fmt: skip
PREFIX = "[ORIENTATION] "
ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+")
LINK = re.compile(r"https?://[^\s<>\"')]+")
NUMBER = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
DIGITS = re.compile(r"(?:\d[  ]?){8,}")


@dataclass(frozen=True)
class Message:
    """One message as the mail server took it, and what was meant."""

    envelope: Json
    meant: Json

    def headers(self, name: str) -> list[str]:
        return [value for key, value in self.envelope["headers"] if key.lower() == name.lower()]

    @property
    def number(self) -> str:
        return number_of(self.envelope)

    @property
    def parts(self) -> dict[str, str]:
        return self.envelope["parts"]

    @property
    def everything(self) -> str:
        return "\n".join([*self.headers("Subject"), *self.parts.values()])


@dataclass(frozen=True)
class Year:
    messages: list[Message]
    meant: Json  # by number
    dossiers: list[Json]
    counters: Json


def number_of(envelope: Json) -> str:
    found = next(value for key, value in envelope["headers"] if key == "Message-ID")
    return str(found).strip("<>").split("@")[0]


@contextmanager
def mail_server(folder: Path) -> Iterator[tuple[int, Path]]:
    """A real one, in a process of its own; what it takes is in the file."""
    port, taken = free_port(), folder / "taken.jsonl"
    command = ["-m", "tests.chaos.sink", str(port), str(taken)]
    server = Program("sink", command, dict(os.environ), folder / "sink.log")
    server.start()
    try:
        wait_until(lambda: server.dead or listens(port), "the mail server")
        yield port, taken
    finally:
        server.kill()


@pytest.fixture(scope="module", params=list(YEARS))
def year(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Year:
    folder = tmp_path_factory.mktemp("posted")
    meant, dump = folder / "meant.json", folder / "dump.jsonl"
    with mail_server(folder) as (port, taken):
        command = [sys.executable, "-m", "tests.siecle_sync.play_posted", str(meant)]
        done = play.play(
            "--level", request.param, *YEARS[request.param], "--json", "--dump", str(dump),
            command=command, EMAIL_HOST="127.0.0.1", EMAIL_PORT=str(port),
        )  # fmt: skip
    assert done.code == 0, done.err[-3000:]
    letters = json.loads(meant.read_text(encoding="utf-8"))
    messages = [
        Message(one, letters.get(number_of(one), {})) for one in map(json.loads, taken.read_text().splitlines())
    ]
    return Year(messages, letters, play.lines(dump), done.counters)


def test_every_letter_that_the_acts_owe_is_written_and_no_other(year: Year) -> None:
    """An independent recount, from the acts alone."""
    for dossier in year.dossiers:
        wanted, found = owed(dossier), written(dossier)
        assert (wanted - found, found - wanted) == (Counter(), Counter()), dossier["dossier"]


def test_every_kind_of_letter_of_the_year_is_among_them(year: Year) -> None:
    late = {"agreement_awaited"} if year.counters["level"] == "3e" else set()
    assert KINDS | late == set(year.counters["emails_by_kind"])


def test_what_the_mail_server_took_is_what_was_sent_each_once(year: Year) -> None:
    taken = Counter(message.number for message in year.messages)
    assert taken == Counter(number for number, one in year.meant.items() if one["state"] == "SENT")
    assert len(year.messages) == year.counters["emails"] > 300
    told = Counter(
        (d["dossier"], one["kind"], one["to"]) for d in year.dossiers for one in d["letters"] if one["sent_at"]
    )
    assert told == Counter((one.meant["dossier"], one.meant["kind"], one.meant["to"]) for one in year.messages)


def test_only_who_has_no_address_or_no_longer_reads_is_not_written_to(year: Year) -> None:
    for dossier in year.dossiers:
        reached = {
            one["who"] for one in dossier["persons"] if one["email"] and one["level"] == 1 and not one["ended_on"]
        }
        reached -= {one["who"] for one in dossier["imports"]}
        reached |= {"E"} if dossier["pupil"]["account"] else set()
        kept = [one for one in dossier["letters"] if one["to"] in reached and one["state"] != "SENT"]
        # a reminder of the morning does not leave at noon to who did meanwhile what it asked (MAI-08)
        assert {(one["kind"], one["state"]) for one in kept} <= {("reminder", "POINTLESS")}


def test_each_message_is_for_one_person_and_has_no_copy(year: Year) -> None:
    for message in year.messages:
        assert message.envelope["to"] == [message.meant["address"]]
        assert getaddresses(message.headers("To")) == [("", message.meant["address"])]
        assert [message.headers(name) for name in ("Cc", "Bcc", "Resent-To")] == [[], [], []]


def test_each_message_comes_from_the_academie_and_is_answered_to_the_school(year: Year) -> None:
    for message in year.messages:
        assert [address for _, address in getaddresses(message.headers("From"))] == [message.meant["from"]]
        assert message.envelope["from"] == message.meant["from"]
        assert message.headers("Reply-To") == [message.meant["reply_to"]]


def test_each_message_says_what_it_is_and_names_the_child_in_both_its_parts(year: Year) -> None:
    for message in year.messages:
        subject = message.headers("Subject")[0].strip()  # a long one is folded after its name
        assert subject.startswith(PREFIX) and len(subject) > len(PREFIX)
        assert set(message.parts) == {"text/plain", "text/html"}
        for text in message.parts.values():
            assert message.meant["child"] in text.replace("&#x27;", "’"), message.meant


def test_no_message_signs_anybody_in_or_holds_a_secret(year: Year) -> None:
    """No link but the front page, no code to type, no number of ours."""
    for message in year.messages:
        links = {link.rstrip(".,") for link in LINK.findall(message.everything)}
        assert {link.split("/", 3)[3] for link in links} <= {""}, links
        assert NUMBER.findall(message.everything) == []
        without_phone = message.everything.replace("01 99 00 00 00", "").replace("01 99 00 00 00", "")
        assert DIGITS.findall(without_phone) == []


def test_no_message_says_more_of_the_others_than_their_name(year: Year) -> None:
    for message in year.messages:
        assert set(ADDRESS.findall(message.everything)) <= {message.meant["reply_to"]}
        assert [one for one in message.meant["private"] if one and one in message.everything] == []
