"""What the database refuses, whoever writes: ORM, bulk, raw SQL (ANS-09, ACC-04, ENT-01, CAL-02)."""

from collections.abc import Callable
from typing import Any

import pgtrigger
import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.models import ProtectedError

from orientation.models import (
    Acknowledgement,
    InvariantRun,
    Pen,
    PhaseWindow,
    RankedChoice,
    Submission,
)
from tests.factories import (
    DURING_INTENTIONS,
    DURING_OPINIONS,
    Family,
    family,
)
from tests.orientation.whole_year import whole_year

pytestmark = [pytest.mark.django_db, pytest.mark.corrupts]

# Every table of the procedure and of the ledger is in one of these two lists: a new one must choose.
APPEND_ONLY = {
    "AcceptedPathway", "Acknowledgement", "Agreement", "Appeal", "CouncilAnswer", "CouncilStatement", "DecidedPathway",
    "Decision", "EntryObjection", "Extension", "FamilyAnswer", "FamilyContact", "GateLift", "JournalEntry",
    "JournalSeal", "Meeting", "RankedChoice", "SchoolClosing", "ServiceSwitch", "SiecleReceipt", "SpecialtyOffer",
    "StatementWithdrawal", "Submission",
}  # fmt: skip
CHANGING = {
    "ActToSend": "comes with an act, leaves with its receipt",
    "Campaign": "its policies are frozen by the first entry",
    "ClassCouncil": "opened, moved, reset: the journal keeps each",
    "Dossier": "is locked by each act; stays with its pupil",
    "Draft": "what is not validated does not count (ENT-07)",
    "InvariantRun": "begins, then ends",
    "KeptFigures": "counted anew every ten minutes",
    "LetterEvent": "is emptied of its explanation with its letter, at the end of retention",
    "OutgoingEmail": "waits, leaves, comes back",
    "Pace": "when the provider may be spoken to again",
    "Pen": "is released, once",
    "PhaseWindow": "set by the académie",
    "SandboxClock": "the pretended date",
}


def models_of(*names: str) -> dict[str, type[models.Model]]:
    return {one.__name__: one for name in names for one in apps.get_app_config(name).get_models()}


def refuses_change(model: type[models.Model]) -> bool:
    """Its trigger refuses every UPDATE and every DELETE, without a condition."""
    return any(
        isinstance(one, pgtrigger.Protect) and one.condition is None and str(one.operation) == "UPDATE OR DELETE"
        for one in getattr(model._meta, "triggers", [])
    )


@pytest.fixture(scope="module")
def year_of_rows(django_db_setup: None, django_db_blocker: Any) -> Any:
    """One whole year for the module, undone at its end: nothing here can change it, which is the point."""
    with django_db_blocker.unblock(), transaction.atomic():
        try:
            yield whole_year()
        finally:
            transaction.set_rollback(True)


def test_every_table_of_facts_is_append_only() -> None:
    known = models_of("orientation", "ledger")
    assert set(known) == APPEND_ONLY | set(CHANGING)
    assert {name for name, model in known.items() if refuses_change(model)} >= APPEND_ONLY


def test_the_database_has_the_trigger_of_every_append_only_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger"
            " WHERE tgname LIKE 'pgtrigger_append_only%' AND tgenabled IN ('O', 'A') AND (tgtype & 1) = 1"
            " AND (tgtype & 2) = 2 AND (tgtype & 8) = 8 AND (tgtype & 16) = 16"  # row, before, delete, update
        )
        guarded = {table for (table,) in cursor.fetchall()}
    assert guarded == {models_of("orientation", "ledger")[name]._meta.db_table for name in APPEND_ONLY}


def found_out(act: Callable[[], Any]) -> str:
    """What the database says of this change: '' when it lets it be."""
    try:
        with transaction.atomic():
            act()
    except ProtectedError:
        return "other rows rest on it"  # Django says it before asking the database: `_raw_delete` does ask
    except DatabaseError as error:
        return str(error)
    return ""


