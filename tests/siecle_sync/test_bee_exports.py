"""The day of an export is remembered: an older file brings the past back, and says so."""

import pytest

from families.models import Guardianship, Student
from ledger.models import JournalEntry
from siecle_sync.bee.load import import_files
from tests.siecle_sync.bee_builder import FOURTH, UAI, YEAR, eleve, family, lien, personne, persons, pupils

pytestmark = pytest.mark.django_db


def load(*files, **options):
    return import_files(files, uai=UAI, year=YEAR, **options)


def test_older_export_after_a_newer_one_is_told():
    load(pupils(eleve(1), exported="12/03/2026"))
    report = load(pupils(eleve(1), exported="12/01/2026"))
    older = [anomaly.sentence for anomaly in report.anomalies if anomaly.code == "OLDER_EXPORT"]
    assert ["12/01/2026" in sentence and "12/03/2026" in sentence for sentence in older] == [True]


def test_day_of_an_export_that_changes_nothing_is_remembered_too():
    for day in ("12/01/2026", "12/03/2026"):
        load(pupils(eleve(1), exported=day))
    assert "OLDER_EXPORT" in load(pupils(eleve(1), exported="12/02/2026")).codes()
    assert JournalEntry.objects.filter(verb="siecle_import").count() == 2


def test_older_export_of_another_kind_is_nobodys_past():
    load(pupils(eleve(1), exported="12/03/2026"))
    assert "OLDER_EXPORT" not in load(family(), dry_run=True).codes()


def test_same_day_and_a_file_without_a_day_say_nothing():
    load(pupils(eleve(1)))
    assert "OLDER_EXPORT" not in load(pupils(eleve(1))).codes()
    assert "OLDER_EXPORT" not in load(pupils(eleve(1), exported=None)).codes()


def test_rehearsal_of_a_newer_export_is_not_remembered():
    load(pupils(eleve(1)))
    load(pupils(eleve(1), exported="12/03/2026"), dry_run=True)
    assert "OLDER_EXPORT" not in load(pupils(eleve(1))).codes()


def test_export_of_a_past_year_leaves_the_pupils_of_the_next_one_alone():
    import_files([pupils(eleve(1, CODE_MEF=FOURTH), eleve(2))], uai=UAI, year=YEAR)
    import_files([pupils(eleve(1), year=YEAR + 1)], uai=UAI, year=YEAR + 1)
    report = load(pupils(eleve(1, CODE_MEF=FOURTH), eleve(2)))
    assert "PUPIL_OF_A_LATER_YEAR" in report.codes()
    assert (report.counts["pupils_rejected"], report.changed) == (1, False)
    assert Student.objects.get(siecle_id=1).level == "3E"


def test_older_export_gives_no_access_back():
    both = [personne(501), personne(502)]
    load(pupils(eleve(1)), persons(both, [lien(1, 501), lien(1, 502)], exported="12/01/2026"))
    load(persons(both, [lien(1, 501)], exported="12/03/2026"))
    report = load(persons(both, [lien(1, 501), lien(1, 502)], exported="12/02/2026"))
    assert {"OLDER_EXPORT", "LINK_ENDED_SINCE"} <= report.codes()
    assert [link.representative.siecle_id for link in Guardianship.objects.legal()] == [501]
    load(persons(both, [lien(1, 501), lien(1, 502)], exported="12/03/2026"))
    assert Guardianship.objects.legal().count() == 2
