"""Quirks of real files that the other tests do not already show; docs/import-siecle.md lists them all."""

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from families.models import Division, Guardianship, Representative, School, Student
from siecle_sync.bee.anomalies import RefusedFile
from siecle_sync.bee.load import import_files
from siecle_sync.bee.report import ImportReport
from tests.siecle_sync.bee_builder import (
    UAI,
    YEAR,
    communs,
    document,
    eleve,
    family,
    lien,
    personne,
    persons,
    pupils,
    pupils_text,
    stream,
    structures,
    tags,
)

pytestmark = pytest.mark.django_db
OTHER = "0690002C"
DOCUMENT = settings.BASE_DIR / "docs" / "import-siecle.md"


def load(*files: Any, uai: str = UAI) -> ImportReport:
    return import_files(files, uai=uai, year=YEAR)


def refusal(content: bytes) -> RefusedFile:
    with pytest.raises(RefusedFile) as caught:
        load(io.BytesIO(content))
    assert not School.objects.exists()
    return caught.value


# --- how the pieces are joined ----------------------------------------------------------------------------------------
def test_blocks_are_joined_by_eleve_id_whatever_their_order():
    blocks = (
        f"<STRUCTURES>{structures(2, '3 B')}{structures(1, '3 A')}</STRUCTURES>",
        f"<ELEVES>{eleve(1)}{eleve(2)}</ELEVES>",
    )
    load(stream(document("BEE_ELEVES", "".join(blocks))))
    assert dict(Student.objects.values_list("siecle_id", "division__code")) == {1: "3 A", 2: "3 B"}


def test_identifiers_are_read_as_attributes_or_as_children():
    child = eleve(1).replace('<ELEVE ELEVE_ID="1">', "<ELEVE><ELEVE_ID>1</ELEVE_ID>")
    person = personne(501).replace('<PERSONNE PERSONNE_ID="501">', "<PERSONNE><PERSONNE_ID>501</PERSONNE_ID>")
    link = (
        lien(1, 501)
        .replace("<RESPONSABLE_ELEVE>", '<RESPONSABLE_ELEVE ELEVE_ID="1">')
        .replace("<ELEVE_ID>1</ELEVE_ID>", "")
    )
    load(pupils(child, places=[structures(1, "3 A")]), persons([person], [link]))
    assert Guardianship.objects.values_list("student__siecle_id", "representative__siecle_id").get() == (1, 501)


def test_school_s_own_number_elenoet_is_never_the_key():
    """It repeats, or is missing: the pupils are still two."""
    load(pupils(eleve(1, ELENOET="44"), eleve(2, ELENOET="44"), eleve(3, ELENOET=None)))
    assert Student.objects.count() == 3


def test_same_adresse_id_in_two_files_means_nothing_as_no_address_is_read():
    block = '<ADRESSES><ADRESSE ADRESSE_ID="7"><LIGNE1_ADRESSE>RUE SECRETE</LIGNE1_ADRESSE></ADRESSE></ADRESSES>'
    with_addresses = pupils_text([eleve(1, ADRESSE_ID="7")]).replace("<BOURSES/>", block)
    people = (
        persons([personne(501, ADRESSE_ID="7")], [lien()])
        .getvalue()
        .replace(b"</RESPONSABLES>", b"</RESPONSABLES>" + block.encode())
    )
    load(stream(with_addresses), io.BytesIO(people))
    rows = [*Student.objects.values(), *Representative.objects.values(), *School.objects.values()]
    assert len(rows) == 3
    assert "SECRETE" not in str(rows)


# --- who is who -------------------------------------------------------------------------------------------------------
def test_same_identifiers_in_two_schools_are_other_people():
    for uai in (UAI, OTHER):
        load(pupils(eleve(1), uai=uai), persons([personne()], [lien()], uai=uai), uai=uai)
    assert (Student.objects.count(), Representative.objects.count(), Guardianship.objects.count()) == (2, 2, 2)


def test_eleve_id_wins_over_an_ine_that_was_corrected():
    load(pupils(eleve(1), eleve(2)))
    before = Student.objects.get(siecle_id=1).pk
    load(pupils(eleve(1, ID_NATIONAL="000000009AA"), eleve(2)))
    assert Student.objects.values_list("pk", "ine").get(siecle_id=1) == (before, "000000009AA")


def test_known_pupil_matched_by_two_pupils_of_a_file_is_neither_of_them():
    load(pupils(eleve(1)))
    twice = [eleve(number, ID_NATIONAL="000000001AA", PRENOM=f"Autre {number}") for number in (7, 8)]
    report = load(pupils(*twice))
    assert {"INE_TWICE", "PUPIL_VANISHED"} <= report.codes()
    assert set(Student.objects.values_list("siecle_id", flat=True)) == {1, 7, 8}


def test_name_and_birth_date_alone_recognise_nobody():
    load(pupils(eleve(1, ID_NATIONAL=None)))
    report = load(pupils(eleve(7, ID_NATIONAL=None, PRENOM="Prénom 1")))
    assert "PUPIL_VANISHED" in report.codes()
    assert Student.objects.count() == 2


