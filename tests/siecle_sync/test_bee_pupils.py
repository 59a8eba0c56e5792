"""Quirks of the pupils' file: what is dropped, what is flagged, who is rejected, who is recognised."""

from datetime import date
from typing import Any

import pytest

from families.models import Division, Student
from siecle_sync.bee.load import import_files
from siecle_sync.bee.report import ImportReport
from tests.siecle_sync.bee_builder import (
    FOURTH,
    SECOND_GT,
    UAI,
    YEAR,
    divisions,
    eleve,
    nomenclature,
    pupils,
    pupils_text,
    stream,
    structures,
    tags,
)

pytestmark = pytest.mark.django_db


def load(*files: Any, **options: Any) -> ImportReport:
    return import_files(files, uai=UAI, year=YEAR, **options)


def only() -> Student:
    return Student.objects.select_related("division").get()


# --- identity ---------------------------------------------------------------------------------------------------------
def test_family_name_is_read_under_its_tag_of_before_2016():
    load(pupils(eleve(1, NOM_DE_FAMILLE=None, NOM="ANCIEN")))
    assert only().family_name == "ANCIEN"


def test_names_lose_quotes_at_their_ends_and_double_spaces_but_keep_apostrophes():
    load(pupils(eleve(1, NOM_DE_FAMILLE="'D'ARTAGNAN  DE  BATZ'", PRENOM=' "Zoé" ')))
    assert (only().family_name, only().first_name) == ("D'ARTAGNAN DE BATZ", "Zoé")


def test_character_siecle_could_not_write_is_flagged_and_kept():
    assert "QUESTION_MARK" in load(pupils(eleve(1, NOM_DE_FAMILLE="?UKASIK"))).codes()
    assert only().family_name == "?UKASIK"


@pytest.mark.parametrize("empty", [None, ""])
def test_absent_and_empty_tags_both_mean_no_value(empty):
    load(pupils(eleve(1, NOM_USAGE=empty, DATE_SORTIE=empty, ID_NATIONAL=empty)))
    assert (only().usage_name, only().leaves_on, only().ine) == ("", None, "")


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("BIRTH_DATE_MISSING", {"DATE_NAISS": None}),
        ("BIRTH_DATE_MISSING", {"DATE_NAISS": ""}),
        ("BIRTH_DATE_INVALID", {"DATE_NAISS": "31/02/2011"}),
        ("BIRTH_DATE_INVALID", {"DATE_NAISS": "2011-03-14"}),
        ("BIRTH_DATE_INVALID", {"DATE_NAISS": "31/12/9999"}),
        ("BIRTH_DATE_FUTURE", {"DATE_NAISS": "14/03/2027"}),
        ("DATES_INCOHERENT", {"DATE_ENTREE": "01/09/2025", "DATE_SORTIE": "01/07/2025"}),
        ("PUPIL_NAME_MISSING", {"PRENOM": ""}),
        ("PUPIL_NAME_MISSING", {"NOM_DE_FAMILLE": None}),
    ],
)
def test_identity_or_dates_that_do_not_hold_reject_the_pupil_alone(code, values):
    report = load(pupils(eleve(1, **values), eleve(2)))
    assert code in report.codes()
    assert only().siecle_id == 2
    assert report.counts["pupils_rejected"] == 1


def test_pupil_without_a_readable_eleve_id_is_rejected_with_the_line():
    report = load(pupils(eleve("A12"), eleve(2), places=[]))
    (anomaly,) = [anomaly for anomaly in report.anomalies if anomaly.code == "PUPIL_WITHOUT_ID"]
    assert anomaly.line == 10
    assert only().siecle_id == 2


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("INE_MALFORMED", {"ID_NATIONAL": "12345"}),
        ("LEAVING_DATE_INVALID", {"DATE_SORTIE": "35/06/2026"}),
        ("ENTRY_DATE_INVALID", {"DATE_ENTREE": "hier"}),
        ("AGE_UNUSUAL", {"DATE_NAISS": "14/03/1971"}),
        ("NAME_TOO_LONG", {"PRENOM": "A" * 120}),
    ],
)
def test_bad_optional_value_is_dropped_and_reported_and_the_pupil_kept(code, values):
    assert code in load(pupils(eleve(1, **values))).codes()
    assert only().scope == "IN_SCOPE"


