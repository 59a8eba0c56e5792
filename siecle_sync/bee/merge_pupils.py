"""Compares the pupils of the file with those known, and writes what differs. Nobody is merged by name or deleted."""

from collections import Counter, defaultdict
from datetime import date
from typing import Any

from families.models import Division, School, Student, StudentScope
from families.scope import DECIDED, INACTIVE, LEAVING, LEFT, NO_DIVISION, NO_MEF
from siecle_sync.bee.anomalies import Log
from siecle_sync.bee.bundle import Bundle
from siecle_sync.bee.pupils import PupilsFile
from siecle_sync.bee.records import PupilRecord
from siecle_sync.bee.scope import Verdict, is_inactive, judge
from siecle_sync.bee.values import folded

SAID = (LEFT, LEAVING, NO_MEF, INACTIVE, NO_DIVISION)
LABELS = {
    "ine": "l’INE",
    "family_name": "le nom de famille",
    "usage_name": "le nom d’usage",
    "first_name": "le prénom",
    "birth_date": "la date de naissance",
    "division_id": "la division",
    "leaves_on": "la date de sortie",
}
IDENTITY_CHANGES_OF_ANOTHER_PERSON = 2  # among name, birth date and INE


def merge_pupils(school: School, year: int, bundle: Bundle, counts: Counter[str], log: Log) -> list[Student]:
    """Write the pupils of `bundle.pupils`; return every pupil of the school, known or new."""
    known = {s.siecle_id: s for s in Student.objects.select_for_update().filter(school=school).order_by("pk")}
    if bundle.pupils is None:
        return list(known.values())
    merge = PupilMerge(school, year, bundle, bundle.pupils, known, counts, log)
    return merge.run()


class PupilMerge:
    def __init__(
        self,
        school: School,
        year: int,
        bundle: Bundle,
        file: PupilsFile,
        known: dict[int, Student],
        counts: Counter[str],
        log: Log,
    ) -> None:
        self.school, self.year, self.bundle, self.file = school, year, bundle, file
        self.known, self.counts, self.log = known, counts, log
        self.verdicts = {r.eleve_id: judge(r, bundle.nomenclature, as_of=bundle.as_of) for r in file.pupils.values()}
        self.carried = {record.ine for record in file.pupils.values()}
        self.divisions: dict[str, Division] = {}
        self.labels: dict[int, str] = {}
        self.created: list[Student] = []
        self.changed: dict[str, list[Student]] = defaultdict(list)  # field → pupils

    def run(self) -> list[Student]:
        self.counts.update(pupils_read=self.file.rows, pupils_repeated=self.file.repeated)
        self.divisions = self._divisions()
        self.labels = dict(Division.objects.filter(school=self.school).values_list("pk", "code"))
        by_ine = self._strays_by_ine()
        for record in self.file.pupils.values():
            self._merge(record, by_ine)
        self._list_vanished()
        Student.objects.bulk_create(self.created, batch_size=500)
        touched = {s.pk: s for pupils in self.changed.values() for s in pupils}
        Student.objects.bulk_update(touched.values(), sorted(self.changed), batch_size=500) if touched else None
        self.counts.update(
            pupils_created=len(self.created),
            pupils_updated=len(touched),
            pupils_rejected=self.file.rows - self.file.repeated - self._settled(),
        )
        return [*self.known.values(), *self.created]

    def _settled(self) -> int:
        return sum(self.counts[f"pupils_{scope.lower()}"] for scope in StudentScope)

    def _divisions(self) -> dict[str, Division]:
        """The divisions the file's pupils are in, created or relabelled."""
        listed = self.bundle.divisions
        codes = {verdict.division for verdict in self.verdicts.values() if verdict.division}
        for code in sorted(codes - listed.keys()) if listed is not None else ():
            self.log.add("DIVISION_UNLISTED", value=code)
        return ensure_divisions(self.school, self.year, codes, listed or {}, self.counts)

    def _strays_by_ine(self) -> dict[str, list[Student]]:
        """Known pupils whose ELEVE_ID is not in the file: the only ones an INE may still recognise."""
        strays: dict[str, list[Student]] = defaultdict(list)
        for student in self.known.values():
            if student.ine and student.siecle_id not in self.file.present:
                strays[student.ine].append(student)
        return strays

    def _merge(self, record: PupilRecord, by_ine: dict[str, list[Student]]) -> None:
        student = self.known.get(record.eleve_id) or self._same_ine_and_birth(record, by_ine)
        if student and (reason := _untouchable(student, record, self.year)):
            self.log.add(reason, **record.where, who=record.who, known=student.full_name, value=student.year)
            self.file.rejected.add(record.eleve_id)
            return
        verdict = self.verdicts[record.eleve_id]
        self._say(record, verdict)
        if student is None:
            self.counts[f"pupils_{verdict.scope.lower()}"] += 1
            self.created.append(Student(school=self.school, **self._values(record, verdict, None)))
            return
        values = self._values(record, verdict, student)
        self.counts[f"pupils_{values['scope'].lower()}"] += 1
        self._update(student, values, record)

    def _same_ine_and_birth(self, record: PupilRecord, by_ine: dict[str, list[Student]]) -> Student | None:
        strays = by_ine.get(record.ine, []) if record.ine else []
        same = [student for student in strays if student.birth_date == record.birth_date]
        if len(same) == 1:
            self.log.add("MATCHED_BY_INE", **record.where, who=record.who)
            by_ine.pop(record.ine)
            return same[0]
        if strays:
            self.log.add("INE_REATTRIBUTED", **record.where, who=record.who, known=strays[0].full_name)
        return None

    def _values(self, record: PupilRecord, verdict: Verdict, student: Student | None) -> dict[str, Any]:
        division = self.divisions[verdict.division].pk if verdict.division else None
        values: dict[str, Any] = {
            "siecle_id": record.eleve_id,
            "year": self.year,
            "level": verdict.level or "",
            "ine": record.ine or self._kept_ine(student),
            "family_name": record.family_name,
            "usage_name": record.usage_name,
            "first_name": record.first_name,
            "birth_date": record.birth_date,
            "mef": record.mef,
            "leaves_on": record.leaves_on,
            "division_id": division,
            "scope": verdict.scope,
            "scope_reason": verdict.reason,
        }
        if student and _settled_by_the_school(student, verdict, self.year):
            values |= {"scope": student.scope, "scope_reason": student.scope_reason}
            values |= {"division_id": division or student.division_id, "level": values["level"] or student.level}
        return values

    def _kept_ine(self, student: Student | None) -> str:
        """An INE the file no longer gives is kept, unless the file now gives it to somebody else."""
        return student.ine if student and student.ine not in self.carried else ""

    def _update(self, student: Student, values: dict[str, Any], record: PupilRecord) -> None:
        before = {field: getattr(student, field) for field in values}
        for field, value in values.items():
            if before[field] != value:
                setattr(student, field, value)
                self.changed[field].append(student)
                self._tell(field, before[field], value, record)

    def _tell(self, field: str, before: Any, after: Any, record: PupilRecord) -> None:
        if field == "scope":
            known, value = StudentScope(before).label, StudentScope(after).label
            self.log.add("SCOPE_CHANGED", **record.where, who=record.who, known=known, value=value)
        elif field == "level":
            known, value = before or "hors campagne", after or "hors campagne"
            self.log.add("LEVEL_CHANGED", **record.where, who=record.who, known=known, value=value)
        elif field in LABELS:
            known, value = self._shown(field, before), self._shown(field, after)
            self.log.add("PUPIL_CHANGED", **record.where, who=record.who, other=LABELS[field], known=known, value=value)

    def _shown(self, field: str, value: Any) -> str:
        if field == "division_id":
            return self.labels.get(value, "aucune")
        return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value or "aucun")

    def _say(self, record: PupilRecord, verdict: Verdict) -> None:
        """What a secretary should know of this pupil, whether it is news or not."""
        who = {**record.where, "who": record.who}
        if verdict.reason in SAID:
            self.log.add(verdict.reason, **who, value=f"{record.leaves_on:%d/%m/%Y}" if record.leaves_on else "")
        if verdict.scope == StudentScope.OUT:
            return
        if not record.ine:
            self.log.add("INE_MISSING", **who)
        real = [code for code in record.divisions if not is_inactive(code)]
        if len(real) > 1:
            self.log.add("SEVERAL_DIVISIONS", **who, value=", ".join(real), other=verdict.division)

    def _list_vanished(self) -> None:
        for student in self.known.values():
            concerned = student.year == self.year and student.scope != StudentScope.OUT
            if concerned and student.siecle_id not in self.file.present:
                self.counts["pupils_vanished"] += 1
                self.log.add("PUPIL_VANISHED", eleve_id=student.siecle_id, ine=student.ine, who=student.full_name)


