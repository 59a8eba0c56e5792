"""Writes what happened, one JSON line a dossier, for whoever wants to judge again (docs/jeu-de-campagne.md)."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from siecle_sync.play.director import Played
from siecle_sync.play.dump_sql import ABOUT, DOSSIERS, FUNCTIONS
from siecle_sync.play.people import Home
from siecle_sync.play.stage import Refused

Json = dict[str, Any]


def write_dump(path: Path, played: Played) -> None:
    refused, homes = attempts(played), {home_key(home): home for home in played.world.homes}
    with path.open("w", encoding="utf-8") as file:
        for uai, number, dossier in dossiers():
            home = homes[(uai, number)]
            line = {**with_its_councils(dossier, home), "imports": news(home), "refused": refused[(uai, number)]}
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


def home_key(home: Home) -> tuple[str, int]:
    return home.place.school.uai, home.student.siecle_id


def news(home: Home) -> list[Json]:
    return [{"at": instant(one.at), "what": one.what, "who": one.who} for one in home.news]


def with_its_councils(dossier: Json, home: Home) -> Json:
    """Those of the divisions in which the pupil was."""
    divisions = {dossier["division"], *(one.who for one in home.news if one.what == "moved")}
    return {**dossier, "councils": [one for one in dossier["councils"] if one["division"] in divisions]}


def instant(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def attempts(played: Played) -> dict[tuple[str, int], list[Json]]:
    found: dict[tuple[str, int], list[Json]] = defaultdict(list)
    for one in played.stage.refused:
        found[home_key(one.home)].append(as_json(one))
    return found


def as_json(one: Refused) -> Json:
    return {"at": instant(one.at), "who": one.who, "what": one.what, "code": one.code}
