"""The samples: what each pupil and each person must become, and that a second import changes nothing."""

import io
import json
from datetime import date
from itertools import permutations
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from families.models import Academy, Division, Guardianship, Representative, School, Student
from ledger.models import JournalEntry
from siecle_sync.bee.load import import_files
from siecle_sync.bee.report import ImportReport

pytestmark = pytest.mark.django_db
SAMPLES = Path(__file__).parents[1] / "data" / "siecle"
FIVE = ("ElevesSansAdresses", "ResponsablesAvecAdresses", "Structures", "Nomenclature", "Communs")
XML = [SAMPLES / f"{name}.xml" for name in FIVE]
ZIP = [SAMPLES / f"ExportXML_{name}.zip" for name in FIVE]
LEGAL_1 = {(501, 1, "10"), (502, 1, "20")}

# ELEVE_ID: (scope, reason, level, division, responsibles as (PERSONNE_ID, level, kinship))
EXPECTED = {
    3001: ("IN_SCOPE", "", "3E", "3 A", {(501, 1, "10"), (502, 1, "20")}),
    3002: ("IN_SCOPE", "", "3E", "3 B", {(518, 1, "10"), (502, 1, "20")}),
    3003: ("IN_SCOPE", "", "3E", "3 A", {(503, 1, "10"), (504, 2, "90"), (505, 3, "38")}),
    3004: ("IN_SCOPE", "", "3E", "3SEGPA", {(506, 1, "51")}),
    3005: ("IN_SCOPE", "", "3E", "3 B", {(507, 1, "20")}),
    3006: ("OUT", "LEFT", "3E", "3 A", set()),
    3007: ("IN_SCOPE", "LEAVING", "3E", "3 B", {(509, 1, "10"), (510, 1, "20"), (511, 1, "50")}),
    3008: ("TO_DECIDE", "INACTIVE", "3E", "", {(512, 1, "10")}),
    3009: ("OUT", "OTHER_LEVEL", "", "", set()),
    3010: ("IN_SCOPE", "", "3E", "3 A", {(514, 1, "20")}),
    3011: ("IN_SCOPE", "", "3E", "3 A", {(515, 1, "10")}),
    3012: ("IN_SCOPE", "", "3E", "3 B", {(516, 1, "70")}),
    3013: ("TO_DECIDE", "NO_DIVISION", "3E", "", {(517, 1, "10")}),
}


def load(files: list[Path] | None = None, **options: object) -> ImportReport:
    return import_files(files or XML, **({"uai": "0990001N", "year": 2025} | options))


def pupil(eleve_id: int) -> tuple[str, str, str, str, set[tuple[int, int, str]]]:
    student = Student.objects.select_related("division").get(siecle_id=eleve_id)
    links = student.guardianships.filter(ended_on=None).values_list("representative__siecle_id", "level", "kinship")
    code = student.division.code if student.division else ""
    return student.scope, student.scope_reason, student.level, code, set(links)


def everything() -> list[list[dict[str, object]]]:
    models = (Academy, School, Division, Student, Representative, Guardianship, JournalEntry)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("files", [XML, ZIP, [SAMPLES / "ElevesAvecAdresses.xml", *XML[1:]]])
def test_each_pupil_of_the_samples_becomes_what_the_table_says(files):
    load(files)
    assert {eleve_id: pupil(eleve_id) for eleve_id in EXPECTED} == EXPECTED
    assert Student.objects.count() == len(EXPECTED)


def test_counters_of_the_samples_add_up():
    counts = load().counts
    assert (counts["pupils_in_scope"], counts["pupils_to_decide"], counts["pupils_out"]) == (9, 2, 2)
    assert counts["pupils_read"] == 13
    assert counts["pupils_rejected"] == 0


def test_parents_of_pupils_out_of_scope_and_of_unknown_pupils_are_not_collected():
    load()
    assert not Representative.objects.filter(siecle_id__in=[508, 513, 519]).exists()


def test_person_typed_twice_is_reported_and_not_merged():
    report = load()
    doubles = [anomaly for anomaly in report.anomalies if anomaly.code == "PERSON_MAYBE_TWICE"]
    assert ["501, 518" in anomaly.sentence for anomaly in doubles] == [True]
    assert Representative.objects.filter(siecle_id__in=[501, 518]).count() == 2


