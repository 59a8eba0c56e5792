"""manage.py verify_journal: what was touched is seen, where, and what was lawfully erased is not an alarm (ANS-09)."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pgtrigger
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.management import CommandError, call_command
from django.db import connection

from ledger import journal
from ledger.export import NotAsSealed, Wrong, check, extract, message
from ledger.journal import SYSTEM
from ledger.models import JournalEntry, JournalSeal
from ledger.seals import RESEALED, digest_of, reseal, seal_journal, spans
from ledger.signing import Unusable, new_key, private_key, public_key_of, public_text, sign
from ledger.verification import Fault, digest_with, verify
from tests.ledger.test_seals import DOSSIER, MORNING, write

pytestmark = pytest.mark.django_db
At = Callable[[datetime | str], None]
DAYS = ["2027-04-05", "2027-04-06", "2027-04-07"]


@pytest.fixture
def sealed(at: At) -> list[JournalEntry]:
    """Three nights, three lines each day, and one line that waits."""
    lines = []
    for night in range(3):
        at(MORNING + timedelta(days=night))
        with connection.cursor() as cursor:  # a number lost by a transaction that was undone
            cursor.execute("SELECT nextval(pg_get_serial_sequence('ledger_journalentry', 'id'))")
        lines += write(3, night=night)
        assert seal_journal()
    write()
    return lines


def owner(sql: str, *params: Any) -> None:
    """As who owns the tables, and put their triggers to sleep."""
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        assert cursor.rowcount


def said(**options: Any) -> dict[str, Any]:
    """What the command prints; it ends with 1 when something is wrong."""
    out = StringIO()
    try:
        call_command("verify_journal", "--json", stdout=out, **options)
    except CommandError as error:
        assert error.returncode == 1
    else:
        assert json.loads(out.getvalue())["ok"]
    return json.loads(out.getvalue())


def faults(**options: Any) -> list[tuple[str, str]]:
    return [(one["day"], one["fault"]) for one in said(**options)["faults"]]


def test_a_journal_that_nobody_touched_is_as_it_was_sealed(sealed: list[JournalEntry]) -> None:
    found = said()
    assert (found["ok"], found["seals"], found["lines"], found["unsealed"]) == (True, 3, 11, 2)


@pytest.mark.parametrize(
    ("column", "value"),
    [("at", "2020-01-01 00:00Z"), ("verb", "autre"), ("actor_kind", "STUDENT"), ("actor_name", "Autre"), ("data", "{}"),
     ("actor_uuid", "c0ffee00-0000-4000-8000-000000000000"), ("dossier_uuid", None)],
)  # fmt: skip
def test_each_field_of_an_altered_line_is_seen_on_its_day(
    sealed: list[JournalEntry], column: str, value: str | None
) -> None:
    owner(f"UPDATE ledger_journalentry SET {column} = %s WHERE id = %s", value, sealed[4].pk)
    assert faults() == [(DAYS[1], Fault.ALTERED)]
    [where] = said()["faults"]
    assert where["first"] <= sealed[4].pk <= where["last"]


def test_a_removed_line_an_inserted_one_and_two_exchanged_are_seen(sealed: list[JournalEntry]) -> None:
    owner("DELETE FROM ledger_journalentry WHERE id = %s", sealed[0].pk)
    owner("UPDATE ledger_journalentry SET id = %s WHERE id = %s", sealed[0].pk, JournalEntry.objects.latest("pk").pk)
    owner("UPDATE ledger_journalentry SET id = -id WHERE id = ANY(%s)", [sealed[3].pk, sealed[4].pk])
    owner("UPDATE ledger_journalentry SET id = %s + id WHERE id < 0", sealed[3].pk + sealed[4].pk)
    owner("DELETE FROM ledger_journalentry WHERE id = %s", sealed[7].pk)
    assert faults() == [(DAYS[0], Fault.ALTERED), (DAYS[1], Fault.ALTERED), (DAYS[2], Fault.REMOVED)]


@pytest.mark.parametrize(("number", "day"), [("gap", DAYS[1]), ("zero", DAYS[0]), ("negative", DAYS[0])])
def test_a_line_added_among_sealed_ones_is_seen(sealed: list[JournalEntry], number: str, day: str) -> None:
    """In a number that a transaction lost, or before the first."""
    free = {"gap": sealed[3].pk - 1, "zero": 0, "negative": -7}[number]
    owner("UPDATE ledger_journalentry SET id = %s WHERE id = %s", free, JournalEntry.objects.latest("pk").pk)
    assert faults() == [(day, Fault.INSERTED)]


def test_the_first_day_touched_is_said_and_the_command_ends_with_one(sealed: list[JournalEntry]) -> None:
    owner("DELETE FROM ledger_journalentry WHERE id = ANY(%s)", [sealed[3].pk, sealed[6].pk])
    with pytest.raises(CommandError, match=DAYS[1]) as ended:
        call_command("verify_journal", stdout=StringIO())
    assert ended.value.returncode == 1


@pytest.mark.parametrize("change", ["count = count + 1", "day = day - 30", "up_to = up_to + 1"])
def test_what_a_seal_says_cannot_be_changed_alone(sealed: list[JournalEntry], change: str) -> None:
    owner(f"UPDATE ledger_journalseal SET {change} WHERE day = %s", DAYS[2])
    assert [one.fault is not None for one in verify()] == [False, False, True]


def test_a_seal_taken_away_breaks_the_chain(sealed: list[JournalEntry]) -> None:
    owner("DELETE FROM ledger_journalseal WHERE day = %s", DAYS[0])
    assert faults()[0] == (DAYS[1], Fault.CHAIN)


def test_a_forged_seal_is_not_followed_by_the_next_one(sealed: list[JournalEntry]) -> None:
    """Who changes a line and computes its seal anew has all the later seals to compute anew."""
    owner("UPDATE ledger_journalentry SET actor_name = 'Autre' WHERE id = %s", sealed[4].pk)
    span = next(one for one in spans() if str(one.seal.day) == DAYS[1])
    owner("UPDATE ledger_journalseal SET digest = %s WHERE id = %s", digest_with(span.seal, span.read()), span.seal.pk)
    assert faults() == [(DAYS[2], Fault.CHAIN)]


def test_the_days_before_the_one_asked_are_left_out(sealed: list[JournalEntry]) -> None:
    owner("DELETE FROM ledger_journalentry WHERE id = %s", sealed[0].pk)
    assert said(since=MORNING.date())["seals"] == 2
    assert said(since=MORNING.date())["ok"]
    assert faults() == [(DAYS[0], Fault.REMOVED)]


def test_the_progress_is_told_day_by_day(sealed: list[JournalEntry]) -> None:
    out = StringIO()
    call_command("verify_journal", stdout=out)
    assert [line[:10] for line in out.getvalue().splitlines()[:3]] == DAYS


def test_a_lawful_erasure_is_no_alarm_and_what_stays_is_still_held(sealed: list[JournalEntry]) -> None:
    owner("DELETE FROM ledger_journalentry WHERE id = ANY(%s)", [sealed[0].pk, sealed[4].pk])
    assert [day for day, _ in faults()] == DAYS[:2]
    assert reseal(by=SYSTEM) == 2
    found = said()
    assert (found["ok"], found["erased"]) == (True, 2)
    owner("DELETE FROM ledger_journalentry WHERE id = %s", sealed[3].pk)
    assert faults() == [(DAYS[1], Fault.REMOVED)]


def test_an_erasure_covers_no_line_altered_or_added(sealed: list[JournalEntry]) -> None:
    """Who may only add lines writes what an erasure writes."""
    owner("UPDATE ledger_journalentry SET actor_name = 'Autre' WHERE id = %s", sealed[4].pk)
    span = next(one for one in spans() if str(one.seal.day) == DAYS[1])
    journal.write(verb=RESEALED, by=SYSTEM, at=MORNING + timedelta(days=2), seals={DAYS[1]: span.read().said})
    assert faults() == [(DAYS[1], Fault.ALTERED)]
    with pytest.raises(NotAsSealed):
        extract(DOSSIER, MORNING)


def cut_off(seals: int) -> list[str]:
    """The last seals are taken away, with every line since; return their digests."""
    last = list(JournalSeal.objects.order_by("-pk")[:seals])
    owner("DELETE FROM ledger_journalseal WHERE id = ANY(%s)", [one.pk for one in last])
    kept = JournalSeal.objects.order_by("-pk").first()
    owner("DELETE FROM ledger_journalentry WHERE id > %s", kept.up_to if kept else 0)
    return [one.digest for one in last]


@pytest.mark.parametrize("seals", [1, 2, 3])
def test_the_last_seals_taken_away_with_their_lines_are_missed_by_who_noted_a_digest(
    sealed: list[JournalEntry], seals: int
) -> None:
    digests = list(JournalSeal.objects.values_list("digest", flat=True))
    assert said(known=digests)["ok"]
    lost = cut_off(seals)
    found = said(known=digests)
    assert (found["ok"], found["gone"]) == (False, sorted(lost))


def test_a_chain_that_ends_days_ago_is_an_alarm(sealed: list[JournalEntry], at: At) -> None:
    for days, expected in ((2, []), (4, []), (5, [(DAYS[2], Fault.OVERDUE)])):
        at(MORNING + timedelta(days=days))
        assert faults() == expected


def test_the_date_of_a_seal_cannot_be_changed(sealed: list[JournalEntry]) -> None:
    owner("UPDATE ledger_journalseal SET sealed_at = sealed_at - interval '1 second' WHERE day = %s", DAYS[1])
    assert faults() == [(DAYS[1], Fault.DATED)]


def test_a_line_written_today_with_a_date_of_last_month_is_seen(sealed: list[JournalEntry], at: At) -> None:
    """What no trigger refuses: a line added at the end, as who may write one."""
    at(MORNING + timedelta(days=3))
    journal.write(verb="entry_validated", by=SYSTEM, at=MORNING - timedelta(days=30), dossier=DOSSIER)
    seal_journal()
    assert faults() == [("2027-04-08", Fault.DATED)]


# --- an extract, checked without a database ---------------------------------------------------------------------------
@pytest.fixture
def taken(sealed: list[JournalEntry]) -> dict[str, Any]:
    """The history of a dossier, other people's lines around."""
    journal.write(verb="entry_validated", by=SYSTEM, at=MORNING, dossier=uuid4(), secret="d’une autre famille")
    return json.loads(json.dumps(extract(DOSSIER, MORNING)))


