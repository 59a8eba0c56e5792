"""The school an import is for: its UAI checked at entry, its académie, its row created or completed from Communs."""

from collections import Counter

from django.conf import settings

from families.models import Academy, School
from orientation.models import Dossier
from siecle_sync.bee.academies import ACADEMIES, ACADEMY_UNTOLD, BY_DEPARTMENT, UNTOLD, AcademyFacts
from siecle_sync.bee.anomalies import Log, RefusedFile
from siecle_sync.bee.reader import BeeFile, Row
from siecle_sync.bee.records import SchoolRecord
from siecle_sync.bee.values import UAI, folded, normal_email, plain, uai_key

PROVISIONAL = "Établissement {uai}"
LABELS = {"name": "le nom", "phone": "le téléphone", "email": "l’adresse électronique", "address": "l’adresse"}


def checked_uai(typed: str) -> str:
    """The UAI in upper case. Raise RefusedFile when its shape or its key letter is wrong."""
    uai = typed.strip().upper()
    found = UAI.fullmatch(uai)
    if not found:
        raise RefusedFile("UAI_MALFORMED", uai=typed.strip()[:20])
    digits, key = found.groups()
    if uai_key(digits) != key:
        raise RefusedFile("UAI_KEY", uai=uai, digits=digits, key=uai_key(digits))
    return uai


def read_school(file: BeeFile) -> SchoolRecord | None:
    """ETAB_UAJ_ID is an internal number, not the UAI: that one is in PARAMETRES."""
    found = [_record(row) for row in file.rows() if (row.block, row.tag) == ("DONNEES", "UAJ")]
    return found[0] if found else None


def _record(row: Row) -> SchoolRecord:
    street = [row.name(f"LIGNE{number}_ADRESSE") for number in range(1, 5)]
    town = f"{row.text('CODE_POSTAL')} {row.name('LIBELLE_POSTAL', 'COMMUNE_ETRANGERE')}"
    return SchoolRecord(
        name=plain(f"{row.name('DENOM_PRINC')} {row.name('DENOM_COMPL')}")[:120],
        phone=row.text("TELEPHONE")[:20],
        email=_email(row.text("MEL_1", "MEL_2")),
        address=", ".join(part for part in (*street, town.strip()) if part)[:200],
    )


def _email(raw: str) -> str:
    try:
        return normal_email(raw) if raw else ""
    except ValueError:
        return ""


def ensure_school(uai: str, academy: str | None, record: SchoolRecord | None, counts: Counter[str], log: Log) -> School:
    """The school's row, created if need be. An existing one stays in its académie, unless that is the untold one.

    Raise RefusedFile when the académie that is asked for is unknown or is not the school's.
    """
    school = School.objects.select_related("academy").filter(uai=uai).first()
    if school is None:
        counts["schools_created"] = 1
        school = _create(uai, academy, record, log)
    else:
        _settle_academy(school, academy, log)
        if record:
            _complete(school, record, log)
    if school.academy_id == UNTOLD:
        log.add("ACADEMY_UNTOLD", value=uai, other=uai[:3], known=school.academy.name)
    return school


def _create(uai: str, academy: str | None, record: SchoolRecord | None, log: Log) -> School:
    if record is None or not record.name:
        log.add("SCHOOL_NAME_MISSING")
    values = {field: getattr(record, field) for field in LABELS} if record else {}
    values["name"] = values.get("name") or PROVISIONAL.format(uai=uai)
    home = _academy(academy) if academy else _academy_of_department(uai[:3])
    return School.objects.create(uai=uai, academy=home, **values)


def _academy_of_department(department: str) -> Academy:
    """Where the UAI says; a department nobody knows does not stop an import, it is told (ACADEMY_UNTOLD)."""
    code = BY_DEPARTMENT.get(department)
    return _academy(code) if code else _ensured(UNTOLD, ACADEMY_UNTOLD)


def _academy(code: str) -> Academy:
    known = Academy.objects.filter(code=code).first()
    if known:
        return known
    if code not in ACADEMIES:
        raise RefusedFile("ACADEMY_UNKNOWN", academy=code[:10])
    return _ensured(code, ACADEMIES[code])


def _ensured(code: str, facts: AcademyFacts) -> Academy:
    values = {"name": facts.name, "timezone": facts.timezone, "sender_email": settings.DEFAULT_FROM_EMAIL}
    return Academy.objects.get_or_create(code=code, defaults=values)[0]


def _settle_academy(school: School, academy: str | None, log: Log) -> None:
    """A school leaves the untold académie for the one it is told, as long as no dossier depends on its campaigns."""
    if not academy or academy == school.academy_id:
        return
    if school.academy_id != UNTOLD or Dossier.objects.filter(student__school=school).exists():
        raise RefusedFile("ACADEMY_MISMATCH", uai=school.uai, known=school.academy_id, academy=academy)
    before, school.academy = school.academy, _academy(academy)
    school.save(update_fields=["academy"])
    log.add("SCHOOL_CHANGED", other="l’académie", known=before.name, value=school.academy.name)


def _complete(school: School, record: SchoolRecord, log: Log) -> None:
    """A blank is filled; a name follows Siècle unless it only differs by its typography; the rest is the school's."""
    changed = []
    for field, label in LABELS.items():
        before, after = getattr(school, field), getattr(record, field)
        follows = folded(before) != folded(after) if field == "name" else not before
        if after and follows:
            setattr(school, field, after)
            changed.append(field)
            log.add("SCHOOL_CHANGED", other=label, known=before, value=after)
    if changed:
        school.save(update_fields=changed)
