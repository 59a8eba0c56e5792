"""The figures of the dashboards: the same as a plain count over the facts; no small group that subtraction gives."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from config.celery import app as celery_app
from families.models import Division, School
from ledger import clock
from orientation import actions
from orientation.enums import Phase
from orientation.facts import Facts, StatementFact
from orientation.figures import counting, kept, tables
from orientation.figures.counting import Scope, Step, Unit
from orientation.figures.small import Figure, Part, column, known, left, shown
from orientation.models import Dossier, KeptFigures
from orientation.pathways import Choice
from orientation.reading import load_many
from orientation.tasks import count_country
from tests import factories
from tests.factories import CAP, DURING_CHOICES, DURING_INTENTIONS, DURING_PROPOSALS, GT, PRO, Family
from tests.orientation import states

At = Callable[[datetime], None]
PROVISIONAL, DEFINITIVE = Phase.PROVISIONAL, Phase.DEFINITIVE
STORIES: list[Callable[[Family, At], None]] = [
    states.before_everything, states.intentions_entered, states.opinions_published, states.acknowledged,
    states.opinions_changed, states.changed_by_school, states.choices_open, states.proposed, states.answered,
    states.refused, states.decided_by_head,
]  # fmt: skip
SERIES = [Choice("1TECHNO", series=one) for one in ("STMG", "STL", "ST2S")]
SECOND = [*SERIES, Choice("1BTMUS"), Choice("VOIEPRO", details=("CAP",), school_status=True)]


# --- dossiers drawn at random -----------------------------------------------------------------------------------------
@pytest.fixture
def schools(at: At) -> list[School]:
    """Three schools of two académies, the last one far from Paris, and families at every step."""
    dice = random.Random(2026)
    far = factories.academy("28", name="La Réunion", timezone="Indian/Reunion", sender_email="o@re.invalid")
    made = [factories.school(), factories.school(), factories.school(academy=far)]
    for school in made:
        for number, story in enumerate(dice.sample(STORIES, 7)):
            story(factories.family(of=factories.division(school, f"3 {number}")), at)
        for code in dice.choices(["3 A", "3 B"], k=5):
            enters(factories.family(of=factories.division(school, code)), dice, at)
    leaver = factories.family(of=factories.division(made[0], "3 A"))
    factories.leaves(leaver)
    nowhere = factories.family(of=factories.division(made[1], "3 B"))
    nowhere.student.division = None
    nowhere.student.save()
    return made


def enters(family: Family, dice: random.Random, at: At) -> None:
    """A few versions, drawn at random, over a few days; another day in La Réunion than in Paris."""
    at(DURING_INTENTIONS + timedelta(days=dice.randint(0, 4), hours=3))
    version = 0
    for _ in range(dice.randint(1, 3)):
        choices = dice.sample([GT, PRO, CAP], dice.randint(1, 3))
        version = actions.submit_choices(
            dossier=family.dossier.uuid, phase=PROVISIONAL, choices=choices, base_version=version,
            by=factories.actor(family.mother),
        ).version  # fmt: skip


def facts_of(scope: Scope) -> list[tuple[Dossier, Facts]]:
    """The plain way: every dossier read whole, one by one."""
    rows = Dossier.objects.select_related("campaign", "student__school")
    facts = load_many([one.uuid for one in rows])
    return [
        (one, facts[one.uuid])
        for one in rows
        if facts[one.uuid].enrolled
        and (one.campaign.year, one.campaign.level) == (scope.year, scope.level)
        and scope.academy in ("", one.campaign.academy_id)
        and scope.school in (None, one.student.school_id)
        and scope.division in (None, one.student.division_id)
    ]


def standing(facts: Facts, phase: str) -> StatementFact | None:
    return next((one for one in facts.statements if one.phase == phase and one.withdrawn_at is None), None)


def steps_of(facts: Facts) -> set[Step]:
    opinions, proposals = standing(facts, PROVISIONAL), standing(facts, DEFINITIVE)
    entered = {one.phase for one in facts.submissions}
    reached = {
        Step.DOSSIERS: True, Step.INTENTIONS: PROVISIONAL in entered, Step.OPINIONS: opinions,
        Step.ACKNOWLEDGED: opinions and opinions.acknowledgement, Step.CHOICES: DEFINITIVE in entered,
        Step.PROPOSALS: proposals, Step.ANSWERED: proposals and proposals.family_answer, Step.DECIDED: facts.decisions,
    }  # fmt: skip
    return {step for step, here in reached.items() if here}


def plain_progress(scope: Scope, key: Callable[[Dossier], Any]) -> dict[Any, dict[Step, int]]:
    found: dict[Any, dict[Step, int]] = {}
    for dossier, facts in facts_of(scope):
        row = found.setdefault(key(dossier), dict.fromkeys(Step, 0))
        for step in steps_of(facts):
            row[step] += 1
    return found


def last_entries(scope: Scope) -> Iterator[tuple[str, tuple[Choice, ...]]]:
    for _, facts in facts_of(scope):
        for phase in Phase:
            versions = [one for one in facts.submissions if one.phase == phase]
            if versions:
                yield phase, max(versions, key=lambda one: one.version).choices


def plain_asked(scope: Scope) -> dict[tuple[str, str], tuple[int, int]]:
    first: Counter[Any] = Counter((phase, choices[0].pathway) for phase, choices in last_entries(scope))
    any_rank = Counter((phase, one) for phase, choices in last_entries(scope) for one in {c.pathway for c in choices})
    return {key: (first[key], count) for key, count in any_rank.items()}


def plain_said(scope: Scope) -> Counter[Any]:
    found: Counter[Any] = Counter()
    for _, facts in facts_of(scope):
        for phase in Phase:
            said = standing(facts, phase)
            lines = said.answers if said else ()
            found.update({(phase, one.pathway, value) for one in lines for value in (one.value, "")})
    return found


def plain_days(scope: Scope) -> dict[str, Counter[Any]]:
    found: dict[str, Counter[Any]] = {phase.value: Counter() for phase in Phase}
    for _, facts in facts_of(scope):
        for one in facts.submissions:
            if one.version == 1:
                found[one.phase][one.at.astimezone(facts.timezone).date()] += 1
    return found


KEYS: dict[Unit, Callable[[Dossier], Any]] = {
    Unit.DIVISION: lambda one: one.student.division_id,
    Unit.SCHOOL: lambda one: one.student.school_id,
    Unit.ACADEMY: lambda one: one.campaign.academy_id,
}


def scopes_of(schools: list[School], level: str = "3E") -> list[Scope]:
    division = Division.objects.filter(school=schools[0]).order_by("pk")[0]
    return [
        Scope(2025, level), Scope(2025, level, academy="10"), Scope(2025, level, academy="28"),
        *(Scope(2025, level, school=one.pk) for one in schools),
        Scope(2025, level, school=schools[0].pk, division=division.pk), Scope(2024, level),
    ]  # fmt: skip


@pytest.mark.django_db
def test_every_figure_is_the_plain_count_over_the_facts(schools: list[School]) -> None:
    whole = counting.total(counting.progress(Scope(2025, "3E"), Unit.ACADEMY))
    assert all(whole[step] > 0 for step in Step), "the story does not reach every step"
    for scope in scopes_of(schools):
        for unit, key in KEYS.items():
            assert counting.progress(scope, unit) == plain_progress(scope, key)
        asked = {(one.phase, one.pathway): (one.first, one.any_rank) for one in counting.asked(scope)}
        assert asked == plain_asked(scope)
        assert {(one.phase, one.pathway, one.value): one.count for one in counting.said(scope)} == plain_said(scope)
        assert counting.by_day(scope) == plain_days(scope)


@pytest.mark.django_db
def test_the_country_s_kept_figures_are_the_counted_ones_until_they_are_too_old(schools: list[School], at: At) -> None:
    now, scope = DURING_PROPOSALS + timedelta(days=9), Scope(2025, "3E")
    at(now)
    counted = kept.count(scope)
    assert kept.of_country(scope) == counted
    assert count_country() == 1  # level
    enters(factories.family(of=factories.division(schools[0], "3 Z")), random.Random(3), at)
    at(now + kept.FRESH - timedelta(seconds=1))
    assert kept.of_country(scope) == counted != kept.count(scope)
    for other in (now + kept.FRESH, now - timedelta(seconds=1)):
        at(other)
        assert kept.of_country(scope) == kept.count(scope)
        assert kept.of_country(scope).rows != counted.rows


@pytest.mark.django_db
def test_what_was_kept_gives_way_to_the_next_count_and_a_past_year_is_forgotten(schools: list[School], at: At) -> None:
    KeptFigures.objects.create(year=2024, level="3E", at=DURING_PROPOSALS, figures={})
    for hours in (0, 1):
        at(DURING_PROPOSALS + timedelta(days=9, hours=hours))
        count_country()
        assert KeptFigures.objects.values_list("year", "at").distinct().get() == (2025, clock.now())
    assert celery_app.conf.beat_schedule["figures"]["task"] == count_country.name
    assert celery_app.conf.beat_schedule["figures"]["schedule"].minute == set(range(0, 60, kept.EVERY))


@pytest.mark.django_db
def test_a_pathway_asked_for_in_several_series_counts_once_a_dossier(at: At) -> None:
    dice, school = random.Random(7), factories.school()
    at(DURING_INTENTIONS)
    for _ in range(12):
        family = factories.family(of=factories.division(school, "2 1"), level="2GT")
        choices = dice.sample(SECOND, dice.randint(1, 5))
        actions.submit_choices(
            dossier=family.dossier.uuid, phase=PROVISIONAL, choices=choices, base_version=0,
            by=factories.actor(family.mother),
        )  # fmt: skip
        said = [(one, dice.choice(["Favorable", "Réservé"])) for one in choices]
        entry = family.dossier.submissions.get()
        factories.statement(family, answers=said, submission=entry, published_at=factories.DURING_OPINIONS)
    scope = Scope(2025, "2GT", school=school.pk)
    asked = {(one.phase, one.pathway): (one.first, one.any_rank) for one in counting.asked(scope)}
    assert asked == plain_asked(scope)
    assert {(one.phase, one.pathway, one.value): one.count for one in counting.said(scope)} == plain_said(scope)
    assert sum(len(choices) for _, choices in last_entries(scope)) > sum(count for _, count in asked.values())


@pytest.mark.django_db
def test_entries_of_the_last_hour_are_dossiers_not_versions(at: At) -> None:
    at(DURING_INTENTIONS)
    one, two = factories.family(), factories.family()
    dice = random.Random(1)
    enters(one, dice, at)
    at(DURING_CHOICES)
    scope = Scope(2025, "3E")
    last = max(entry.submitted_at for entry in one.dossier.submissions.all())
    just_before, key = last - timedelta(seconds=1), one.student.school_id
    assert counting.since(scope, Unit.SCHOOL, PROVISIONAL, just_before) == {key: 1}
    assert counting.since(scope, Unit.SCHOOL, PROVISIONAL, last) == {}
    assert counting.since(scope, Unit.SCHOOL, DEFINITIVE, just_before) == {}
    assert counting.progress(scope, Unit.SCHOOL)[two.student.school_id][Step.INTENTIONS] == 0


@pytest.mark.django_db
def test_each_figure_is_one_query_however_many_the_dossiers(schools: list[School]) -> None:
    scope = Scope(2025, "3E")
    questions: list[Callable[[], Any]] = [
        lambda: counting.progress(scope, Unit.DIVISION), lambda: counting.asked(scope), lambda: counting.said(scope),
        lambda: counting.by_day(scope), lambda: counting.since(scope, Unit.SCHOOL, PROVISIONAL, DURING_PROPOSALS),
    ]  # fmt: skip
    for question in questions:
        with CaptureQueriesContext(connection) as captured:
            question()
        assert len(captured) == 1


# --- small groups -----------------------------------------------------------------------------------------------------
LEAST = 5


def figures(*values: int, whole: int = 100, total: bool = True, least: int = LEAST) -> list[str]:
    parts = [Part(value, (shown(whole),)) for value in values]
    sums = shown(sum(values)) if total else None
    return [one.words for one in column(parts, total=sums, least=least)]


def test_a_small_group_is_hidden_and_so_is_the_next_smallest_that_would_give_it_away() -> None:
    assert figures(3, 40, 50, total=False) == ["<\u00a05", "40", "50"]
    assert figures(3, 40, 50) == ["<\u00a05", "masqué", "50"]
    assert figures(3, 40, 50, least=0) == ["3", "40", "50"]


def test_a_group_that_is_nearly_everybody_gives_away_the_others() -> None:
    assert figures(98, 40, 50) == [">\u00a095", "masqué", "50"]
    assert figures(100, 0, 40) == ["100", "0", "40"]  # everybody, nobody: nobody is singled out


def test_two_small_groups_whose_sum_says_what_they_are_call_for_a_third() -> None:
    assert figures(1, 1, 40, 50) == ["<\u00a05", "<\u00a05", "masqué", "50"]
    assert figures(4, 4, 40, 50) == ["<\u00a05", "<\u00a05", "masqué", "50"]


def test_what_is_left_of_a_group_is_known_no_better_than_its_part() -> None:
    whole = shown(100)
    for value, words in {3: ">\u00a095", 98: "<\u00a05", 40: "60", 0: "100", 100: "0"}.items():
        [part] = column([Part(value, (whole,))], total=None, least=LEAST)
        rest = left(whole, part)
        assert (rest.value, rest.words) == (100 - value, words)
        assert rest.hidden == part.hidden


def test_nothing_is_shown_of_a_row_whose_own_number_is_hidden() -> None:
    small = {Step.DOSSIERS: 3, Step.INTENTIONS: 2, Step.OPINIONS: 1, Step.ACKNOWLEDGED: 1}
    large = {Step.DOSSIERS: 90, Step.INTENTIONS: 60, Step.OPINIONS: 50, Step.ACKNOWLEDGED: 40}
    wholes = {step: counting.WHOLE_OF[step] for step in list(small)[1:]}
    sums = tables.totals({step: small[step] + large[step] for step in small}, LEAST, wholes)
    rows = tables.beside({"small": small, "large": large}, sums, LEAST, wholes)
    assert all(figure.hidden for figure in rows["small"].values())


def possible(figures: list[Figure], total: int) -> list[set[int]]:
    """By trying them all: what each figure may be, for who reads the column and its total."""
    ranges = [range(one.low, min(one.high, total) + 1) for one in figures]
    worlds = [world for world in product(*ranges) if sum(world) == total]
    return [set(values) for values in zip(*worlds, strict=True)]


GROUPS = st.integers(0, 9).flatmap(lambda value: st.tuples(st.just(value), st.integers(max(value, 3), 12)))


@settings(max_examples=300, deadline=None)
@given(rows=st.lists(GROUPS, min_size=2, max_size=4))
def test_whoever_subtracts_finds_nothing(rows: list[tuple[int, int]]) -> None:
    """Threshold 3. Every hidden figure may still be two numbers at least; every small one is hidden, wherever it is."""
    least, total, whole = 3, sum(value for value, _ in rows), sum(of for _, of in rows)
    if 0 < total < least or 0 < whole - total < least:
        return  # then the total itself is hidden
    found = column([Part(value, (shown(of),)) for value, of in rows], total=shown(total), least=least)
    for (value, of), figure, guesses in zip(rows, found, possible(found, total), strict=True):
        assert figure.low <= value <= figure.high
        small = 0 < value < least or 0 < of - value < least
        assert figure.hidden or not small
        assert len(guesses) >= least - 1 if figure.hidden else guesses == {value}
        if figure.hidden and figure.words == f"<\u00a0{least}":
            assert guesses == set(range(1, least))


@settings(max_examples=300, deadline=None)
@given(rows=st.lists(st.tuples(GROUPS, st.integers(0, 9)), min_size=2, max_size=5))
def test_a_table_hides_every_small_group_and_what_its_totals_would_give(rows: list[Any]) -> None:
    wholes = {Step.OPINIONS: Step.DOSSIERS, Step.ACKNOWLEDGED: Step.OPINIONS}
    counts = {
        key: {Step.DOSSIERS: of, Step.OPINIONS: value, Step.ACKNOWLEDGED: min(value, signed)}
        for key, ((value, of), signed) in enumerate(rows)
    }
    sums = tables.totals(counting.total(counts, [Step.DOSSIERS, *wholes]), 3, wholes)
    found = tables.beside(counts, sums, 3, wholes)
    for step, sum_ in sums.items():
        figures = [row[step] for row in found.values()]
        if sum_.hidden:
            assert all(one.hidden for one in figures if one.high)
        else:
            assert all(high - low + 1 >= 2 for low, high in known(figures))
    for key, row in found.items():
        for step, group in wholes.items():
            count, rest = counts[key][step], counts[key][group] - counts[key][step]
            small = 0 < count < 3 or (count > 0 and 0 < rest < 3)  # of nobody, the rest is the group: hidden itself
            assert row[step].hidden or not small


def test_days_are_those_of_the_window_and_of_every_entry() -> None:
    first, last = datetime(2026, 2, 2, tzinfo=UTC).date(), datetime(2026, 2, 4, tzinfo=UTC).date()
    late = last + timedelta(days=2)
    days = tables.day_lines({first: 3, late: 1}, first, last, shown(4), 0)
    assert [(day.day, figure.value) for day, figure in days] == [(2, 3), (3, 0), (4, 0), (5, 0), (6, 1)]
