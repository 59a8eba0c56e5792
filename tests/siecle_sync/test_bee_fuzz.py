"""Whatever the files hold: an import that adds up and that a second one leaves as it is, or a coded refusal, whole.

A few seconds in `make test`, long in `make fuzz`. A failure prints what shows it, and `SEED=…` plays it again.
"""

import io
import os
import random

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings

from families.models import Academy, Division, Guardianship, Representative, School, Student, StudentScope
from ledger.models import JournalEntry, OutgoingEmail
from orientation.models import Dossier
from siecle_sync.bee.anomalies import CATALOGUE, REFUSALS, RefusedFile
from siecle_sync.bee.load import import_files
from siecle_sync.bee.report import ImportReport
from tests.siecle_sync.bee_damage import NAMES, deliveries, sample

pytestmark = pytest.mark.django_db
UAI, YEAR = "0990001N", 2025
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "test")
EXAMPLES = {"test": 15, "fuzz": 1_500}[PROFILE]
KINDS = {"bytes": 1, "structure": 2, "encoding": 1, "archive": 1}  # how many times as many examples
PHASES = {"test": (Phase.generate,), "fuzz": (Phase.generate, Phase.shrink)}[PROFILE]  # to shrink takes minutes
SEED = int(os.environ.get("SEED") or {"test": 20260112}.get(PROFILE, random.randrange(10**9)))
MODELS = (
    Academy, School, Division, Student, Representative, Guardianship, Dossier, JournalEntry, OutgoingEmail,
)  # fmt: skip


def database() -> list[str]:
    """A digest of each table an import may write, sequences aside."""
    rows = " UNION ALL ".join(
        f"SELECT '{table}' || coalesce(md5(string_agg(one::text, '|' ORDER BY one::text)), '') FROM {table} one"
        for table in (model._meta.db_table for model in MODELS)
    )
    with connection.cursor() as cursor:
        cursor.execute(rows)
        return [row[0] for row in cursor.fetchall()]


def load(files: list[io.BytesIO]) -> ImportReport:
    return import_files(files, uai=UAI, year=YEAR)


def adds_up(report: ImportReport) -> None:
    counts = report.counts
    settled = sum(counts[f"pupils_{scope.lower()}"] for scope in StudentScope)
    assert counts["pupils_read"] == settled + counts["pupils_rejected"] + counts["pupils_repeated"]
    assert min(counts.values()) >= 0
    assert report.codes() <= CATALOGUE.keys()
    assert report.as_text()
    assert report.as_json()


def judge(files: list[io.BytesIO]) -> None:
    before = database()
    try:
        report = load(files)
    except RefusedFile as refusal:
        assert refusal.code in REFUSALS
        assert database() == before
        return
    adds_up(report)
    imported = database()
    again = load(files)
    assert not again.changed
    assert database() == imported


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_spoilt_files_crash_nothing_and_are_never_half_imported(kind: str, known: bool) -> None:
    print(f"SEED={SEED}")  # noqa: T201 (shown when the test fails)
    if known:
        load([io.BytesIO(sample(name)) for name in NAMES])

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES * KINDS[kind], phases=PHASES, deadline=None, database=None, print_blob=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(deliveries(kind))
    def each(files: list[io.BytesIO]) -> None:
        with transaction.atomic():
            judge(files)
            transaction.set_rollback(True)

    each()
