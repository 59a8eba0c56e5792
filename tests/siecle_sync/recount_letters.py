"""The letters that a simulated campaign owed, computed again from the acts of its dump (MAI). Nothing of the program.

A letter is (kind, whom for, what it reports), with the words of docs/jeu-de-campagne.md.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.siecle_sync.recount_people import able_at, legal_at, readers_at

Json = dict[str, Any]
Owed = tuple[str, str, str | None]
SAME_SESSION = timedelta(minutes=4)  # between two entries of one session of the play


def owed(dossier: Json) -> Counter[Owed]:
    """Every letter of a dossier."""
    sources = (recaps, not_processed, changed_by_school, told_by_council, answers, agreements, latecomers, decisions,
               releases, extensions)  # fmt: skip
    return Counter(letter for source in sources for letter in source(dossier))


def written(dossier: Json) -> Counter[Owed]:
    """But the reminders: no act owes them; the play counts them itself, morning after morning (MAI-08)."""
    return Counter((one["kind"], one["to"], one["about"]) for one in dossier["letters"] if one["kind"] != "reminder")


def version(entry: Json) -> str:
    return f"submission {entry['phase']} v{entry['version']}"


def to_all(dossier: Json, kind: str, about: str | None, at: str) -> Iterator[Owed]:
    for reader in readers_at(dossier, at):
        yield kind, reader, about


def to_family(dossier: Json, kind: str, about: str, act: Json, author: str) -> Iterator[Owed]:
    """The author has their own wording; the other representatives, theirs."""
    yield f"{kind}_author", author, about
    for other in legal_at(dossier, act["at"]) - {author}:
        yield f"{kind}_other", other, about


# --- what the family did ----------------------------------------------------------------------------------------------
def recaps(dossier: Json) -> Iterator[Owed]:
    """MAI-01…03: one a session, about its last version; one a version where the campaign says « at validation »."""
    everyone = dossier["campaign"]["recap_to"] == "ALL"
    for entry in last_of_sessions(dossier):
        for kind, reader, about in to_family(dossier, "recap", version(entry), entry, entry["author"]):
            if everyone or kind == "recap_author":
                yield kind, reader, about


def last_of_sessions(dossier: Json) -> Iterator[Json]:
    family = [one for one in dossier["submissions"] if one["author_kind"] != "SCHOOL"]
    for entry in family:
        if dossier["campaign"]["recap_when"] == "VALIDATION" or not any(goes_on(entry, one) for one in family):
            yield entry


def goes_on(entry: Json, later: Json) -> bool:
    """Did the same person validate again in the same session?"""
    same = (entry["phase"], entry["author"]) == (later["phase"], later["author"])
    return same and instant(later["at"]) - instant(entry["at"]) == SAME_SESSION


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def answers(dossier: Json) -> Iterator[Owed]:
    """MAI-04: to everybody, at once; what the school recorded is of nobody among them."""
    recorded = iter(journal(dossier, "answer_recorded_by_school"))
    for statement in dossier["statements"]:
        answer = statement["answer"]
        if not answer:
            continue
        kind = "answer_accepted" if answer["kind"] == "ACCEPTED" else "answer_refused"
        about = f"answer to {label(statement)}"
        if answer["author_kind"] == "SCHOOL":
            yield from to_all(dossier, f"{kind}_other", about, next(recorded)["at"])
        else:
            yield from to_family(dossier, kind, about, answer, answer["by"])


def agreements(dossier: Json) -> Iterator[Owed]:
    """ANS-06: the outcome to each."""
    for said in given_agreements(dossier):
        yield from to_all(dossier, "agreement_outcome", f"agreement of {said['by']}", said["at"])


def given_agreements(dossier: Json) -> list[Json]:
    return [said for one in dossier["statements"] if one["answer"] for said in one["answer"]["agreements"]]


def latecomers(dossier: Json) -> Iterator[Owed]:
    """ANS-06: who becomes awaited after the answer is asked too, the first night when they may say it."""
    for statement in dossier["statements"] if dossier["campaign"]["answered_by"] == "ALL" else ():
        answer = statement["answer"]
        if not answer or answer["author_kind"] == "SCHOOL":
            continue
        told = legal_at(dossier, answer["at"]) | {answer["by"]}
        for night in nights(dossier, statement):
            said = {one["by"] for one in answer["agreements"] if one["at"] < night}
            late = able_at(dossier, night) - told - said
            told |= late
            for person in late:
                yield "agreement_awaited", person, f"answer to {label(statement)}"


def nights(dossier: Json, statement: Json) -> Iterator[str]:
    """Two o'clock in the morning at the school, while an agreement may be given and nothing is decided."""
    zone = ZoneInfo(dossier["school"]["zone"])
    left = [one["at"] for one in dossier["imports"] if one["what"] == "left"]
    ends = [*left, *(one["at"] for one in dossier["decisions"]), statement["withdrawn_at"]]
    day = instant(statement["answer"]["at"]).astimezone(zone).date()
    for number in range(1, 40):
        local = datetime.combine(day + timedelta(days=number), time(2), zone)
        night = f"{local.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        if any(end and end <= night for end in ends) or night >= consultation_end(dossier, night):
            return
        if is_on(dossier, night):
            yield night


