"""Compares the responsables of the file with those known, and writes what differs. Links end, nothing is deleted."""

from collections import Counter, defaultdict
from datetime import date
from typing import Any

from families.models import Guardianship, Representative, ResponsibilityLevel, School, Student, StudentScope
from ledger.again import send_again_to
from ledger.journal import SYSTEM
from siecle_sync.bee.anomalies import Log
from siecle_sync.bee.persons import PersonsFile, report_doubles, report_shared_emails
from siecle_sync.bee.pupils import PupilsFile
from siecle_sync.bee.records import LinkRecord, PersonRecord
from siecle_sync.bee.values import folded, same_email

LABELS = {
    "family_name": "le nom de famille",
    "usage_name": "le nom d’usage",
    "first_name": "le prénom",
    "email": "l’adresse électronique",
}
USUAL_LEGAL = 2


class PersonMerge:
    """`students` are all those of the school, after the pupils' file was merged."""

    def __init__(
        self,
        school: School,
        file: PersonsFile,
        students: list[Student],
        pupils: PupilsFile | None,
        counts: Counter[str],
        log: Log,
        *,
        as_of: date,
    ) -> None:
        self.school, self.file, self.counts, self.log = school, file, counts, log
        self.ended_on = file.exported_on or as_of
        self.as_of = as_of
        self.students = {student.siecle_id: student for student in students}
        self.rejected_pupils = pupils.rejected if pupils else set()
        self.records = pupils.pupils if pupils else {}
        self.concerned = pupils.pupils.keys() - pupils.rejected if pupils else self.students.keys()
        rows = Representative.objects.select_for_update().filter(school=school).order_by("pk")
        self.people = {person.siecle_id: person for person in rows}
        numbers = {person.pk: person.siecle_id for person in self.people.values()}
        links = Guardianship.objects.select_for_update().filter(student__school=school).order_by("pk")
        ids = {student.pk: student.siecle_id for student in students}
        self.links = {(ids[link.student_id], numbers[link.representative_id]): link for link in links}
        self.had_links = {eleve_id for eleve_id, _ in self.links}
        self.refused: set[int] = set()  # PERSONNE_ID that now designate somebody else
        self.restored: list[tuple[Student, Representative]] = []  # who was a legal representative no more, and is again

    def run(self) -> None:
        by_pupil = {e: links for e, links in self.file.linked_pupils().items() if e not in self.rejected_pupils}
        wanted = [link for link in self.file.links.values() if self._is_wanted(link)]
        self._people({link.personne_id for link in wanted})
        self._links(wanted)
        self._end_vanished(by_pupil)
        self._check_pupils(by_pupil)
        self._check_people({link.personne_id for link in wanted})

    def _is_wanted(self, link: LinkRecord) -> bool:
        """A link of a pupil who is kept, or already known: the parents of those who left are not collected."""
        if link.eleve_id in self.rejected_pupils or link.personne_id in self.file.rejected:
            return False
        student = self.students.get(link.eleve_id)
        if student is None:
            self.log.add("LINK_TO_UNKNOWN_PUPIL", **link.where, value=link.personne_id)
            return False
        if link.personne_id not in self.file.persons:
            self.log.add("LINK_TO_UNKNOWN_PERSON", **link.where, who=student.full_name, value=link.personne_id)
            return False
        return student.scope != StudentScope.OUT or (link.eleve_id, link.personne_id) in self.links

    # --- people -------------------------------------------------------------------------------------------------------
    def _people(self, wanted: set[int]) -> None:
        linked = {personne_id for _, personne_id in self.file.links}
        created, changed = [], defaultdict(list)
        for record in self.file.persons.values():
            person = self.people.get(record.personne_id)
            if person is not None:
                self._update(person, record, changed)
            elif record.personne_id in wanted:
                created.append(self._created(record))
            elif record.personne_id not in linked:
                self.log.add("PERSON_WITHOUT_PUPIL", **record.where, who=record.who)
        Representative.objects.bulk_create(created, batch_size=500)
        self.people |= {person.siecle_id: person for person in created}
        touched = {person.pk: person for people in changed.values() for person in people}
        if touched:
            Representative.objects.bulk_update(touched.values(), sorted(changed), batch_size=500)
        if "email_refused_at" in changed:  # Siècle has another address for them
            send_again_to([person.uuid for person in changed["email_refused_at"] if person.email], by=SYSTEM)
        self.counts.update(persons_read=self.file.rows, persons_created=len(created), persons_updated=len(touched))

    def _created(self, record: PersonRecord) -> Representative:
        return Representative(
            school=self.school,
            siecle_id=record.personne_id,
            civility=record.civility,
            family_name=record.family_name,
            usage_name=record.usage_name,
            first_name=record.first_name,
            email=record.email or "",
            siecle_email=record.email or "",
        )

    def _update(self, person: Representative, record: PersonRecord, changed: dict[str, list[Representative]]) -> None:
        if _is_somebody_else(person, record):
            self.refused.add(record.personne_id)
            known = person.full_name
            self.log.add(
                "PERSON_IDENTITY_CHANGED", **record.where, who=record.who, known=known, value=record.personne_id
            )
            return
        names = ("civility", "family_name", "usage_name", "first_name")
        values = {field: getattr(record, field) for field in names} | self._emails(person, record)
        for field, value in values.items():
            before = getattr(person, field)
            if before != value:
                setattr(person, field, value)
                changed[field].append(person)
                if field in LABELS:
                    shown = {"other": LABELS[field], "known": before or "aucun", "value": value or "aucun"}
                    self.log.add("PERSON_CHANGED", **record.where, who=record.who, **shown)

    def _emails(self, person: Representative, record: PersonRecord) -> dict[str, Any]:
        """ACC-09. Siècle's address is followed while it is news and nobody confirmed another one here."""
        told = record.email
        if told is None or (told and same_email(told, person.siecle_email) and same_email(told, person.email)):
            return {}
        follows = same_email(person.email, person.siecle_email) or (
            bool(told) and not same_email(told, person.siecle_email)
        )
        if person.email_confirmed_at is None and (follows or not person.email):
            forgotten = {} if same_email(told, person.email) else {"email_refused_at": None}  # of the address before
            return {"email": told, "siecle_email": told, **forgotten}
        if told and not same_email(told, person.email):
            self.log.add("EMAIL_DIFFERS", **record.where, who=record.who)
        return {"siecle_email": told}

    # --- links --------------------------------------------------------------------------------------------------------
    def _links(self, wanted: list[LinkRecord]) -> None:
        created, changed = [], {}
        for record in wanted:
            if record.personne_id in self.refused or record.level is None:
                continue
            link = self.links.get((record.eleve_id, record.personne_id))
            if link is None:
                created.append(self._new_link(record))
            elif self._change(link, record):
                changed[link.pk] = link
        Guardianship.objects.bulk_create(created, batch_size=500)
        Guardianship.objects.bulk_update(changed.values(), ["level", "kinship", "ended_on"], batch_size=500)
        self.counts.update(links_read=len(self.file.links), links_created=len(created), links_updated=len(changed))

    def _new_link(self, record: LinkRecord) -> Guardianship:
        student, person = self.students[record.eleve_id], self.people[record.personne_id]
        if record.eleve_id in self.had_links:
            self.log.add("LINK_ADDED", **record.where, who=student.full_name, known=person.full_name)
        link = Guardianship(student=student, representative=person, level=record.level, kinship=record.kinship)
        self.links[record.eleve_id, record.personne_id] = link
        return link

    def _change(self, link: Guardianship, record: LinkRecord) -> bool:
        said: dict[str, Any] = {
            **record.where,
            "who": self.students[record.eleve_id].full_name,
            "known": self.people[record.personne_id].full_name,
        }
        if link.ended_on is not None and link.ended_on > self.ended_on:
            self.log.add("LINK_ENDED_SINCE", **said, value=f"{link.ended_on:%d/%m/%Y}")
            return False
        if link.ended_on is not None:
            self.log.add("LINK_REOPENED", **said)
        if link.level != record.level:
            self.log.add("LINK_LEVEL_CHANGED", **said, value=link.level, other=record.level)
        before = (link.level, link.kinship, link.ended_on)
        link.level, link.kinship, link.ended_on = record.level, record.kinship or link.kinship, None
        if record.level == ResponsibilityLevel.LEGAL and (before[0], before[2]) != (ResponsibilityLevel.LEGAL, None):
            self.restored.append((self.students[record.eleve_id], self.people[record.personne_id]))
        return before != (link.level, link.kinship, link.ended_on)

    def _end_vanished(self, by_pupil: dict[int, list[LinkRecord]]) -> None:
        """A link of a pupil who is in the file, but that the file no longer has, ends on the day of the export."""
        ended = []
        for (eleve_id, personne_id), link in self.links.items():
            if eleve_id in by_pupil and link.ended_on is None and (eleve_id, personne_id) not in self.file.links:
                link.ended_on = self.ended_on
                ended.append(link)
                who, known = self.students[eleve_id].full_name, self.people[personne_id].full_name
                self.log.add("LINK_ENDED", file="", eleve_id=eleve_id, who=who, known=known)
        Guardianship.objects.bulk_update(ended, ["ended_on"], batch_size=500)
        self.counts["links_ended"] = len(ended)

    # --- what a secretary should look at ------------------------------------------------------------------------------
    def _check_pupils(self, by_pupil: dict[int, list[LinkRecord]]) -> None:
        legal: Counter[int] = Counter(
            eleve_id
            for (eleve_id, _), link in self.links.items()
            if link.level == ResponsibilityLevel.LEGAL and link.ended_on is None
        )
        for eleve_id in sorted(self.concerned):
            student = self.students[eleve_id]
            if student.scope == StudentScope.OUT:
                continue
            place = self.records[eleve_id].where if eleve_id in self.records else {"eleve_id": eleve_id}
            said: dict[str, Any] = {**place, "who": student.full_name}
            if eleve_id not in by_pupil and eleve_id in self.had_links:
                self.log.add("LINKS_ABSENT", **said)
            if not legal[eleve_id] and not student.is_of_age(self.as_of):
                self.log.add("NO_LEGAL", **said)
            if legal[eleve_id] > USUAL_LEGAL:
                self.log.add("MORE_THAN_TWO_LEGAL", **said, value=legal[eleve_id])
            ranks = Counter(link.rank for link in by_pupil.get(eleve_id, ()) if link.rank)
            if ranks and max(ranks.values()) > 1:
                self.log.add("LEGAL_RANK_TWICE", **said)

    def _check_people(self, wanted: set[int]) -> None:
        kept = [self.file.persons[personne_id] for personne_id in sorted(wanted)]
        report_doubles(kept, self.log)
        report_shared_emails(self.file.persons.values(), self.log)
        legal = {p for (_, p), link in self.links.items() if link.level == 1 and link.ended_on is None}
        for record in kept:
            if record.personne_id in legal and not self.people[record.personne_id].email:
                self.log.add("EMAIL_MISSING", **record.where, who=record.who)


def _is_somebody_else(person: Representative, record: PersonRecord) -> bool:
    """A PERSONNE_ID retyped with another's name would hand an account over: no name left in common, or a man's record
    turned into a woman's.
    """
    first_names = folded(person.first_name), folded(record.first_name)
    renamed = first_names[0] not in first_names[1] and first_names[1] not in first_names[0]
    if renamed and person.civility and record.civility and person.civility != record.civility:
        return True
    before = {folded(person.family_name), folded(person.usage_name), folded(person.first_name)}
    after = {folded(record.family_name), folded(record.usage_name), folded(record.first_name)}
    return not (before & after - {""})
