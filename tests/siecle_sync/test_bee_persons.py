"""Quirks of the responsables' file: who acts (ACC-02), whose address is whose (ACC-09), which links begin and end."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from families.models import Guardianship, Representative, School, Student
from ledger import clock
from ledger.models import Delivery, LetterState, OutgoingEmail
from siecle_sync.bee.load import import_files
from siecle_sync.bee.report import ImportReport
from tests import factories
from tests.siecle_sync.bee_builder import UAI, YEAR, communs, eleve, family, lien, personne, persons, pupils

pytestmark = pytest.mark.django_db


def load(*files: Any) -> ImportReport:
    return import_files(files, uai=UAI, year=YEAR)


def person() -> Representative:
    return Representative.objects.get()


def link() -> Guardianship:
    return Guardianship.objects.get()


@pytest.fixture
def pupil() -> Student:
    load(pupils(eleve(1)))
    return Student.objects.get()


# --- who acts ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("level", [1, 2, 3])
def test_levels_two_and_three_are_linked_without_access(pupil, level):
    load(family(NIVEAU_RESPONSABILITE=level))
    assert link().level == level
    assert Guardianship.objects.legal().exists() is (level == 1)


@pytest.mark.parametrize(("rank", "level"), [("1", 1), ("2", 1), ("0", 3), ("", 3), (None, 3)])
@pytest.mark.parametrize("payment", ["PERS_PAIEMENT", "PERS_PAIMENT"])
def test_old_ranks_one_and_two_are_legal(pupil, rank, level, payment):
    report = load(family(NIVEAU_RESPONSABILITE=None, RESP_LEGAL=rank, CODE_PARENTE="2", **{payment: "1"}))
    assert "OLD_SHAPE" in report.codes()
    assert (link().level, link().kinship) == (level, "10")


@pytest.mark.parametrize("level", ["4", "", "légal"])
def test_unreadable_level_gives_no_link_and_takes_none_away(pupil, level):
    assert "LINK_LEVEL_INVALID" in load(family(NIVEAU_RESPONSABILITE=level)).codes()
    assert not Guardianship.objects.exists()
    load(family())
    load(family(NIVEAU_RESPONSABILITE=level))
    assert (link().level, link().ended_on) == (1, None)


def test_unknown_kinship_is_dropped_and_reported(pupil):
    assert "KINSHIP_UNKNOWN" in load(family(CODE_PARENTE="99")).codes()
    assert (link().level, link().kinship) == (1, "")


def test_pupil_without_any_legal_representative_is_reported(pupil):
    assert "NO_LEGAL" in load(family(NIVEAU_RESPONSABILITE="3")).codes()


def test_pupil_of_age_their_own_responsible_keeps_the_row():
    load(pupils(eleve(1, DATE_NAISS="03/01/2008")), family(CODE_PARENTE="70"))
    assert (link().level, link().kinship) == (1, "70")


def test_two_legal_of_the_same_old_rank_are_both_kept(pupil):
    links = [lien(1, number, NIVEAU_RESPONSABILITE=None, RESP_LEGAL="1", PERS_CONTACT="0") for number in (501, 502)]
    assert "LEGAL_RANK_TWICE" in load(persons([personne(501), personne(502)], links)).codes()
    assert Guardianship.objects.legal().count() == 2


def test_link_typed_twice_keeps_the_strongest_level(pupil):
    links = [lien(1, 501, NIVEAU_RESPONSABILITE="3"), lien(1, 501)]
    assert "LINK_TWICE" in load(persons([personne(501)], links)).codes()
    assert link().level == 1


# --- persons ----------------------------------------------------------------------------------------------------------
def test_civility_names_and_nothing_more_are_kept(pupil):
    load(family({"NOM_DE_FAMILLE": None, "NOM": "'ROUX'", "LC_CIVILITE": "MLLE", "NOM_USAGE": ""}))
    assert (person().civility, person().family_name, person().usage_name) == ("Mme", "ROUX", "")


def test_empty_person_is_rejected(pupil):
    assert "PERSON_EMPTY" in load(family({"NOM_DE_FAMILLE": "", "PRENOM": ""})).codes()
    assert not Representative.objects.exists()


def test_service_without_a_first_name_is_kept(pupil):
    load(family({"NOM_DE_FAMILLE": "SERVICE ASE", "PRENOM": ""}, CODE_PARENTE="51"))
    assert person().family_name == "SERVICE ASE"


def test_person_linked_to_nobody_is_reported_and_not_stored(pupil):
    report = load(persons([personne(501), personne(502)], [lien(1, 501)]))
    assert "PERSON_WITHOUT_PUPIL" in report.codes()
    assert person().siecle_id == 501


def test_links_to_unknown_pupils_and_unknown_persons_are_reported(pupil):
    report = load(persons([personne(501)], [lien(1, 501), lien(999, 501), lien(1, 888)]))
    assert [a.eleve_id for a in report.anomalies if a.code == "LINK_TO_UNKNOWN_PUPIL"] == [999]
    assert [a.eleve_id for a in report.anomalies if a.code == "LINK_TO_UNKNOWN_PERSON"] == [1]
    assert link().representative.siecle_id == 501


def test_personne_id_given_to_two_people_rejects_both(pupil):
    assert "PERSON_TWICE" in load(persons([personne(501), personne(501, PRENOM="Autre")], [lien()])).codes()
    assert not Representative.objects.exists()


@pytest.mark.parametrize(
    "values", [{"NOM_DE_FAMILLE": "INCONNU", "PRENOM": "Autre"}, {"LC_CIVILITE": "M.", "PRENOM": "Luc"}]
)
def test_personne_id_retyped_with_somebody_else_hands_no_account_over(pupil, values):
    load(family())
    assert "PERSON_IDENTITY_CHANGED" in load(family(values)).codes()
    assert person().full_name == "Parent 501 DURAND"


def test_corrected_first_name_is_applied_and_listed(pupil):
    load(family())
    assert "PERSON_CHANGED" in load(family({"PRENOM": "Parente"})).codes()
    assert person().first_name == "Parente"


# --- e-mail addresses -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("typed", ["pas une adresse", "a@b", "@exemple.invalid", "deux@adresses@exemple.invalid"])
def test_invalid_address_is_dropped_reported_and_erases_nothing(pupil, typed):
    load(family({"MEL": "bonne@exemple.invalid"}))
    assert "EMAIL_INVALID" in load(family({"MEL": typed})).codes()
    assert person().email == "bonne@exemple.invalid"


def test_address_is_cleaned_and_its_case_is_no_news(pupil):
    load(family({"MEL": " Jean.Dupont@EXEMPLE.Invalid; "}))
    assert person().email == "Jean.Dupont@exemple.invalid"
    assert not load(family({"MEL": "JEAN.DUPONT@exemple.invalid"})).changed


def test_address_of_siecle_is_followed_until_somebody_confirms_one(pupil):
    load(family({"MEL": "un@exemple.invalid"}))
    load(family({"MEL": "deux@exemple.invalid"}))
    assert person().email == "deux@exemple.invalid"
    load(family({"MEL": ""}))
    assert person().email == ""


def test_a_new_address_is_tried_though_the_one_before_was_refused(pupil):
    load(family({"MEL": "un@exemple.invalid"}))
    Representative.objects.update(email_refused_at=datetime(2026, 1, 20, tzinfo=UTC))
    load(family({"MEL": "UN@exemple.invalid"}))
    assert person().email_refused_at is not None
    load(family({"MEL": "deux@exemple.invalid"}))
    assert person().email_refused_at is None


def test_what_came_back_from_the_address_before_leaves_again_to_the_new_one(pupil):
    load(family({"MEL": "un@exemple.invalid"}))
    letter = OutgoingEmail.objects.create(
        kind="opinions_available", recipient_uuid=person().uuid, dedup_key="avis", state=LetterState.ASIDE,
        delivery=Delivery.BOUNCED, created_at=clock.now(), not_before=clock.now(),
    )  # fmt: skip
    Representative.objects.update(email_refused_at=clock.now())
    load(family({"MEL": "un@exemple.invalid", "PRENOM": "Parente"}))
    assert OutgoingEmail.objects.get(pk=letter.pk).state == LetterState.ASIDE
    load(family({"MEL": "deux@exemple.invalid"}))
    assert OutgoingEmail.objects.get(pk=letter.pk).state == LetterState.READY


def test_confirmed_address_is_never_overwritten_and_the_difference_is_listed(pupil):
    load(family({"MEL": "un@exemple.invalid"}))
    confirmed = {"email": "moi@exemple.invalid", "email_confirmed_at": datetime(2026, 1, 20, tzinfo=UTC)}
    Representative.objects.update(**confirmed)
    assert "EMAIL_DIFFERS" in load(family({"MEL": "deux@exemple.invalid"})).codes()
    assert (person().email, person().siecle_email) == ("moi@exemple.invalid", "deux@exemple.invalid")


def test_address_filled_in_by_the_school_survives_until_siecle_says_something_new(pupil):
    load(family({"MEL": None}))
    Representative.objects.update(email="ecole@exemple.invalid")
    load(family({"MEL": None}))
    assert person().email == "ecole@exemple.invalid"
    load(family({"MEL": "nouveau@exemple.invalid"}))
    assert person().email == "nouveau@exemple.invalid"


def test_shared_and_missing_addresses_are_listed(pupil):
    people = [
        personne(501, MEL="nous@exemple.invalid"),
        personne(502, MEL="NOUS@exemple.invalid"),
        personne(503, MEL=""),
    ]
    report = load(persons(people, [lien(1, number) for number in (501, 502, 503)]))
    assert {"EMAIL_SHARED", "EMAIL_MISSING", "MORE_THAN_TWO_LEGAL"} <= report.codes()


# --- links in time ----------------------------------------------------------------------------------------------------
def test_link_that_vanished_ends_on_the_day_of_the_export_and_comes_back(pupil):
    both = persons([personne(501), personne(502)], [lien(1, 501), lien(1, 502)])
    load(both)
    report = load(family())
    assert "LINK_ENDED" in report.codes()
    ended = Guardianship.objects.get(representative__siecle_id=502)
    assert ended.ended_on == date(2026, 1, 12)
    assert not load(family()).changed
    both.seek(0)
    assert "LINK_REOPENED" in load(both).codes()
    assert Guardianship.objects.legal().count() == 2


def test_links_of_a_pupil_absent_from_the_responsables_are_kept_and_reported():
    load(pupils(eleve(1), eleve(2)), persons([personne(501), personne(502)], [lien(1, 501), lien(2, 502)]))
    report = load(pupils(eleve(1), eleve(2)), family())
    assert [a.eleve_id for a in report.anomalies if a.code == "LINKS_ABSENT"] == [2]
    assert Guardianship.objects.legal().count() == 2


def test_change_of_level_takes_access_away_and_is_listed(pupil):
    load(family())
    assert "LINK_LEVEL_CHANGED" in load(family(NIVEAU_RESPONSABILITE="2")).codes()
    assert not Guardianship.objects.legal().exists()


def test_parents_of_a_child_whose_eleve_id_was_reused_reach_nobody(pupil):
    load(family())
    other = pupils(eleve(1, NOM_DE_FAMILLE="AUTRE", PRENOM="Enfant", DATE_NAISS="01/01/2010"))
    load(other, persons([personne(777)], [lien(1, 777)]))
    assert list(Guardianship.objects.legal().values_list("representative__siecle_id", flat=True)) == [501]


def test_parents_of_a_pupil_who_left_keep_their_link_and_are_not_collected_anew(pupil):
    load(family())
    left = pupils(eleve(1, DATE_SORTIE="01/12/2025"), eleve(2, DATE_SORTIE="01/12/2025"))
    load(left, persons([personne(501), personne(502)], [lien(1, 501), lien(2, 502)]))
    assert person().siecle_id == 501
    assert link().ended_on is None


# --- the school -------------------------------------------------------------------------------------------------------
def test_school_gets_a_provisional_name_until_communs_comes():
    assert "SCHOOL_NAME_MISSING" in load(pupils(eleve(1))).codes()
    assert "SCHOOL_CHANGED" in load(communs(TELEPHONE="01 00 00 00 00", MEL_1="ce@exemple.invalid")).codes()
    school = School.objects.get()
    assert (school.name, school.phone, school.email) == ("COLLEGE IMAGINAIRE", "01 00 00 00 00", "ce@exemple.invalid")


def test_communs_keeps_a_better_typed_name_and_what_the_school_filled_in():
    factories.school(uai=UAI, name="Collège imaginaire", phone="09")
    load(communs(TELEPHONE="01"))
    assert (School.objects.get().name, School.objects.get().phone) == ("Collège imaginaire", "09")