def ensure_divisions(
    school: School, year: int, codes: set[str], labels: dict[str, str], counts: Counter[str]
) -> dict[str, Division]:
    """The divisions of these codes, created if need be; known ones take the label of the structures' file."""
    known = {division.code: division for division in Division.objects.filter(school=school, year=year)}
    new = [Division(school=school, year=year, code=code, label=labels.get(code, "")) for code in codes - known.keys()]
    relabelled = []
    for division in known.values():
        if (label := labels.get(division.code)) and label != division.label:
            division.label = label
            relabelled.append(division)
    Division.objects.bulk_create(sorted(new, key=lambda division: division.code))
    Division.objects.bulk_update(relabelled, ["label"])
    counts.update(divisions_created=len(new), divisions_updated=len(relabelled))
    return known | {division.code: division for division in new}


def _untouchable(student: Student, record: PupilRecord, year: int) -> str:
    """Why this known pupil is left as they are: a code of the catalogue, or ""."""
    if student.year > year:
        return "PUPIL_OF_A_LATER_YEAR"
    return "PUPIL_IDENTITY_CHANGED" if _is_somebody_else(student, record) else ""


def _is_somebody_else(student: Student, record: PupilRecord) -> bool:
    """An ELEVE_ID whose name, birth date or INE change together is now another child: never overwrite the first."""
    names = {folded(student.family_name), folded(student.usage_name)} & {
        folded(record.family_name),
        folded(record.usage_name),
    } - {""}
    changes = (
        not names or folded(student.first_name) != folded(record.first_name),
        student.birth_date != record.birth_date,
        bool(student.ine and record.ine and student.ine != record.ine),
    )
    return sum(changes) >= IDENTITY_CHANGES_OF_ANOTHER_PERSON


def _settled_by_the_school(student: Student, verdict: Verdict, year: int) -> bool:
    """The school has answered this very question this year: an import does not ask it again."""
    asked_again = verdict.scope == StudentScope.TO_DECIDE and student.year == year
    answered = student.scope != StudentScope.TO_DECIDE and student.scope_reason in {DECIDED, verdict.reason}
    return asked_again and answered
