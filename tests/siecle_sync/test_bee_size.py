"""A large school: memory does not grow with the file, true lines, few queries; two imports at once are one."""

import threading
import tracemalloc
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from families.models import Student
from ledger.models import JournalEntry
from siecle_sync.bee.anomalies import Log
from siecle_sync.bee.load import import_files
from siecle_sync.bee.pupils import read_pupils
from siecle_sync.bee.reader import open_file
from tests.siecle_sync.bee_builder import UAI, YEAR, eleve, lien, personne, persons, pupils

LAST_YEAR = {f"LIGNE{number}_ADRESSE": "1 rue de l Exemple" for number in range(1, 60)}  # about 3 kB, as in real files
BYTES_A_PUPIL = 2_500


def large(count: int):
    return pupils(*(eleve(number, **LAST_YEAR) for number in range(1, count + 1)))


def peak_of(action) -> int:
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_reading_rows_takes_the_same_memory_for_100_and_3000_pupils():
    small, big = (open_file("f", large(count), Log()) for count in (100, 3000))
    peaks = [peak_of(lambda file=file: [None for _ in file.rows()]) for file in (small, big)]
    assert peaks[1] < peaks[0] + 200_000


def test_tree_never_holds_more_than_one_chunk_of_the_file():
    for row in open_file("f", large(3000), Log()).rows():
        assert len(row.element.getparent()) < 400


def test_staged_pupils_are_small():
    file = open_file("f", large(3000), Log())
    peak = peak_of(lambda: read_pupils(file, {}, as_of=date(2026, 1, 12), log=Log()))
    assert peak < 3000 * BYTES_A_PUPIL


def test_line_numbers_are_true_far_into_a_file():
    file = open_file("f", large(3000), Log())
    log = Log()
    found = read_pupils(file, {}, as_of=date(2026, 1, 12), log=log)
    file.stream.seek(0)
    lines = file.stream.read().decode("iso8859-15").split("\n")
    assert 'ELEVE_ID="3000"' in lines[found.pupils[3000].line - 1]
    assert found.pupils[3000].line > 65_535


@pytest.mark.django_db
def test_number_of_queries_does_not_depend_on_the_number_of_pupils():
    counts = []
    for size, uai in ((5, "0690001B"), (200, "0690002C")):
        numbers = range(1, size + 1)
        files = [
            pupils(*map(eleve, numbers), uai=uai),
            persons(map(personne, numbers), [lien(number, number) for number in numbers], uai=uai),
        ]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            import_files(files, uai=uai, year=YEAR, academy="10")
        counts.append(len(queries))
    assert counts[1] <= counts[0]


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_two_imports_of_the_same_school_at_the_same_instant_make_one():
    barrier = threading.Barrier(2)
    changed = []

    def run() -> None:
        file = pupils(*map(eleve, range(1, 60)))
        barrier.wait()
        changed.append(import_files([file], uai=UAI, year=YEAR).changed)
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(changed) == [False, True]
    assert Student.objects.count() == 59
    assert JournalEntry.objects.filter(verb="siecle_import").count() == 1