def consultation_end(dossier: Json, at: str) -> str:
    """ANS-02, with the extensions known then."""
    known = [*dossier["windows"], *(one for one in dossier["extensions"] if one["at"] <= at)]
    return max(one["closes_at"] for one in known if (one["phase"], one["kind"]) == ("DEFINITIVE", "CONSULTATION"))


def is_on(dossier: Json, at: str) -> bool:
    """CAL-05: the last switch counts."""
    switched = [one["enabled"] for one in dossier["switches"] if one["at"] <= at]
    return not switched or switched[-1]


# --- what the school and Siècle did -----------------------------------------------------------------------------------
def not_processed(dossier: Json) -> Iterator[Owed]:
    """SIE-03."""
    for entry in dossier["submissions"]:
        receipt = entry["receipt"]
        if entry["author_kind"] != "SCHOOL" and receipt["outcome"] == "NOT_PROCESSED":
            yield from to_all(dossier, "entry_not_processed", version(entry), receipt["at"])


def changed_by_school(dossier: Json) -> Iterator[Owed]:
    """MAI-05: of several changes that came the same night, the last."""
    for phase in ("PROVISIONAL", "DEFINITIVE"):
        changes = [one for one in dossier["submissions"] if one["asked_by"] and one["phase"] == phase]
        came = [one for one in journal(dossier, "entry_changed_by_school") if one["phase"] == phase]
        last = {line["at"]: entry for line, entry in zip(came, changes, strict=True)}
        for at, entry in last.items():
            yield from to_all(dossier, "entry_changed_by_school", version(entry), at)


def told_by_council(dossier: Json) -> Iterator[Owed]:
    """MAI-09, OPI-04: what is withdrawn the night it comes is told to nobody."""
    for statement in dossier["statements"]:
        if statement["withdrawn_at"] is None or statement["withdrawn_at"] > statement["received_at"]:
            kind = kind_of(dossier, statement)
            yield from to_all(dossier, kind, label(statement), statement["received_at"])


def label(statement: Json) -> str:
    return f"statement {statement['phase']} v{statement['version']}"


def kind_of(dossier: Json, statement: Json) -> str:
    """« Modifiés » to who could read the former ones; « disponibles » to who could not."""
    window = next(
        w for w in dossier["windows"] if (w["phase"], w["kind"]) == (statement["phase"], "CONSULTATION")
    )  # fmt: skip
    opens, now = window["opens_at"], statement["received_at"]
    before = [
        one for one in dossier["statements"]
        if one["phase"] == statement["phase"] and one["version"] < statement["version"]
        and one["received_at"] < now and one["published_at"] <= now
        and not (one["withdrawn_at"] and one["withdrawn_at"] < max(one["published_at"], opens))
    ]  # fmt: skip
    if before and opens <= now:
        return "opinions_changed"
    return "opinions_available" if statement["phase"] == "PROVISIONAL" else "proposals_available"


def decisions(dossier: Json) -> Iterator[Owed]:
    """The head's and the appeal's; an acceptance's when no act made it: nobody was awaited any more (ANS-06)."""
    family = [one["answer"] for one in dossier["statements"] if one["answer"]]
    acts = {one["at"] for one in (*family, *given_agreements(dossier)) if one.get("author_kind") != "SCHOOL"}
    school = any(one["author_kind"] == "SCHOOL" for one in family)
    made = iter([one for one in journal(dossier, "decision_made") if one["as"] == "SIECLE"][school_ones(dossier) :])
    for decision in dossier["decisions"]:
        about = f"decision {decision['origin']}"
        if decision["origin"] != "ACCEPTANCE":
            yield from to_all(dossier, "decision_recorded", about, next(made)["at"])
        elif decision["at"] not in acts and not school:
            yield from to_all(dossier, "decision_recorded", about, decision["at"])


def school_ones(dossier: Json) -> int:
    """The decisions that came with the answers that the school recorded: told with them."""
    return sum(
        one["answer"]["author_kind"] == "SCHOOL" and one["answer"]["kind"] == "ACCEPTED"
        for one in dossier["statements"] if one["answer"]
    )  # fmt: skip


def releases(dossier: Json) -> Iterator[Owed]:
    """ACC-08: not when another person takes the pen of who has lost the right to hold it, in the same act."""
    taken = {(one["phase"], one["taken_at"]) for one in dossier["pens"]}
    for pen in [one for one in dossier["pens"] if one["released_at"]]:
        at = pen["released_at"]
        if (pen["phase"], at) not in taken or pen["holder"] in able_at(dossier, at):
            yield from to_all(dossier, "pen_released", "dossier", at)


def extensions(dossier: Json) -> Iterator[Owed]:
    """CAL-03: to the families concerned that day; not of a pupil who has left."""
    gone = min((one["at"] for one in dossier["imports"] if one["what"] == "left"), default="9999")
    arrived = max((one["at"] for one in dossier["imports"] if one["what"] == "arrived"), default="")
    for longer in dossier["extensions"]:
        if arrived <= longer["at"] < gone:
            yield from to_all(dossier, "window_extended", None, longer["at"])


def journal(dossier: Json, what: str) -> list[Json]:
    return [one for one in dossier["journal"] if one["what"] == what]
