"""Writes what happened, one JSON line a dossier, for whoever wants to judge again (docs/jeu-de-campagne.md)."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection

from siecle_sync.play.director import Played
from siecle_sync.play.dump_sql import ABOUT, DOSSIERS, FUNCTIONS
from siecle_sync.play.stage import Refused

Json = dict[str, Any]


def write_dump(path: Path, played: Played) -> None:
    refused = attempts(played)
    with path.open("w", encoding="utf-8") as file:
        for uai, number, dossier in dossiers():
            line = {**dossier, "refused": refused[(uai, number)]}
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def dossiers() -> Iterator[tuple[str, int, Json]]:
    with connection.cursor() as cursor:
        cursor.execute(FUNCTIONS)
        cursor.execute(ABOUT)
        about = {str(uuid): label for uuid, label in cursor.fetchall()}
        cursor.execute(DOSSIERS)
        for uai, number, dossier in cursor:
            found = dossier if isinstance(dossier, dict) else json.loads(dossier)
            yield uai, number, {**found, "letters": sorted_letters(found["letters"], about)}


def sorted_letters(letters: list[Json], about: dict[str, str]) -> list[Json]:
    told = [{**one, "about": about.get(one["about"])} for one in letters]
    return sorted(told, key=lambda one: (one["created_at"], one["kind"], one["about"] or "", one["to"]))


def attempts(played: Played) -> dict[tuple[str, int], list[Json]]:
    found: dict[tuple[str, int], list[Json]] = defaultdict(list)
    for one in played.stage.refused:
        found[(one.home.place.school.uai, one.home.student.siecle_id)].append(as_json(one))
    return found


def as_json(one: Refused) -> Json:
    return {"at": f"{one.at:%Y-%m-%dT%H:%M:%SZ}", "who": one.who, "what": one.what, "code": one.code}
