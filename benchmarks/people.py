"""The families of one school: pupils, representatives, accounts, dossiers, entries, opinions. One chance per school."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from benchmarks import dates
from benchmarks.geography import SECOND_GT, Place
from benchmarks.loading import NULL, Rows
from orientation.pathways import SERIES, SPECIALTIES

FAMILY_NAMES = (
    "Martin", "Bernard", "Thomas", "Petit", "Robert", "Richard", "Durand", "Dubois", "Moreau", "Laurent", "Simon",
    "Michel", "Lefèvre", "Leroy", "Roux", "David", "Bertrand", "Morel", "Fournier", "Girard", "Bonnet", "Dupont",
    "Lambert", "Fontaine", "Rousseau", "Vincent", "Muller", "Lefebvre", "Faure", "André", "Mercier", "Blanc",
    "Guérin", "Boyer", "Garnier", "Chevalier", "François", "Legrand", "Gauthier", "Garcia", "Perrin", "Robin",
    "Clément", "Morin", "Nicolas", "Henry",
)  # fmt: skip
FIRST_NAMES = (
    "Emma", "Louise", "Jade", "Alice", "Chloé", "Lina", "Léa", "Manon", "Rose", "Anna", "Inès", "Camille", "Zoé",
    "Sarah", "Lucie", "Eva", "Nina", "Clara", "Agathe", "Jeanne", "Gabriel", "Louis", "Raphaël", "Jules", "Adam",
    "Lucas", "Léo", "Hugo", "Arthur", "Nathan", "Liam", "Ethan", "Paul", "Noé", "Tom", "Sacha", "Théo", "Nolan",
    "Axel", "Yanis",
)  # fmt: skip
OPINIONS = ("Favorable", "Réservé", "Défavorable")
THIRD_PATHWAYS = ("2GT", "2PRO", "CAP")
MEF = {"3E": "10310019110", SECOND_GT: "20010018110"}
BORN = {"3E": 2011, SECOND_GT: 2010}
EMPTY_LIST = "[]"


@dataclass(slots=True)
class Shares:
    """What part of the dossiers…"""

    opened: float = 0.4  # are in a division whose council is open
    published: float = 0.1  # have opinions already published


@dataclass(slots=True)
class Desk:
    """Where the rows of one school go."""

    rows: Rows
    place: Place
    school: int
    campaign: int
    shares: Shares
    six_oclock: str  # of the day after the opinions were given, in the school's time zone
    chance: Random

    def uuid(self) -> str:
        bits = f"{self.chance.getrandbits(128):032x}"
        return f"{bits[:8]}-{bits[8:12]}-{bits[12:16]}-{bits[16:20]}-{bits[20:]}"


@dataclass(slots=True)
class Person:
    id: int
    uuid: str
    name: str
    addressed: bool


@dataclass(slots=True)
class Pupil:
    dossier: int
    uuid: str  # the dossier's
    family: list[Person]
    then: dict[str, object]


def write_school(desk: Desk) -> None:
    """Write the divisions of a school, their councils, and every family."""
    divisions = [write_division(desk, code) for code in desk.place.divisions]
    for rank in range(desk.place.pupils):
        division, opened = divisions[rank % len(divisions)]
        pupil = write_pupil(desk, division)
        submission, choices = write_entry(desk, pupil)
        if opened and desk.chance.random() < desk.shares.published / desk.shares.opened:
            write_opinions(desk, pupil, division, submission, choices)


def write_division(desk: Desk, code: str) -> tuple[int, bool]:
    rows, place = desk.rows, desk.place
    division = rows.add_new("families_division", desk.school, dates.YEAR, code, f"Division {code}")
    opened = desk.chance.random() < desk.shares.opened
    if opened:
        council, phase = desk.uuid(), "PROVISIONAL"
        rows.add_new(
            "orientation_classcouncil", council, desk.campaign, division, phase, dates.COUNCILS_HELD,
            dates.COUNCILS_OPENED,
        )  # fmt: skip
        rows.add_new("siecle_sync_councilevent", desk.uuid(), dates.COUNCILS_OPENED, dates.COUNCILS_OPENED)
        said = {"council": council, "school": place.uai, "division": code, "phase": phase}
        note(desk, dates.COUNCILS_OPENED, "council_opened", None, None, {**said, "held_on": dates.COUNCILS_HELD})
    return division, opened


def write_pupil(desk: Desk, division: int) -> Pupil:
    rows, place, chance = desk.rows, desk.place, desk.chance
    name, born = chance.choice(FAMILY_NAMES), date(BORN[place.level], 1, 1) + timedelta(chance.randrange(365))
    number = next(rows.ids["families_student"])
    ine = f"{number:09d}{'ABCDEFGHJK'[number % 10]}{'ABCDEFGHJK'[number // 10 % 10]}"
    rows.add(
        "families_student", number, desk.uuid(), desk.school, division, dates.YEAR, place.level, 1_000_000 + number,
        ine, name.upper(), "", chance.choice(FIRST_NAMES), born, MEF[place.level], "IN_SCOPE", "",
    )  # fmt: skip
    family = [write_representative(desk, number, name, rank) for rank in range(1 + (chance.random() < 0.6))]
    uuid = desk.uuid()
    dossier = rows.add_new("orientation_dossier", uuid, desk.campaign, number)
    then = {"born": str(born), "division": division, "legal": [one.uuid for one in family]}
    return Pupil(dossier, uuid, family, then)


def write_representative(desk: Desk, student: int, name: str, rank: int) -> Person:
    """The first has an account; one in six of the others never gave an address."""
    rows, chance = desk.rows, desk.chance
    first, uuid = chance.choice(FIRST_NAMES), desk.uuid()
    number = next(rows.ids["families_representative"])
    addressed = rank == 0 or chance.random() < 0.84
    email = f"parent{number}@exemple.invalid" if addressed else ""
    user: int | str = NULL
    if addressed:
        user = rows.add_new(
            "families_user", "!", "f", email, first, name.upper(), email, "f", "t", dates.IMPORTED, desk.uuid()
        )
    rows.add(
        "families_representative", number, uuid, desk.school, 1_000_000 + number, ("Mme", "M.")[rank], name.upper(), "",
        first, email, dates.IMPORTED if addressed else NULL, email, user,
    )  # fmt: skip
    rows.add_new("families_guardianship", student, number, 1, ("10", "20")[rank])
    return Person(number, uuid, f"{first} {name.upper()}", addressed)


def write_entry(desk: Desk, pupil: Pupil) -> tuple[int, list[tuple[str, str]]]:
    """One entry validated in February, taken in by Siècle the night after, with its recaps and its history."""
    rows, chance, author = desk.rows, desk.chance, pupil.family[0]
    day, hour = 3 + chance.randrange(20), 7 + chance.randrange(13)
    at = f"2026-02-{day:02d} {hour:02d}:{chance.randrange(60):02d}:{chance.randrange(60):02d}+00"
    choices, uuid = choices_of(desk), desk.uuid()
    rows.add_new("orientation_pen", pupil.dossier, "PROVISIONAL", author.id, at, "")
    submission = rows.add_new(
        "orientation_submission", uuid, pupil.dossier, "PROVISIONAL", 1, "REPRESENTATIVE", author.id, author.name,
        len(choices), at, "",
    )  # fmt: skip
    for rank, choice in enumerate(choices, start=1):
        rows.add_new("orientation_rankedchoice", submission, rank, *choice)
    taken = f"2026-02-{day + 1:02d} 01:12:00+00"
    rows.add_new("orientation_sieclereceipt", pupil.dossier, "SUBMISSION", uuid, "ACCEPTED", taken)
    said = {"phase": "PROVISIONAL", "version": 1, "submission": uuid, "then": pupil.then}
    note(desk, at, "entry_validated", author, pupil.uuid, said)
    note(desk, taken, "entry_accepted", None, pupil.uuid, {"kind": "SUBMISSION", "ref": uuid})
    for reader in pupil.family:
        kind = "recap_author" if reader is author else "recap_other"
        key = f"recap:{uuid}:{pupil.uuid}:PROVISIONAL:{reader.uuid}"
        sent = ("SENT", at, at, 1, "", at, "") if reader.addressed else ("NO_ADDRESS", at, at, 1, "", NULL, "")
        rows.add("ledger_outgoingemail", desk.uuid(), kind, reader.uuid, pupil.uuid, uuid, PHASE, key, *sent)
    return submission, [choice[:2] for choice in choices]


PHASE = '{"phase": "PROVISIONAL"}'


def choices_of(desk: Desk) -> list[tuple[str, str, str, str, str, str]]:
    """One to three choices: pathway, series, free text, two statuses, details."""
    chance = desk.chance
    if desk.place.level == SECOND_GT:
        return second_choices(chance)
    asked = chance.sample(THIRD_PATHWAYS, 1 + int(chance.random() * 3))
    return [third_choice(chance, pathway) for pathway in asked]


def third_choice(chance: Random, pathway: str) -> tuple[str, str, str, str, str, str]:
    if pathway == "2GT":
        return (pathway, "", "", "f", "f", EMPTY_LIST)
    text = "Métiers de la mer" if chance.random() < 0.5 else ""
    return (pathway, "", text, "t", "ft"[chance.random() < 0.3], EMPTY_LIST)


def second_choices(chance: Random) -> list[tuple[str, str, str, str, str, str]]:
    subjects = json.dumps(chance.sample([code for code, _ in SPECIALTIES], 4))
    asked = [("1GEN", "", "", "f", "f", subjects)]
    for series in chance.sample([code for code, _ in SERIES], int(chance.random() * 3)):
        asked.append(("1TECHNO", series, "", "f", "f", EMPTY_LIST))
    chance.shuffle(asked)
    return asked


def write_opinions(desk: Desk, pupil: Pupil, division: int, submission: int, asked: list[tuple[str, str]]) -> None:
    """What a council said of an entry, published since, with its letters and its history."""
    rows, uuid = desk.rows, desk.uuid()
    statement = rows.add_new(
        "orientation_councilstatement", uuid, pupil.dossier, "PROVISIONAL", 1, submission, division, dates.GIVEN,
        dates.RECEIVED, desk.six_oclock, f"avis-{pupil.dossier}-1",
    )  # fmt: skip
    for position, (pathway, series) in enumerate(asked, start=1):
        value = desk.chance.choice(OPINIONS)
        comment = "Des progrès à confirmer au troisième trimestre." if value != "Favorable" else ""
        rows.add_new("orientation_councilanswer", statement, position, pathway, series, "t", value, comment)
    then = {key: pupil.then[key] for key in ("division", "legal")}
    said = {"statement": uuid, "phase": "PROVISIONAL", "version": 1, "then": then}
    note(desk, dates.RECEIVED, "statement_published", None, pupil.uuid, said)
    for reader in pupil.family:
        rows.add(
            "ledger_outgoingemail", desk.uuid(), "opinions_available", reader.uuid, pupil.uuid, uuid, PHASE,
            f"opinions_available:{uuid}:{reader.uuid}", "READY", dates.CONSULTATION, dates.RECEIVED, 0, "", NULL, "",
        )  # fmt: skip


def note(desk: Desk, at: str, verb: str, who: Person | None, dossier: str | None, data: dict[str, object]) -> None:
    """A line of the history, by a representative or by Siècle."""
    actor = ("REPRESENTATIVE", who.uuid, who.name) if who else ("SIECLE", NULL, "Siècle Orientation")
    said = json.dumps(data, ensure_ascii=False)
    desk.rows.add_new("ledger_journalentry", at, verb, *actor, dossier or NULL, said)
