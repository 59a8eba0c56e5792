"""What a night must neither lose nor publish: held lines, refusals by an académie, pupils who move."""

from datetime import timedelta

import pytest

from families.models import Academy
from ledger import clock
from orientation.models import CouncilStatement
from siecle_sync import mass_changes, night
from siecle_sync.mock import desk
from siecle_sync.mock.models import MockOutbound
from siecle_sync.models import HeldLine, MassChange, RunLine
from tests import factories
from tests.factories import DURING_INTENTIONS
from tests.siecle_sync import world
from tests.siecle_sync.world import BOTH, COUNCIL_DAY, FIRST_NIGHT, SECOND_NIGHT

pytestmark = [pytest.mark.django_db(databases=BOTH)]


@pytest.fixture
def school(settings):
    settings.NIGHT_MASS_CHANGE_LEAST, settings.NIGHT_MASS_CHANGE_SHARE = 2, 0.5
    return world.four_read_their_opinions()


def says_all(homes, value: str, phase: str) -> None:
    for one in homes:
        world.says(one, ("2GT", value), phase=phase)


def test_every_proposal_of_a_school_changed_in_one_night_waits_though_its_opinions_stand(school):
    """Each phase on its own: the opinions of the first stand for ever, and would halve the share of the second."""
    clock.pretend(factories.DURING_OPINIONS)
    for one in school:
        world.acknowledges(one, world.published(one).uuid)
    clock.freeze(factories.DURING_CHOICES)
    for one in school:
        world.enters(one, phase="DEFINITIVE")
    world.night(factories.DURING_CHOICES + timedelta(hours=12))
    world.opens(school[0], at=factories.DURING_PROPOSALS - timedelta(days=4), phase="DEFINITIVE")
    says_all(school, "OUI", "DEFINITIVE")
    world.night(factories.DURING_PROPOSALS - timedelta(days=3))
    assert CouncilStatement.objects.filter(phase="DEFINITIVE").count() == 4
    clock.freeze(factories.DURING_PROPOSALS - timedelta(days=2, hours=20))
    says_all(school, "NON", "DEFINITIVE")
    world.night(factories.DURING_PROPOSALS - timedelta(days=2))
    assert MassChange.objects.count() == 1


def test_first_opinion_of_a_pupil_is_taken_though_the_changes_of_the_others_are_refused(school):
    """Only the lines that would take something back were in question."""
    new = factories.family(of=school[0].student.division)
    world.night(SECOND_NIGHT + timedelta(days=1))
    clock.freeze(SECOND_NIGHT + timedelta(days=1, hours=10))
    world.says(new, ("2GT", "Favorable"))
    says_all(school[:3], "Réservé", "PROVISIONAL")
    world.night(SECOND_NIGHT + timedelta(days=2))
    mass_changes.settle(MassChange.objects.get(), verdict="REFUSE", reason="fausse manœuvre", by=new.mother.user)
    world.night(SECOND_NIGHT + timedelta(days=3))
    assert CouncilStatement.objects.filter(dossier=new.dossier).exists()


def test_opinion_held_then_reset_is_not_published_when_the_council_opens_again(settings):
    """What waits for its pupil is no less annulled than what does not."""
    clock.freeze(DURING_INTENTIONS)
    family = factories.family()
    world.enters(family)
    world.night(FIRST_NIGHT)
    world.opens(family)
    world.says(family, ("2GT", "Défavorable"))
    pupil, known = family.student, family.student.siecle_id
    pupil.siecle_id = 999
    pupil.save()
    world.night(SECOND_NIGHT)
    assert HeldLine.objects.get().code == "UNKNOWN_PUPIL"
    clock.freeze(SECOND_NIGHT + timedelta(hours=10))
    desk.reset_council(world.division(family), phase="PROVISIONAL")
    world.night(SECOND_NIGHT + timedelta(days=1))
    clock.freeze(SECOND_NIGHT + timedelta(days=1, hours=10))
    desk.open_council(world.division(family), phase="PROVISIONAL", held_on=COUNCIL_DAY.date())
    pupil.siecle_id = known  # imported at last
    pupil.save()
    world.night(SECOND_NIGHT + timedelta(days=2))
    assert not CouncilStatement.objects.filter(withdrawal__isnull=True).exists()


