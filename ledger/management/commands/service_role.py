"""manage.py service_role ROLE [--apply]: give the service its rights, as the owner, after migrating."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DEFAULT_DB_ALIAS, connections

from ledger.privileges import POWERS, append_only_models

GRANT = """\
-- À exécuter par le propriétaire des tables, après chaque « migrate ». Le rôle {role} existe déjà.
GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role};
GRANT USAGE ON SCHEMA public TO {role};
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role};
"""
REVOKE = """\
REVOKE {powers} ON
  {tables}
FROM {role};
"""


class Command(BaseCommand):
    help = "Écrit (ou applique) le SQL qui laisse le service travailler sans pouvoir rien effacer (ANS-09)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", help="nom du rôle PostgreSQL du service ; il existe déjà")
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, choices=list(connections))
        parser.add_argument("--apply", action="store_true", help="exécute le SQL au lieu de l’écrire")

    def handle(self, *args: Any, **options: Any) -> None:
        sql = sql_for(options["role"], options["database"])
        if not options["apply"]:
            self.stdout.write(sql, ending="")
            return
        with connections[options["database"]].cursor() as cursor:
            cursor.execute(sql)
        self.stdout.write(f"Les droits du rôle {options['role']} sont en place.")


def sql_for(role: str, alias: str) -> str:
    quote, name = connections[alias].ops.quote_name, connections[alias].settings_dict["NAME"]
    tables = [quote(model._meta.db_table) for model in append_only_models()] if alias == DEFAULT_DB_ALIAS else []
    names = {"role": quote(role), "database": quote(name), "powers": ", ".join(POWERS)}
    return GRANT.format(**names) + (REVOKE.format(**names, tables=",\n  ".join(sorted(tables))) if tables else "")
