"""Two académies on the eve of a night that has everything to do: nothing is left to send or to receive in vain.

In the first one, families sign opinions and enter their final choices while some final councils are open; in the
second one, they answer proposals. Everything goes through the actions, the simulated desk and the real nights.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.test import override_settings

from families.models import Academy, Student
from ledger import clock
from ledger.journal import SYSTEM
from orientation.actions.answer import agree
from orientation.actions.calendar import set_calendar
from orientation.models import FamilyAnswer
from siecle_sync import contract
from siecle_sync.mock import desk
from siecle_sync.mock.models import MockOutbound
from siecle_sync.night import run_night
from tests import factories
from tests.factories import CAP, GT, PRO, Family, actor
from tests.siecle_sync import world as school

P, D = "PROVISIONAL", "DEFINITIVE"
NIGHT = datetime(2026, 4, 29, 0, tzinfo=UTC)  # two o’clock in Paris
EVE = datetime(2026, 4, 28, tzinfo=UTC)
NOBODY = "http://127.0.0.1:9"
AHEAD = timedelta(days=36)  # the second académie is already at its proposals
Scene = tuple[datetime, Callable[[], None]]


class Place:
    """A division and its families, in the first académie or the second."""

    def __init__(self, number: int, *, pupils: int, code: str, of: Academy, ahead: timedelta = timedelta()) -> None:
        self.ahead = ahead
        where = factories.division(factories.school(uai=f"069{number:04}A", academy=of), code)
        self.families = [factories.family(of=where) for _ in range(pupils)]

    @property
    def silent(self) -> Family:
        """Those that never use the service: the school types for them."""
        return self.families[-1]

    @property
    def online(self) -> list[Family]:
        return self.families[:-1]


def at(moment: datetime) -> None:
    clock.freeze(moment)


def unconfirmed(act: Callable[[], Any]) -> None:
    """What Siècle cannot tell us at once: the night will."""
    with override_settings(SIECLE_BASE_URL=NOBODY, PUBLIC_URL=NOBODY):
        act()


def opens(place: Place, phase: str) -> None:
    desk.open_council(school.division(place.silent), phase=phase, held_on=clock.now().date())


def speaks(place: Place, phase: str, *values: str) -> None:
    """The council answers each request, all the same way; `values` may differ from one rank to the next."""
    for row in desk.pupils_of(school.division(place.silent), phase=phase):
        if row.entry is not None:
            says(row.pupil, phase, row.entry.choices, values)


def says(pupil: Any, phase: str, choices: list[dict[str, Any]], values: tuple[str, ...]) -> None:
    answers = [
        {"pathway": one["pathway"], "series": one["series"], "value": values[rank % len(values)], "comment": "Vu."}
        for rank, one in enumerate(choices)
    ]
    desk.type_statement(pupil, phase=phase, answers=answers)


def types(family: Family, phase: str) -> None:
    desk.type_entry(school.pupil(family), phase=phase, choices=[{"pathway": "2GT"}])


def acknowledges(family: Family) -> None:
    school.acknowledges(family, school.published(family, P).uuid)


def build() -> None:
    """Everything up to the eve; then the clock stands still at the night itself."""
    at(datetime(2025, 10, 1, 8, tzinfo=UTC))
    first, second = first_academy(), second_academy()
    scenes = [*provisional_phase(first), *provisional_phase(second), *final_phase(second), *final_choices(first)]
    scenes += [(EVE + timedelta(hours=18), lambda: evening_of_the_second(second))]
    for moment, act in sorted(scenes, key=lambda scene: scene[0]):
        at(moment)
        act()
    at(NIGHT)


def first_academy() -> list[Place]:
    lyon = factories.academy()
    return [
        Place(1, pupils=7, code="3 A", of=lyon),
        Place(2, pupils=9, code="3 B", of=lyon),
        Place(3, pupils=8, code="3 C", of=lyon),
    ]


def second_academy() -> list[Place]:
    other = factories.academy("11", name="Montpellier")
    campaign = factories.campaign(of=other, answered_by="ALL")
    windows = {key: (start - AHEAD, end - AHEAD) for key, (start, end) in factories.CALENDAR.items()}
    set_calendar(campaign=campaign, windows=windows, by=SYSTEM)
    return [Place(number, pupils=8, code="3 A", of=other, ahead=AHEAD) for number in (11, 12)]


def provisional_phase(places: list[Place]) -> list[Scene]:
    """Entries, a night, the council, a night, signatures (of some in the first académie), a night."""
    days = [datetime(2026, 1, 20, 18, tzinfo=UTC), datetime(2026, 2, 23, 9, tzinfo=UTC),
            datetime(2026, 3, 10, 18, tzinfo=UTC)]  # fmt: skip
    entries, council, signatures = (day - places[0].ahead for day in days)
    acts = [
        (entries, lambda: each(places, enter_intentions)),
        (council, lambda: each(places, council_of_intentions)),
        (signatures, lambda: each(places, sign)),
    ]
    played = night("11" if places[0].ahead else "10")
    return [*acts, *((night_after(moment), played) for moment, _ in acts)]


def each(places: list[Place], act: Callable[[Place], None]) -> None:
    for place in places:
        act(place)


def night_after(moment: datetime) -> datetime:
    return (moment + timedelta(days=1)).replace(hour=1)


def night(code: str) -> Callable[[], None]:
    def play() -> None:
        assert run_night(Academy.objects.get(pk=code)).finished, f"the night of {clock.now()} failed"

    return play


def enter_intentions(place: Place) -> None:
    for rank, family in enumerate(place.online):
        school.enters(family, *((GT, PRO) if rank % 2 else (GT,)))


def council_of_intentions(place: Place) -> None:
    types(place.silent, P)
    opens(place, P)
    speaks(place, P, "Favorable", "Réservé")
    tells_of_a_stranger(place)


def sign(place: Place) -> None:
    for family in place.families if place.ahead else place.online[::2]:
        acknowledges(family)


def tells_of_a_stranger(place: Place) -> None:
    """An opinion on a pupil whom we do not know yet: held, night after night."""
    pupil = school.pupil(place.silent)
    MockOutbound.objects.create(
        kind=contract.STATEMENT, academy=pupil.academy, uai=pupil.uai, year=pupil.year, level=pupil.level, phase=P,
        division=pupil.division.code, eleve_id=9_000_000 + int(pupil.uai[3:7]), version=1, at=clock.now(),
        payload={"submission_ref": None, "answers": [{"pathway": "2GT", "series": "", "value": "Favorable"}]},
    )  # fmt: skip


def tells_nonsense(place: Place) -> None:
    """A pathway that does not exist: refused for good."""
    pupil = school.pupil(place.silent)
    MockOutbound.objects.create(
        kind=contract.STATEMENT, academy=pupil.academy, uai=pupil.uai, year=pupil.year, level=pupil.level, phase=P,
        division=pupil.division.code, eleve_id=pupil.eleve_id, version=9, at=clock.now(),
        payload={"submission_ref": None, "answers": [{"pathway": "LUNE", "series": "", "value": "Favorable"}]},
    )  # fmt: skip


def final_phase(places: list[Place]) -> list[Scene]:
    """Choices, a night, the final council, a night: proposals can be read."""
    choices, council = datetime(2026, 3, 29, 18, tzinfo=UTC), datetime(2026, 4, 24, 9, tzinfo=UTC)
    return [
        (choices, lambda: each(places, enter_choices)),
        (night_after(choices), night("11")),
        (council, lambda: each(places, final_council)),
        (night_after(council), night("11")),
    ]


def enter_choices(place: Place) -> None:
    for family in place.online:
        school.enters(family, GT, PRO, phase=D)


def final_council(place: Place) -> None:
    types(place.silent, D)
    opens(place, D)
    speaks(place, D, "NON", "OUI")


def final_choices(places: list[Place]) -> list[Scene]:
    """Some choices reached Siècle; the others leave with what the final councils say, opened without our knowing."""
    one, two, three = places
    before = EVE - timedelta(hours=6)
    return [
        (before, lambda: choose([*one.online[::2], *two.online[::4]])),
        (night_after(before), night("10")),
        (EVE + timedelta(hours=7), lambda: each(places, late_choices)),
        # Siècle will have opened the council before it comes
        (EVE + timedelta(hours=8), lambda: school.enters(one.online[0], GT, phase=D)),
        (EVE + timedelta(hours=9), lambda: each([one, two], hidden_council)),
        (EVE + timedelta(hours=10), lambda: changed(one.online[2])),
        (EVE + timedelta(hours=11), lambda: moved(three)),
        (EVE + timedelta(hours=12), lambda: lists_of_the_day(two, three)),
    ]


def choose(families: list[Family]) -> None:
    for family in families:
        school.enters(family, GT, PRO, phase=D)


def late_choices(place: Place) -> None:
    for family in place.online[1::4]:
        acknowledges(family)
        school.enters(family, CAP, phase=D)


def hidden_council(place: Place) -> None:
    types(place.silent, D)
    unconfirmed(lambda: opens(place, D))
    speaks(place, D, "OUI")


def lists_of_the_day(two: Place, three: Place) -> None:
    """A pupil leaves, another arrives; Siècle says something absurd too."""
    tells_nonsense(three)
    factories.leaves(three.online[0], on=EVE.date())
    arrives(two)


def changed(family: Family) -> None:
    desk.change_entry(
        school.pupil(family), phase=D, choices=[{"pathway": "2PRO"}], asked_by="Dominique Martin", asked_on=EVE.date()
    )


def moved(place: Place) -> None:
    """Opinions that nobody has signed are given again otherwise; the final council is announced."""
    says(school.pupil(place.online[3]), P, [{"pathway": "2GT", "series": ""}, {"pathway": "2PRO", "series": ""}],
         ("Défavorable", "Favorable"))  # fmt: skip
    where = school.division(place.silent)
    unconfirmed(lambda: desk.move_council(where, phase=D, held_on=date(2026, 6, 1)))


def arrives(place: Place) -> None:
    """The stranger of `tells_of_a_stranger` is on the lists at last."""
    where = place.silent.student.division
    number = 9_000_000 + int(where.school.uai[3:7])
    child = factories.student(where, siecle_id=number)
    factories.representative(child)
    assert Student.objects.filter(siecle_id=number).count() == 1


def evening_of_the_second(places: list[Place]) -> None:
    """Answers, agreements and the decisions that follow go out; what schools and heads recorded comes in."""
    for place in places:
        for rank, family in enumerate(place.online[:5]):
            answers(family, rank)
        desk.record_answer(school.pupil(place.online[5]), kind="ACCEPTED", accepted=[("2PRO", "")])
        desk.record_head_decision(school.pupil(place.online[6]), pathways=[("2PRO", "")], notified_on=EVE.date())


def answers(family: Family, rank: int) -> None:
    kind = "REFUSED" if rank == 4 else "ACCEPTED"
    accepted = [] if rank == 4 else [("2PRO", "")]
    statement = school.published(family, D)
    school.answers(family, statement.uuid, kind, *accepted)
    if rank < 3:
        answer = FamilyAnswer.objects.get(statement=statement)
        agree(dossier=family.dossier.uuid, answer=answer.uuid, agrees=rank != 2, by=actor(family.father))
