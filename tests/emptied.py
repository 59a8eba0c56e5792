"""Emptying the database after a test that commits: only the tables that it wrote in.

Django truncates all of them (three quarters of a second), then makes again the content types and permissions that it
has just thrown away; here these stay, and the few rows are deleted, without the triggers that a truncation ignores.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connections, transaction

MADE_BY_MIGRATE = {ContentType._meta.db_table, Permission._meta.db_table}


@cache
def tables(alias: str) -> tuple[str, ...]:
    there = connections[alias].introspection.django_table_names(only_existing=True, include_views=False)
    return tuple(sorted({*there} - MADE_BY_MIGRATE))


def written(alias: str) -> list[str]:
    """The tables that hold a row."""
    each = " UNION ALL ".join(f"SELECT '{one}' WHERE EXISTS (SELECT 1 FROM \"{one}\")" for one in tables(alias))
    with connections[alias].cursor() as cursor:
        cursor.execute(each)
        return [name for (name,) in cursor.fetchall()]


def empty(aliases: Iterable[str]) -> None:
    for alias in aliases:
        if dirty := written(alias):
            with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger, no foreign key
                cursor.execute("; ".join(f'DELETE FROM "{one}"' for one in dirty))


def after_a_test(case: Any) -> None:
    """In place of TransactionTestCase._fixture_teardown."""
    empty(case._databases_names(include_mirrors=False))