def test_end_of_time_is_no_leaving_date():
    load(pupils(eleve(1, DATE_SORTIE="31/12/9999")))
    assert (only().scope_reason, only().leaves_on) == ("", None)


# --- INE --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("ine", ["070832327JA", "0113014881M", "1234A12345F"])
def test_three_shapes_of_ine_are_usual(ine):
    report = load(pupils(eleve(1, ID_NATIONAL=f" {ine.lower()} ")))
    assert only().ine == ine
    assert not {"INE_MALFORMED", "INE_UNUSUAL"} & report.codes()


def test_ine_with_a_wrong_key_is_flagged_and_kept():
    assert "INE_UNUSUAL" in load(pupils(eleve(1, ID_NATIONAL="0113014881A"))).codes()
    assert only().ine == "0113014881A"


def test_missing_ine_is_said_and_completed_later_and_never_lost_again():
    assert "INE_MISSING" in load(pupils(eleve(1, ID_NATIONAL=None))).codes()
    load(pupils(eleve(1)))
    load(pupils(eleve(1, ID_NATIONAL=None)))
    assert only().ine == "000000001AA"


def test_ine_typed_on_two_pupils_is_dropped_for_both():
    report = load(pupils(eleve(1, ID_NATIONAL="990000001AA"), eleve(2, ID_NATIONAL="990000001AA")))
    assert [a.eleve_id for a in report.anomalies if a.code == "INE_TWICE"] == [1, 2]
    assert set(Student.objects.values_list("ine", flat=True)) == {""}


def test_pupil_with_a_new_eleve_id_is_recognised_by_ine_and_birth_date():
    load(pupils(eleve(1, ID_NATIONAL="990000001AA")))
    before = only()
    assert "MATCHED_BY_INE" in load(pupils(eleve(77, ID_NATIONAL="990000001AA", PRENOM="Prénom 1"))).codes()
    assert (only().pk, only().siecle_id) == (before.pk, 77)


def test_ine_given_to_another_child_makes_a_distinct_pupil():
    load(pupils(eleve(1, ID_NATIONAL="990000001AA")))
    report = load(pupils(eleve(77, ID_NATIONAL="990000001AA", DATE_NAISS="01/01/2011")))
    assert {"INE_REATTRIBUTED", "PUPIL_VANISHED"} <= report.codes()
    assert Student.objects.count() == 2


def test_eleve_id_that_now_names_another_child_overwrites_nobody():
    load(pupils(eleve(1)))
    report = load(pupils(eleve(1, NOM_DE_FAMILLE="AUTRE", PRENOM="Enfant", DATE_NAISS="01/01/2010")))
    assert "PUPIL_IDENTITY_CHANGED" in report.codes()
    assert only().full_name == "Prénom 1 DURAND"
    assert report.counts["pupils_rejected"] == 1


def test_same_child_under_two_eleve_ids_is_reported_and_not_merged():
    report = load(pupils(eleve(1, PRENOM="Zoé"), eleve(2, PRENOM="ZOE")))
    assert "PUPIL_MAYBE_TWICE" in report.codes()
    assert Student.objects.count() == 2


def test_eleve_id_given_to_two_different_pupils_rejects_both():
    report = load(pupils(eleve(1), eleve(1, PRENOM="Autre"), eleve(2)))
    assert "PUPIL_TWICE" in report.codes()
    assert report.counts["pupils_rejected"] == 2
    assert only().siecle_id == 2


def test_identical_repetition_counts_once():
    report = load(pupils(eleve(1), eleve(1)))
    assert report.counts["pupils_repeated"] == 1
    assert only().siecle_id == 1
    assert "STRUCTURES_TWICE" in report.codes()