def test_every_quirk_of_the_samples_is_reported_once_with_its_line():
    found = {(a.code, a.line, a.eleve_id) for a in load().anomalies if a.severity <= 3}
    assert found == {
        ("ACADEMY_UNTOLD", None, None),
        ("INACTIVE", 289, 3008),
        ("NO_DIVISION", 484, 3013),
        ("QUESTION_MARK", 172, 3005),
        ("SEVERAL_DIVISIONS", 406, 3011),
        ("QUESTION_MARK", 91, None),
        ("PERSON_MAYBE_TWICE", 244, None),
        ("LINK_TO_UNKNOWN_PUPIL", 459, 2999),
    }


def test_accents_apostrophes_and_names_come_through():
    load()
    names = Student.objects.filter(siecle_id__in=[3001, 3002, 3003]).order_by("siecle_id")
    assert [student.full_name for student in names] == [
        "Lœtitia MARCHAND-ROUX",
        "Émile MARCHAND",
        "Awa N'GORAN LE GOFF",
    ]


def test_email_in_odd_case_keeps_its_local_part_and_lowers_its_domain():
    load()
    assert Representative.objects.get(siecle_id=503).email == "Solene.LeGoff@exemple.invalid"


def test_school_and_divisions_are_created_from_the_files():
    load()
    school = School.objects.get(uai="0990001N")
    assert (school.name, school.academy_id, school.email) == ("COLLEGE IMAGINAIRE", "99", "ce.0990001N@exemple.invalid")
    labels = set(Division.objects.values_list("code", "label"))
    assert labels == {("3 A", "3EME A"), ("3 B", ""), ("3SEGPA", "3EME SEGPA")}


def test_academic_mef_is_read_through_the_nomenclature():
    assert ("1031000D11A", "3E") in {(mef.code, mef.level) for mef in load().mefs}


def test_importing_twice_changes_nothing_at_all():
    load()
    before = everything()
    report = load()
    assert not report.changed
    assert everything() == before


def test_dry_run_reports_the_same_and_keeps_nothing():
    rehearsal = load(dry_run=True)
    assert everything() == [[], [], [], [], [], [], []]
    real = load()
    assert rehearsal.counts == real.counts
    assert rehearsal.anomalies == real.anomalies


def test_import_is_written_once_in_the_journal_with_its_counts():
    load()
    entry = JournalEntry.objects.get(verb="siecle_import")
    assert entry.data["school"] == "0990001N"
    assert entry.data["counts"]["pupils_in_scope"] == 9


@pytest.mark.parametrize("files", list(permutations(XML, 5))[::24])
def test_files_come_in_any_order(files):
    load(list(files))
    assert {eleve_id: pupil(eleve_id) for eleve_id in EXPECTED} == EXPECTED


def test_leaver_is_judged_on_the_day_asked_for():
    load(as_of=date(2026, 7, 3))
    assert pupil(3007)[:2] == ("OUT", "LEFT")


def test_old_shape_of_the_responsables_reads_the_old_ranks():
    load([XML[0], SAMPLES / "ResponsablesAvecAdresses_forme_avant_2018.xml"])
    assert pupil(3001)[4] == LEGAL_1
    assert pupil(3003)[4] == {(503, 1, "10"), (505, 3, "90")}


def test_responsables_alone_complete_the_pupils_already_known():
    load([XML[0]])
    assert not Guardianship.objects.exists()
    load([XML[1]])
    assert {eleve_id: pupil(eleve_id)[4] for eleve_id in EXPECTED} == {k: v[4] for k, v in EXPECTED.items()}


def test_command_prints_counters_then_anomalies_by_severity():
    out = io.StringIO()
    call_command("siecle_import", *map(str, ZIP), school="0990001N", year=2025, stdout=out)
    text = out.getvalue()
    assert "concernés\u00a0: 9" in text
    assert text.index("[INACTIVE]") < text.index("[QUESTION_MARK]") < text.index("[LEFT]")


def test_command_prints_json():
    out = io.StringIO()
    call_command("siecle_import", *map(str, XML), school="0990001N", year=2025, json=True, stdout=out)
    told = json.loads(out.getvalue())
    assert told["counts"]["pupils_in_scope"] == 9
    assert {p["eleve_id"] for p in told["pupils"] if p["scope"] == "TO_DECIDE"} == {3008, 3013}


def test_command_refuses_with_a_sentence_and_changes_nothing():
    with pytest.raises(CommandError, match=r"\[WRONG_YEAR\]"):
        call_command("siecle_import", *map(str, XML), school="0990001N", year=2024)
    assert not School.objects.exists()
