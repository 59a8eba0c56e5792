"""The school an import is for: its UAI checked at entry, its académie, its row created or completed from Communs."""

from collections import Counter

from django.conf import settings

from families.models import Academy, School
from siecle_sync.bee.academies import ACADEMIES, BY_DEPARTMENT
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
    return next((_record(row) for row in file.rows() if (row.block, row.tag) == ("DONNEES", "UAJ")), None)


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
    """The school's row, created if need be. Raise RefusedFile when its académie cannot be told."""
    school = School.objects.select_related("academy").filter(uai=uai).first()
    if school is None:
        counts["schools_created"] = 1
        return _create(uai, academy, record, log)
    if academy and academy != school.academy_id:
        raise RefusedFile("ACADEMY_MISMATCH", uai=uai, known=school.academy_id, academy=academy)
    if record:
        _complete(school, record, log)
    return school


def _create(uai: str, academy: str | None, record: SchoolRecord | None, log: Log) -> School:
    code = academy or BY_DEPARTMENT.get(uai[:3])
    if code is None:
        raise RefusedFile("ACADEMY_NEEDED", uai=uai, department=uai[:3])
    if record is None or not record.name:
        log.add("SCHOOL_NAME_MISSING")
    values = {field: getattr(record, field) for field in LABELS} if record else {}
    values["name"] = values.get("name") or PROVISIONAL.format(uai=uai)
    return School.objects.create(uai=uai, academy=_academy(code), **values)


def _academy(code: str) -> Academy:
    known = Academy.objects.filter(code=code).first()
    if known:
        return known
    if code not in ACADEMIES:
        raise RefusedFile("ACADEMY_UNKNOWN", academy=code[:10])
    facts = ACADEMIES[code]
    return Academy.objects.create(
        code=code, name=facts.name, timezone=facts.timezone, sender_email=settings.DEFAULT_FROM_EMAIL
    )


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
