"""The one door of the import: read everything, then compare and write in one transaction, or nothing at all."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date

from django.db import connection, transaction

from families.models import Division, Representative, School, Student
from ledger import clock, journal
from ledger.journal import SYSTEM, Actor
from orientation.actions import open_dossiers, release_lost_pens
from orientation.actions.pens import lost_pens, note_restored
from siecle_sync.bee.anomalies import Log, RefusedFile
from siecle_sync.bee.archive import Source
from siecle_sync.bee.bundle import Bundle, read_bundle
from siecle_sync.bee.exports import compare_exports, exports_of
from siecle_sync.bee.merge_persons import PersonMerge
from siecle_sync.bee.merge_pupils import ensure_divisions, merge_pupils
from siecle_sync.bee.records import MefSeen
from siecle_sync.bee.report import ImportReport, PupilOutcome
from siecle_sync.bee.school import checked_uai, ensure_school

YEARS = range(2000, 2100)
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def import_files(
    sources: Iterable[Source],
    *,
    uai: str,
    year: int,
    academy: str | None = None,
    as_of: date | None = None,
    dry_run: bool = False,
    by: Actor = SYSTEM,
    agree: Callable[[ImportReport], None] | None = None,
) -> ImportReport:
    """Import Siècle BEE exports (paths or binary streams; zip or XML) of one school and one school year.

    `year` 2025 is 2025-2026. `as_of` is the day leavers are judged at (default: the day of the pupils' export).
    The same files twice change nothing. With `dry_run` the report is the same and nothing is kept.
    `agree` reads the report of what is written before it is kept: it writes with it, or its exception undoes all.
    Raise RefusedFile(code): a sentence, and nothing changed.
    """
    uai, log, counts = checked_uai(uai), Log(), Counter[str]()
    if year not in YEARS:
        raise RefusedFile("YEAR_UNKNOWN", year=year)
    bundle = read_bundle(list(sources), uai=uai, year=year, as_of=as_of, today=clock.now().date(), log=log)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(LOCK, [f"siecle_import:{uai}"])
        school = ensure_school(uai, academy, bundle.school, counts, log)
        is_news = compare_exports(uai, year, bundle, log)
        students, restored = _merge(school, year, bundle, counts, log)
        note_restored(restored, by=by)
        counts["dossiers_opened"] = open_dossiers(by=by, school=school)
        counts["pens_released"] = sum(map(len, lost_pens(school=school).values()))
        report = _report(school, year, bundle, students, counts, log, dry_run=dry_run)
        if report.changed or is_news:
            changes = {name: count for name, count in sorted(counts.items()) if count}
            said = {"school": uai, "year": year, "counts": changes, "exported": exports_of(bundle)}
            journal.write(verb="siecle_import", by=by, at=clock.now(), **said)
        if dry_run:
            transaction.set_rollback(True)
        elif agree:
            agree(report)
    if not dry_run:
        # on its own: a family's act holds its dossier and waits for its people, the import holds the people
        release_lost_pens(by=by, school=school)
    return report


def _merge(
    school: School, year: int, bundle: Bundle, counts: Counter[str], log: Log
) -> tuple[list[Student], list[tuple[Student, Representative]]]:
    """Every pupil of the school, and who has their authority back."""
    students = merge_pupils(school, year, bundle, counts, log)
    if bundle.pupils is None and bundle.divisions:
        ensure_divisions(school, year, set(), bundle.divisions, counts)
    if bundle.persons is not None:
        if not students:
            raise RefusedFile("PUPILS_NEEDED", uai=school.uai)
        merge = PersonMerge(school, bundle.persons, students, bundle.pupils, counts, log, as_of=bundle.as_of)
        merge.run()
        return students, merge.restored
    return students, []


def _report(
    school: School,
    year: int,
    bundle: Bundle,
    students: list[Student],
    counts: Counter[str],
    log: Log,
    *,
    dry_run: bool,
) -> ImportReport:
    read = bundle.pupils.pupils.keys() - bundle.pupils.rejected if bundle.pupils else set()
    codes = dict(Division.objects.filter(school=school).values_list("pk", "code"))
    return ImportReport(
        uai=school.uai,
        year=year,
        as_of=bundle.as_of,
        dry_run=dry_run,
        files=[(name, header.kind.value, header.exported_on) for name, header in bundle.headers],
        counts=counts,
        anomalies=log.sorted(),
        mefs=_mefs(bundle),
        pupils=[PupilOutcome.of(s, codes.get(s.division_id or 0, "")) for s in students if s.siecle_id in read],
    )


def _mefs(bundle: Bundle) -> list[MefSeen]:
    seen = Counter(pupil.mef for pupil in bundle.pupils.pupils.values()) if bundle.pupils else Counter[str]()
    names = bundle.nomenclature
    return [MefSeen(code, names.label(code), names.level(code), count) for code, count in sorted(seen.items())]
