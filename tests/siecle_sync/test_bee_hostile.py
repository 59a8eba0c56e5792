"""Files nobody would make on purpose, and a few somebody might."""

import io
import stat
import zipfile

import pytest

from families.models import Guardianship, School, Student
from siecle_sync.bee.anomalies import RefusedFile
from siecle_sync.bee.load import import_files
from tests.siecle_sync.bee_builder import (
    UAI,
    YEAR,
    communs,
    divisions,
    eleve,
    family,
    lien,
    nomenclature,
    personne,
    persons,
    pupils,
)
from tests.siecle_sync.bee_builder import pupils_text as text

pytestmark = pytest.mark.django_db
GOOD = text([eleve(1)])
BYTES = GOOD.encode("iso8859-15")


def load(*files, **options):
    return import_files(files, **{"uai": UAI, "year": YEAR} | options)


def refusal(content: bytes, **options) -> str:
    with pytest.raises(RefusedFile) as caught:
        load(io.BytesIO(content), **options)
    assert not School.objects.exists()
    return caught.value.code


def archive(member: zipfile.ZipInfo | str, content: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as opened:
        opened.writestr(member, content)
    return made.getvalue()


def link_to_a_secret() -> bytes:
    info = zipfile.ZipInfo("eleves.xml")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return archive(info, b"/etc/passwd")


@pytest.mark.parametrize("year", [0, -1, 1999, 32_768, 99_999])
def test_year_that_is_not_a_school_year_is_refused(year):
    assert refusal(text([eleve(1)], year=year).encode("iso8859-15"), year=year) == "YEAR_UNKNOWN"


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("ENCODING_UNKNOWN", GOOD.replace("ISO-8859-15", "UTF-16").encode("utf-16")),
        ("ENCODING_UNKNOWN", GOOD.replace("ISO-8859-15", "UTF-7").encode("iso8859-15")),
        ("ENCODING_BROKEN", b"\xef\xbb\xbf" + GOOD.encode()),
        ("ENCODING_BROKEN", text([eleve(1, PRENOM="Noé"), eleve(2, PRENOM="NoÃ«l")]).encode("iso8859-15")),
        ("MALFORMED", BYTES.replace(b"DURAND", b"DUR\x01AND")),
        ("MALFORMED", BYTES + b"<encore/>"),
        ("MALFORMED", b"<BEE_ELEVES>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</BEE_ELEVES>"),
        ("OVERSIZED", BYTES.replace(b'ELEVE_ID="1"', b'ELEVE_ID="1" X="' + b"a" * 11_000_000 + b'"', 1)),
        ("MALFORMED", BYTES.replace(b"DURAND", b"A" * 50_000_000)),
        ("WRONG_ROOT", BYTES.replace(b"<BEE_ELEVES", b'<BEE_ELEVES xmlns="urn:autre"')),
        ("MALFORMED", link_to_a_secret()),
        ("MALFORMED", b"a;b;c\n1;2;3"),
        ("MALFORMED", b"  \n"),
    ],
)
def test_hostile_file_is_refused_whole(code, content):
    assert refusal(content) == code


def test_damaged_member_is_a_damaged_archive():
    made = bytearray(archive("e.xml", BYTES))
    made[60:70] = b"Z" * 10
    assert refusal(bytes(made)) == "ZIP_DAMAGED"


def test_every_file_is_read_to_its_end():
    for made in (
        communs(),
        divisions(**{"3_A": "A"}),
        nomenclature({"code": "10310019110"}),
        persons([personne()], [lien()]),
    ):
        content = made.getvalue()
        with pytest.raises(RefusedFile, match="abîmé"):
            load(pupils(eleve(1)), io.BytesIO(content[: content.rindex(b"</")]))
    assert not School.objects.exists()


def test_ine_given_to_another_pupil_leaves_the_first():
    load(pupils(eleve(1)))
    moved = eleve(2, ID_NATIONAL="000000001AA", PRENOM="Zoé", DATE_NAISS="01/01/2011")
    load(pupils(eleve(1, ID_NATIONAL=None), moved))
    assert dict(Student.objects.values_list("siecle_id", "ine")) == {1: "", 2: "000000001AA"}


def test_ine_that_is_only_missing_is_kept():
    load(pupils(eleve(1)))
    load(pupils(eleve(1, ID_NATIONAL=None)))
    assert Student.objects.get().ine == "000000001AA"


def test_two_pupils_whose_identifiers_are_swapped_are_left_as_they_were():
    load(pupils(eleve(1), eleve(2)))
    before = list(Student.objects.order_by("pk").values())
    one, two = (
        {"PRENOM": "Prénom 1", "ID_NATIONAL": "000000001AA"},
        {"PRENOM": "Prénom 2", "ID_NATIONAL": "000000002AA"},
    )
    report = load(pupils(eleve(1, **two), eleve(2, **one)))
    assert report.counts["pupils_rejected"] == 2
    assert list(Student.objects.order_by("pk").values()) == before


def test_statistical_code_too_short_to_tell_a_level_is_not_believed():
    load(pupils(eleve(1)), nomenclature({"code": "10310019110", "CODE_MEFSTAT": "2"}))
    assert Student.objects.get().level == "3E"


def test_empty_level_beside_an_old_rank_is_the_old_shape():
    load(pupils(eleve(1)), family(NIVEAU_RESPONSABILITE="", RESP_LEGAL="1"))
    assert Guardianship.objects.legal().count() == 1


def test_both_shapes_in_one_file_are_each_read_as_they_are():
    old = lien(1, 502, NIVEAU_RESPONSABILITE=None, RESP_LEGAL="2", CODE_PARENTE="1")
    load(pupils(eleve(1)), persons([personne(501), personne(502)], [lien(1, 501), old]))
    assert list(Guardianship.objects.order_by("pk").values_list("level", "kinship")) == [(1, "10"), (1, "20")]


def test_service_typed_as_a_person_is_named_without_a_stray_space():
    load(pupils(eleve(1)), family({"PRENOM": "", "NOM_DE_FAMILLE": "ASE DU RHONE"}, CODE_PARENTE="51"))
    assert Guardianship.objects.get().representative.full_name == "ASE DU RHONE"