# --- divisions --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("codes", "division"),
    [
        ([("3LATIN", "G"), ("3 B", "D")], "3 B"),
        (["3 C", "3 A", "3 B"], "3 A"),
        (["Inactifs", "3 B"], "3 B"),
        (["301"], "301"),
        ([" _3  A "], "_3  A"),
    ],
)
def test_division_is_the_first_real_one_in_ascending_order_and_keeps_its_inner_spaces(codes, division):
    load(pupils(eleve(1), places=[structures(1, *codes)]))
    assert only().division.code == division


@pytest.mark.parametrize(
    ("places", "reason"),
    [
        ([], "NO_DIVISION"),
        ([structures(1)], "NO_DIVISION"),
        ([structures(1, ("3LATIN", "G"))], "NO_DIVISION"),
        ([structures(1, "Inactifs")], "INACTIVE"),
        ([structures(1, "3" * 21)], "NO_DIVISION"),
    ],
)
def test_pupil_without_a_real_division_is_for_the_school_to_decide(places, reason):
    assert reason in load(pupils(eleve(1), places=places)).codes()
    assert (only().scope, only().scope_reason, only().division) == ("TO_DECIDE", reason, None)


def test_several_lists_of_structures_for_one_pupil_add_up():
    report = load(pupils(eleve(1), places=[structures(1, "3 B"), structures(1, "3 A")]))
    assert {"STRUCTURES_TWICE", "SEVERAL_DIVISIONS"} <= report.codes()
    assert only().division.code == "3 A"


def test_structures_of_an_unknown_pupil_are_reported():
    report = load(pupils(eleve(1), places=[structures(1, "3 A"), structures(99, "3 A")]))
    assert [a.eleve_id for a in report.anomalies if a.code == "STRUCTURE_FOR_UNKNOWN_PUPIL"] == [99]


def test_only_the_divisions_of_pupils_at_a_level_of_a_campaign_are_created():
    load(pupils(eleve(1), eleve(2, CODE_MEF=FOURTH), places=[structures(1, "3 A"), structures(2, "4 C")]), divisions())
    assert list(Division.objects.values_list("code", flat=True)) == ["3 A"]


def test_recent_shape_of_the_root_and_of_the_schooling_is_read():
    schooling = f"<SCOLARITE>{tags({'CODE_MEF': '10310019110', 'CODE_STRUCTURE': '3 B'})}</SCOLARITE>"
    block = f'<SCOLARITES><SCOLARITE_ELEVE ELEVE_ID="1">{schooling}</SCOLARITE_ELEVE></SCOLARITES>'
    text = pupils_text([eleve(1, CODE_MEF=None)], [], root="BEE_EPHC_ELEVES", version="9.9")
    load(stream(text.replace("<BOURSES/>", block)))
    assert (only().scope, only().division.code, only().level) == ("IN_SCOPE", "3 B", "3E")


# --- levels and scope -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("mef", "scope", "level"),
    [
        ("10310019110", "IN_SCOPE", "3E"),
        ("10310031110", "IN_SCOPE", "3E"),
        ("16710002110", "IN_SCOPE", "3E"),
        ("1031000D11A", "IN_SCOPE", "3E"),
        (SECOND_GT, "IN_SCOPE", "2GT"),
        (FOURTH, "OUT", ""),
        ("16610002110", "OUT", ""),
        ("24799999310", "OUT", ""),
        ("99999999990", "TO_DECIDE", ""),
        ("", "TO_DECIDE", ""),
        ("3EME", "TO_DECIDE", ""),
    ],
)
def test_level_is_read_at_the_beginning_of_the_mef_without_a_nomenclature(mef, scope, level):
    load(pupils(eleve(1, CODE_MEF=mef)))
    assert (only().scope, only().level) == (scope, level)