def judged(given: Any) -> Wrong | None:
    return check(given, private_key().public_key()).fault


def signed_again(given: dict[str, Any]) -> dict[str, Any]:
    """As who holds the key, and lies."""
    return {**given, "signature": sign(message(given))}


def test_an_extract_holds_every_line_of_the_dossier_and_nobody_else_s(taken: dict[str, Any]) -> None:
    found = check(taken, private_key().public_key())
    assert (found.fault, found.figures) == (None, {"lines": 10, "sealed": 9, "seals": 3})
    assert [one["data"] for one in taken["lines"][:4]] == [
        {"rank": 0, "night": 0}, {"rank": 1, "night": 0}, {"rank": 2, "night": 0}, {"rank": 0, "night": 1}
    ]  # fmt: skip
    assert "autre famille" not in json.dumps(taken, ensure_ascii=False)
    assert "journal_sealed" not in json.dumps(taken)


def test_the_smallest_change_breaks_the_signature(taken: dict[str, Any]) -> None:
    assert judged({**taken, "made_at": "2027-04-06"}) == Wrong.SIGNATURE
    other = public_key_of(new_key()[1])
    assert check(taken, other).fault == Wrong.SIGNATURE
    assert judged({**taken, "signature": "non"}) == Wrong.SIGNATURE