def changes_of(row: models.Model) -> dict[str, Callable[[], Any]]:
    """Every way to change or erase this row."""
    model, table = type(row), row._meta.db_table
    field = next(one for one in model._meta.concrete_fields if not one.primary_key)
    rows = model._default_manager.filter(pk=row.pk)

    def raw(sql: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql.format(table=table, column=field.column), [row.pk])

    return {
        "save": row.save,
        "update": lambda: rows.update(**{field.attname: getattr(row, field.attname)}),
        "bulk_update": lambda: model._default_manager.bulk_update([row], [field.name]),
        "delete": row.delete,
        "delete of a set": rows.order_by().delete,
        "delete without Django's collector": lambda: rows._raw_delete("default"),
        "raw UPDATE": lambda: raw("UPDATE {table} SET {column} = {column} WHERE id = %s"),
        "raw DELETE": lambda: raw("DELETE FROM {table} WHERE id = %s"),
        "raw upsert": lambda: raw(
            "INSERT INTO {table} SELECT * FROM {table} WHERE id = %s ON CONFLICT (id) DO UPDATE SET id = EXCLUDED.id"
        ),
        "raw MERGE": lambda: raw(
            "MERGE INTO {table} t USING (SELECT %s AS id) s ON t.id = s.id WHEN MATCHED THEN DELETE"
        ),
    }


@pytest.mark.parametrize("name", sorted(APPEND_ONLY))
def test_append_only_tables_refuse_every_kind_of_change(year_of_rows: Family, name: str) -> None:
    model = models_of("orientation", "ledger")[name]
    row = model._default_manager.order_by("pk").first()
    assert row is not None, "whole_year() makes no such row"
    before = model._default_manager.filter(pk=row.pk).values().get()
    said = {how: found_out(change) for how, change in changes_of(row).items()}
    by_the_trigger = {how for how, words in said.items() if "pgtrigger: Cannot update or delete rows from" in words}
    assert by_the_trigger | {"delete", "delete of a set", "raw upsert"} == set(said), said
    assert all(said.values())
    assert model._default_manager.filter(pk=row.pk).values().get() == before


def test_a_table_that_may_change_is_not_taken_for_append_only(year_of_rows: Family) -> None:
    """The negative control of the test above."""
    assert found_out(changes_of(InvariantRun.objects.get())["raw UPDATE"]) == ""


def test_a_validated_entry_never_gains_a_choice(year_of_rows: Family) -> None:
    entry = Submission.objects.get(dossier=year_of_rows.dossier, phase="DEFINITIVE")
    with pytest.raises(IntegrityError), transaction.atomic():
        RankedChoice.objects.create(submission=entry, rank=3, pathway="CAP")


def test_who_does_not_hold_the_pen_cannot_write_a_version(year_of_rows: Family) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.create(
            dossier=year_of_rows.dossier, phase="PROVISIONAL", version=2, author_kind="REPRESENTATIVE",
            representative=year_of_rows.father, author_name="intrus", choice_count=1, submitted_at=DURING_INTENTIONS,
        )  # fmt: skip


def test_a_phase_has_one_pen(year_of_rows: Family) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Pen.objects.create(
            dossier=year_of_rows.dossier, phase="PROVISIONAL", representative=year_of_rows.father,
            taken_at=DURING_INTENTIONS,
        )  # fmt: skip


def test_a_version_is_acknowledged_once(year_of_rows: Family) -> None:
    signed = Acknowledgement.objects.get(statement__dossier=year_of_rows.dossier)
    with pytest.raises(IntegrityError), transaction.atomic():
        Acknowledgement.objects.create(
            statement=signed.statement, representative=year_of_rows.mother, author_name="x", at=DURING_OPINIONS
        )


def test_entry_and_consultation_of_a_phase_never_overlap() -> None:
    home = family()
    window = PhaseWindow.objects.get(campaign=home.dossier.campaign, phase="PROVISIONAL", kind="CONSULTATION")
    window.opens_at = DURING_INTENTIONS
    with pytest.raises(IntegrityError), transaction.atomic():
        window.save()


def test_a_window_opens_before_it_closes() -> None:
    window = PhaseWindow.objects.get(campaign=family().dossier.campaign, phase="PROVISIONAL", kind="ENTRY")
    window.closes_at = window.opens_at
    with pytest.raises(IntegrityError), transaction.atomic():
        window.save()