@pytest.mark.parametrize(
    ("facts", "scope"),
    [
        ({"CODE_MEFSTAT": "21160010019"}, "IN_SCOPE"),
        ({"CODE_MEFSTAT": "21170010019"}, "IN_SCOPE"),
        ({"CODE_MEFSTAT": "24340010002"}, "IN_SCOPE"),
        ({"CODE_MEFSTAT": "21150010001"}, "OUT"),
        ({"MEF_RATTACHEMENT": "10310019110"}, "IN_SCOPE"),
        ({"MEF_RATTACHEMENT": FOURTH}, "OUT"),
        ({"CODE_MEFSTAT": "99910000000"}, "TO_DECIDE"),
    ],
)
def test_nomenclature_tells_the_level_better_than_the_code(facts, scope):
    """The formation's statistical code, else that of the national formation it is attached to."""
    national = {"code": "10310019110", "CODE_MEFSTAT": "21160010019"}
    load(pupils(eleve(1, CODE_MEF="1991000D11A")), nomenclature({"code": "1991000D11A", **facts}, national))
    assert only().scope == scope


@pytest.mark.parametrize(
    ("leaves", "scope", "reason"),
    [("11/01/2026", "OUT", "LEFT"), ("12/01/2026", "OUT", "LEFT"), ("13/01/2026", "IN_SCOPE", "LEAVING")],
)
def test_leaver_is_out_from_the_day_itself_as_of_the_export(leaves, scope, reason):
    assert reason in load(pupils(eleve(1, DATE_SORTIE=leaves))).codes()
    assert (only().scope, only().scope_reason) == (scope, reason)


def test_as_of_wins_over_the_export_date():
    load(pupils(eleve(1, DATE_SORTIE="13/01/2026")), as_of=date(2026, 2, 1))
    assert only().scope == "OUT"


@pytest.mark.parametrize("exported", [None, "32/01/2026"])
def test_file_without_a_usable_export_date_is_judged_today_and_says_so(exported, at):
    at("2026-03-01T08:00+01:00")
    report = load(pupils(eleve(1, DATE_SORTIE="28/02/2026"), exported=exported))
    assert report.as_of == date(2026, 3, 1)
    assert "NO_EXPORT_DATE" in report.codes()
    assert only().scope == "OUT"


# --- what changed since -----------------------------------------------------------------------------------------------
def test_level_division_and_name_changes_are_applied_and_listed():
    load(pupils(eleve(1)))
    report = load(pupils(eleve(1, NOM_USAGE="PETIT", CODE_MEF=SECOND_GT), places=[structures(1, "201")]))
    assert {"LEVEL_CHANGED", "PUPIL_CHANGED"} <= report.codes()
    assert (only().level, only().division.code, only().usage_name) == ("2GT", "201", "PETIT")
    assert report.counts["pupils_updated"] == 1


def test_pupil_who_vanished_is_listed_and_left_alone():
    load(pupils(eleve(1), eleve(2)))
    report = load(pupils(eleve(1)))
    assert [a.eleve_id for a in report.anomalies if a.code == "PUPIL_VANISHED"] == [2]
    assert Student.objects.get(siecle_id=2).scope == "IN_SCOPE"
    assert not report.changed


def test_pupil_rejected_this_time_has_not_vanished():
    load(pupils(eleve(1), eleve(2)))
    assert "PUPIL_VANISHED" not in load(pupils(eleve(1), eleve(2, DATE_NAISS=""))).codes()


def test_school_s_decision_about_a_pupil_survives_the_next_import():
    load(pupils(eleve(1), places=[]))
    Student.objects.update(scope="IN_SCOPE", scope_reason="DECIDED")
    report = load(pupils(eleve(1), places=[]))
    assert not report.changed
    assert only().scope == "IN_SCOPE"


def test_scope_opens_again_when_the_file_says_more():
    load(pupils(eleve(1), places=[]))
    assert "SCOPE_CHANGED" in load(pupils(eleve(1))).codes()
    assert only().scope == "IN_SCOPE"