@pytest.mark.parametrize("given", [{}, [], "texte", {"format": "orientation-historique-1"}])
def test_what_is_no_extract_is_said(given: Any) -> None:
    assert judged(given) == Wrong.FORMAT


def test_even_who_holds_the_key_cannot_change_a_line_nor_leave_the_chain(taken: dict[str, Any]) -> None:
    line = taken["lines"][4]
    altered = {**line, "actor_name": "Autre"}
    lines = [altered if one is line else one for one in taken["lines"]]
    assert judged(signed_again({**taken, "lines": lines})) == Wrong.LINE
    altered["text"] = line["text"].replace("Service Orientation", "Autre")
    leaves = digest_of(sha256(one["text"].encode()).hexdigest() for one in lines)
    assert altered["text"] != line["text"]
    assert judged(signed_again({**taken, "lines": lines, "digest": leaves})) == Wrong.LINE
    seal = taken["seals"][1]
    opened = {one: {**leaves, str(line["id"]): "0" * 64} for one, leaves in seal["opened"].items()}
    seals = [{**one, "opened": opened} if one is seal else one for one in taken["seals"]]
    assert judged(signed_again({**taken, "lines": [], "digest": digest_of([]), "seals": seals})) == Wrong.SEAL
    chain = [taken["chain"][0], taken["chain"][2]]
    assert judged(signed_again({**taken, "chain": chain})) == Wrong.CHAIN
    bent = [{**one, "previous": "0" * 64} if one["day"] == DAYS[1] else one for one in taken["chain"]]
    assert judged(signed_again({**taken, "chain": bent})) == Wrong.CHAIN


