"""The role of the service can neither empty nor change what must be kept; when it can, the service says so (ANS-09)."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.checks import Tags, run_checks
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from ledger import clock
from ledger.models import JournalEntry
from ledger.privileges import append_only_models, warn
from orientation.models import Submission
from siecle_sync.models import RunState
from tests.factories import DURING_INTENTIONS, family
from tests.orientation.whole_year import whole_year
from tests.siecle_sync.world import BOTH, FIRST_NIGHT, SECOND_NIGHT, enters, night

pytestmark = [pytest.mark.django_db, pytest.mark.corrupts]  # whole_year() writes what no rule would
SERVICE = f"service_{uuid4().hex[:12]}"  # roles belong to the whole server


@pytest.fixture
def production(settings: Any) -> None:
    settings.DEV = False


@pytest.fixture
def service_role() -> None:
    """The role that docs/exploitation.md tells to make; it leaves with the test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {SERVICE} NOLOGIN")
    call_command("service_role", SERVICE, "--apply", stdout=StringIO())


@contextmanager
def as_service() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {SERVICE}")
        yield
        cursor.execute("RESET ROLE")


def said() -> list[str]:
    return [one.msg for one in run_checks(tags=[Tags.database], databases=["default"]) if one.id == "ledger.W001"]


def refused(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except ProgrammingError as error:
        return error.__cause__.pgcode == "42501"  # insufficient_privilege
    return False


def test_the_service_does_its_year_with_a_role_that_can_erase_nothing(service_role: None) -> None:
    with as_service():
        whole_year()
        assert Submission.objects.count() == 2
        for table in [model._meta.db_table for model in append_only_models()]:
            assert refused(f"TRUNCATE {table} CASCADE")
            assert refused(f"DELETE FROM {table}")
            assert refused(f"UPDATE {table} SET id = id")
            assert refused(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            assert refused(f"DROP TABLE {table} CASCADE")
    assert not refused("TRUNCATE ledger_journalentry")  # the owner's privilege, which the service must not have


@pytest.mark.django_db(databases=BOTH)
@pytest.mark.usefixtures("production")
def test_the_night_needs_no_other_role(service_role: None, caplog: pytest.LogCaptureFixture) -> None:
    home = family()
    clock.freeze(DURING_INTENTIONS)
    with as_service():
        enters(home)
        run = night(FIRST_NIGHT)
        assert run.state == RunState.FINISHED, run.error
        assert home.dossier.receipts.count() == 1
    assert "ANS-09" not in caplog.text
    night(SECOND_NIGHT)  # by the owner
    assert "ANS-09" in caplog.text


def test_triggers_put_to_sleep_give_the_service_nothing(service_role: None) -> None:
    whole_year()
    with as_service(), connection.cursor() as cursor:
        ignored = "{" + ",".join(f"{model._meta.db_table}:append_only" for model in append_only_models()) + "}"
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [ignored])
        assert refused("DELETE FROM ledger_journalentry")
    assert JournalEntry.objects.exists()


@pytest.mark.usefixtures("production")
def test_the_check_is_silent_with_the_role_of_the_service(service_role: None) -> None:
    with as_service():
        assert said() == []


@pytest.mark.usefixtures("production")
def test_the_check_speaks_with_the_owner() -> None:
    [sentence] = said()
    tables = len(append_only_models())
    assert f"possède {tables} table(s)" in sentence
    assert f"TRUNCATE sur {tables}" in sentence


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("power", ["TRUNCATE", "UPDATE", "DELETE"])
def test_one_privilege_too_many_on_one_table_is_told(service_role: None, power: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT {power} ON orientation_submission TO {SERVICE}")
    with as_service():
        [sentence] = said()
    assert f"il a le droit {power} sur 1 (" in sentence
    assert SERVICE in sentence


@pytest.mark.usefixtures("production")
def test_a_member_of_the_owner_is_told_as_an_owner(service_role: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'GRANT "{connection.settings_dict["USER"]}" TO {SERVICE}')
    with as_service():
        assert "possède" in said()[0]


def test_nothing_is_said_in_development() -> None:
    assert said() == []


@pytest.mark.usefixtures("production")
def test_the_start_says_it_in_the_log_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "ledger.privileges"):
        warn()
    assert "docs/exploitation.md" in caplog.text


@pytest.mark.usefixtures("production")
def test_a_database_that_does_not_answer_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with connection.execute_wrapper(lambda *_: 1 / 0):
        warn()
    assert "could not be read" in caplog.text
