"""A dossier for each pupil of a campaign, opened by sets."""

import pytest

from ledger import clock
from ledger.journal import SIECLE
from orientation import actions
from orientation.models import Dossier
from tests.factories import DURING_INTENTIONS, family, student

pytestmark = pytest.mark.django_db


@pytest.fixture
def home():
    clock.freeze(DURING_INTENTIONS)
    return family()


def test_each_pupil_in_scope_of_a_campaign_has_one_dossier(home):
    division = home.student.division
    later = student(division)
    student(division, scope="TO_DECIDE")
    student(division, scope="OUT")
    student(division, level="2GT")
    student(division, year=2024)
    assert actions.open_dossiers(by=SIECLE, school=division.school) == 1
    assert actions.open_dossiers(by=SIECLE) == 0
    assert set(Dossier.objects.values_list("student", flat=True)) == {home.student.pk, later.pk}