def test_a_line_hidden_by_who_holds_the_key_is_not_noticed_but_a_sealed_one_of_the_extract_must_be_there(
    taken: dict[str, Any],
) -> None:
    """Nobody can tell whose a digest is: that no line is missing is what `verify_journal` on the database proves."""
    lines = taken["lines"][1:]
    leaves = digest_of(sha256(one["text"].encode()).hexdigest() for one in lines)
    assert judged(signed_again({**taken, "lines": lines, "digest": leaves})) is None
    assert judged({**taken, "lines": lines, "digest": leaves}) == Wrong.SIGNATURE


def test_lines_that_are_not_as_sealed_are_never_signed(sealed: list[JournalEntry]) -> None:
    owner("UPDATE ledger_journalentry SET actor_name = 'Autre' WHERE id = %s", sealed[4].pk)
    with pytest.raises(NotAsSealed):
        extract(DOSSIER, MORNING)


def test_without_a_key_nothing_leaves(sealed: list[JournalEntry], settings: Any) -> None:
    for wrong in ("", "abc", "-----BEGIN PRIVATE KEY-----"):
        settings.JOURNAL_SIGNING_KEY = wrong
        with pytest.raises(Unusable):
            extract(DOSSIER, MORNING)


def test_a_dossier_whose_day_was_lawfully_erased_in_part_has_its_extract(sealed: list[JournalEntry]) -> None:
    owner("DELETE FROM ledger_journalentry WHERE id = %s", sealed[4].pk)
    reseal(by=SYSTEM)
    taken = extract(DOSSIER, MORNING)
    assert judged(taken) is None
    assert [one["left_by_erasure"] for one in taken["seals"]] == [None, 3, None]


def test_the_command_checks_a_file_without_a_database(
    taken: dict[str, Any], tmp_path: Path, settings: Any, capsys: Any
) -> None:
    file = tmp_path / "historique.json"
    key = public_text(private_key().public_key())
    settings.JOURNAL_SIGNING_KEY = ""
    file.write_text(json.dumps(taken), encoding="utf-8")
    with connection.execute_wrapper(lambda *_: pytest.fail("a query")):
        call_command("verify_journal", file=file, key=key, stdout=StringIO())
        with pytest.raises(CommandError) as unknown:
            call_command("verify_journal", file=file, stdout=StringIO())
        file.write_text(json.dumps({**taken, "dossier": str(uuid4())}), encoding="utf-8")
        with pytest.raises(CommandError) as touched:
            call_command("verify_journal", file=file, key=key, stdout=StringIO())
    assert (unknown.value.returncode, touched.value.returncode) == (2, 1)


def test_a_key_is_made_in_base64_or_read_from_pem(settings: Any, client: Any) -> None:
    out = StringIO()
    call_command("journal_key", stdout=out)
    [private] = [line.partition("=")[2] for line in out.getvalue().splitlines() if line.startswith("JOURNAL_")]
    settings.JOURNAL_SIGNING_KEY = private
    public = client.get("/journal/cle-publique/").content.decode().strip()
    assert public in out.getvalue()
    pem = private_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    settings.JOURNAL_SIGNING_KEY = pem
    assert client.get("/journal/cle-publique/").content.decode().strip() == public
    settings.JOURNAL_SIGNING_KEY = ""
    assert client.get("/journal/cle-publique/").status_code == 404