# --- classes ----------------------------------------------------------------------------------------------------------
def test_file_of_before_the_classes_are_made_lists_every_pupil_for_the_school_to_decide():
    load(stream(document("BEE_ELEVES", f"<ELEVES>{eleve(1)}{eleve(2)}</ELEVES>")))
    assert set(Student.objects.values_list("scope", "scope_reason")) == {("TO_DECIDE", "NO_DIVISION")}
    assert not Division.objects.exists()


# --- people and texts -------------------------------------------------------------------------------------------------
def test_person_without_adresse_id_telephone_nor_mel_is_a_responsable_like_another():
    report = load(pupils(eleve(1)), family({"TEL_PORTABLE": None, "MEL": None, "ADRESSE_ID": None}))
    assert "EMAIL_MISSING" in report.codes()
    assert Guardianship.objects.legal().count() == 1


def test_label_with_quotes_and_double_spaces_is_cleaned():
    label = "<LIBELLE_LONG> 'TROISIEME  \"A\"' </LIBELLE_LONG>"
    body = f'<DIVISIONS><DIVISION CODE_STRUCTURE="3 A">{label}</DIVISION></DIVISIONS>'
    load(pupils(eleve(1)), stream(document("BEE_STRUCTURES", body)))
    assert Division.objects.get().label == "TROISIEME A"


@pytest.mark.parametrize("typed", ["+33612345678", "01.00.00.00.00", "01 00 00 00 00", "0100000000"])
def test_telephone_is_kept_as_it_is_typed(typed):
    load(pupils(eleve(1)), communs(TELEPHONE=f" {typed} "))
    assert School.objects.get().phone == typed


def test_address_in_capitals_is_kept_without_its_double_spaces():
    lines = {"LIGNE1_ADRESSE": "1  RUE DE L'EXEMPLE", "CODE_POSTAL": "69001", "LIBELLE_POSTAL": "LYON  01"}
    load(pupils(eleve(1)), communs(**lines))
    assert School.objects.get().address == "1 RUE DE L'EXEMPLE, 69001 LYON 01"


def test_odd_tags_and_a_version_nobody_knows_stop_nothing():
    text = pupils_text([eleve(1, TAG_DE_2027="x")], version="42").replace(
        "<BOURSES/>", "<NOUVEAU><BLOC><X>1</X></BLOC></NOUVEAU>"
    )
    assert load(stream(text)).counts["pupils_in_scope"] == 1


@pytest.mark.parametrize("header", [{"DATE_EXPORT": "12/01/2026"}, {"HORODATAGE": "12/01/2026 07:30:00"}])
def test_day_of_the_export_is_in_either_tag(header):
    dates = tags(header)
    text = pupils_text([eleve(1)], exported=None).replace("</PARAMETRES>", f"{dates}</PARAMETRES>")
    assert f"{load(stream(text)).as_of:%d/%m/%Y}" == "12/01/2026"


# --- files ------------------------------------------------------------------------------------------------------------
def test_file_recognised_by_its_root_whatever_its_name():
    report = load(stream(pupils_text([eleve(1)]), "ResponsablesAvecAdresses (1).txt"))
    assert report.counts["pupils_read"] == 1


def test_mismatched_tag_is_refused_with_its_line():
    lines = pupils_text([eleve(1)]).split("\n")
    number = next(n for n, line in enumerate(lines, start=1) if "<PRENOM>" in line)
    text = "\n".join(lines).replace("</PRENOM>", "</PRENON>")
    assert refusal(text.encode("iso8859-15")).values["line"] == number


def spreadsheet(*members: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for member in members:
            archive.writestr(member, "<x/>")
    return made.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500,
        spreadsheet("[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"),
        spreadsheet("mimetype", "content.xml", "styles.xml"),
    ],
)
def test_spreadsheet_has_no_identifier_and_is_refused_as_such(content):
    assert refusal(content).code == "SPREADSHEET"


def test_csv_is_refused():
    assert refusal("Sexe;Pays Nat.;Elève No Etab\nM;100;44\n".encode("cp1252")).code == "MALFORMED"


# --- the document -----------------------------------------------------------------------------------------------------
def quoted_tests() -> list[tuple[str, str]]:
    return re.findall(r"`(test_bee_\w+\.py)::(test_\w+)`", DOCUMENT.read_text())


def test_document_names_tests_that_exist():
    here = Path(__file__).parent
    missing = [f"{file}::{name}" for file, name in quoted_tests() if f"def {name}(" not in (here / file).read_text()]
    assert missing == []


def test_document_has_a_row_for_each_quirk():
    rows = re.findall(r"^\| (9\.\d+) \| [^|]+ \| `test_bee_", DOCUMENT.read_text(), re.MULTILINE)
    assert set(rows) == {f"9.{number}" for number in range(1, 13)}
