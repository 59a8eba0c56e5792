"""Each index of our tables earns what it costs each row written."""

import pytest
from django.apps import apps
from django.db import connection

pytestmark = pytest.mark.django_db
OURS = {"families", "ledger", "orientation", "siecle_sync"}
# the columns of one begin those of another; Django's indexes for LIKE are of another kind
SAID_TWICE = """
SELECT one.indexrelid::regclass::text
FROM pg_index one JOIN pg_index other ON other.indrelid = one.indrelid AND other.indexrelid <> one.indexrelid
WHERE one.indrelid::regclass::text = ANY(%s) AND NOT one.indisunique AND one.indclass[0] = other.indclass[0]
  AND one.indpred IS NULL AND other.indpred IS NULL
  AND (other.indkey::text = one.indkey::text OR other.indkey::text LIKE one.indkey::text || ' %%')
ORDER BY 1
"""
FOR_LIKE = """
SELECT DISTINCT i.indrelid::regclass::text FROM pg_index i JOIN pg_opclass c ON c.oid = i.indclass[0]
WHERE i.indrelid::regclass::text = ANY(%s) AND c.opcname LIKE '%%pattern_ops'
"""
# of few rows, or not written by us
SMALL = {
    "families_academy", "families_school", "families_session", "families_staffmembership", "families_user",
    "ledger_pace", "orientation_campaign", "siecle_sync_councilevent", "siecle_sync_nightalert", "siecle_sync_run",
}  # fmt: skip


def tables() -> list[str]:
    models = [model for model in apps.get_models() if model.__module__.split(".")[0] in OURS]
    assert models
    return [model._meta.db_table for model in models]


def asked(question: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(question, [tables()])
        return {name for (name,) in cursor.fetchall()}


def test_no_index_is_the_beginning_of_another():
    assert asked(SAID_TWICE) == set()


def test_the_large_tables_have_no_index_for_like():
    assert asked(FOR_LIKE) - SMALL == set()
