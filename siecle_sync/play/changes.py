"""The school changes a request because the family asks for it, once the council is open (SIE-04)."""

from datetime import timedelta
from functools import partial
from random import Random

from orientation.enums import Phase
from siecle_sync.mock import desk
from siecle_sync.play.calendar import READING
from siecle_sync.play.councils import Council, pupil_of
from siecle_sync.play.people import Entered, Home
from siecle_sync.play.stage import STAFF

DURING, AFTER = 0.04, 0.05  # of the families that entered, while the council sits and once it has been read


def write_changes(council: Council) -> None:
    """During the council; then two days after its answers can be read, with new answers an hour or a day later."""
    opens, place, phase = council.opens, council.place, council.phase
    council.at(opens - timedelta(hours=1), partial(refuse_before, council))
    council.at(opens + timedelta(minutes=50), partial(change_some, council, DURING, "during"))
    council.at(opens + timedelta(minutes=70), council.type_missing_statements)
    council.at(place.at(phase, READING + 2, 14), partial(change_some, council, AFTER, "after"))
    council.at(place.at(phase, READING + 2, 15), partial(council.type_missing_statements, share=0.5))
    council.at(place.at(phase, READING + 3, 9), council.type_missing_statements)


def change_some(council: Council, share: float, purpose: str) -> None:
    """At least one in each council where somebody may still ask."""
    able = [home for home in council.homes if may_ask(council, home)]
    drawn = [home for home in able if home.dice(f"change:{council.phase}:{purpose}").random() < share]
    for home in drawn or able[:1]:
        change(council, home, home.dice(f"change list:{council.phase}:{purpose}"))
    for home in [one for one in council.homes if not one.entered[council.phase] and not is_settled(council, one)][:1]:
        refuse_without_entry(council, home)


def may_ask(council: Council, home: Home) -> bool:
    """Something of the family's is in force, nothing is answered, somebody is there to ask."""
    asked = home.examined(council.phase) is not None and bool(home.voices(council.stage.instant))
    return asked and not is_settled(council, home)


def is_settled(council: Council, home: Home) -> bool:
    return council.phase == Phase.DEFINITIVE and (home.answered is not None or home.decided)


def change(council: Council, home: Home, dice: Random) -> None:
    now, phase = council.stage.instant, council.phase
    standing = home.examined(phase)
    choices = home.place.menu(phase).draw(dice, other_than=standing.choices if standing else ())
    who = dice.choice(home.voices(now))
    today = now.astimezone(home.place.zone).date()
    do = partial(
        desk.change_entry, pupil_of(home), phase=phase, choices=[one.as_json() for one in choices],
        asked_by=who.row.full_name, asked_on=today - timedelta(days=dice.randint(0, 1)), by="le secrétariat",
    )  # fmt: skip
    do()
    home.changed[phase].append(Entered(None, now, choices))
    for said in home.said[phase]:
        said.withdrawn = True
    if dice.random() < 0.3:
        council.stage.refuse(home, STAFF, "modifier la demande sans rien y changer", "SAME_LIST", do)


def refuse_before(council: Council) -> None:
    """Before its opening, it is for the family to change its entry."""
    for home in [one for one in council.homes if one.examined(council.phase)][:1]:
        refuse(council, home, "modifier la demande avant le conseil", "COUNCIL_NOT_OPEN")


def refuse_without_entry(council: Council, home: Home) -> None:
    refuse(council, home, "modifier une demande que la famille n’a pas faite", "NOTHING_TO_CHANGE")


def refuse(council: Council, home: Home, what: str, code: str) -> None:
    easy = home.place.menu(council.phase).plain(home.place.grade.keys[0])
    today = council.stage.instant.astimezone(home.place.zone).date()
    do = partial(
        desk.change_entry, pupil_of(home), phase=council.phase, choices=[easy.as_json()], asked_by="La mère",
        asked_on=today,
    )  # fmt: skip
    council.stage.refuse(home, STAFF, what, code, do)