def moved(settings):
    """A family who validated, then whose child goes to the school of another part."""
    settings.NIGHT_PART_PUPILS = 1
    clock.freeze(DURING_INTENTIONS)
    first = factories.family()
    factories.family(of=first.student.division)
    second = factories.family(of=factories.division(factories.school(academy=first.student.school.academy)))
    world.night(FIRST_NIGHT - timedelta(days=1))
    clock.freeze(FIRST_NIGHT - timedelta(hours=10))
    world.enters(first)
    pupil = first.student
    pupil.school, pupil.division = second.student.school, second.student.division
    pupil.save()
    return first


def test_entry_of_a_pupil_who_changed_school_is_taken_the_same_night(settings):
    """Its line leaves with the part that announces the pupil."""
    moved(settings)
    run = world.night(FIRST_NIGHT)
    assert [line.code for line in RunLine.objects.filter(run=run)] == []


def test_rehearsal_of_a_pupil_who_changed_school_is_kept(settings):
    """The same school may be met by two parts."""
    moved(settings)
    clock.freeze(FIRST_NIGHT)
    [run] = night.rehearse_academy(Academy.objects.get(pk="10"))
    assert run.pk


def test_line_sent_again_corrected_under_its_reference_is_taken(school):
    """The line put right counts, not the one that waits."""
    clock.freeze(SECOND_NIGHT + timedelta(hours=11))
    world.says(school[0], ("2GT", "Réservé"))
    line = MockOutbound.objects.latest("seq")
    good = dict(line.payload)
    line.payload = {**good, "submission_ref": "wrong"}
    line.save()
    world.night(SECOND_NIGHT + timedelta(days=1))
    assert HeldLine.objects.get().code == "UNKNOWN_ENTRY"
    ref = line.ref
    MockOutbound.objects.filter(pk=line.pk).update(ref="kept-apart")
    MockOutbound.objects.create(
        academy="10", kind="STATEMENT", ref=ref, uai=line.uai, year=line.year, level=line.level, phase=line.phase,
        division=line.division, eleve_id=line.eleve_id, ine=line.ine, at=line.at, payload=good, version=line.version,
    )  # fmt: skip
    world.night(SECOND_NIGHT + timedelta(days=2))
    assert CouncilStatement.objects.filter(siecle_ref=ref).exists()


def test_council_line_that_says_no_day_stops_no_night(school):
    """One line is refused, not the night of its part for ever."""
    where = world.division(school[0])
    MockOutbound.objects.create(
        academy="10", kind="COUNCIL", uai=where.uai, year=2025, level="3E", phase="PROVISIONAL", division=where.code,
        at=COUNCIL_DAY, payload={"event": "MOVED"},
    )  # fmt: skip
    assert world.night(SECOND_NIGHT + timedelta(days=1)).state == "FINISHED"


def test_number_out_of_reach_does_not_end_the_feed_for_ever(school):
    """R9"""
    line = MockOutbound.objects.latest("seq")
    MockOutbound.objects.create(
        seq=2**63 - 1, academy="10", kind="STATEMENT", uai=line.uai, year=2025, level="3E", phase="PROVISIONAL",
        division=line.division, eleve_id=1, at=line.at,
    )  # fmt: skip
    world.night(SECOND_NIGHT + timedelta(days=1))
    MockOutbound.objects.latest("seq").delete()  # Siècle puts it right
    clock.freeze(SECOND_NIGHT + timedelta(days=1, hours=10))
    says_all(school[:1], "Réservé", "PROVISIONAL")
    world.night(SECOND_NIGHT + timedelta(days=2))
    assert CouncilStatement.objects.count() == 5
