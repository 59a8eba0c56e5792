"""A file that is not acceptable: a code, a sentence, and nothing changed."""

import zipfile
from pathlib import Path

import pytest

from families.models import School, Student
from siecle_sync.bee import archive
from siecle_sync.bee.anomalies import CATALOGUE, REFUSALS, RefusedFile
from siecle_sync.bee.load import import_files
from tests.factories import campaign
from tests.siecle_sync.bee_builder import (
    UAI,
    YEAR,
    divisions,
    document,
    eleve,
    family,
    nomenclature,
    pupils,
    pupils_text,
    stream,
    zipped,
)

pytestmark = pytest.mark.django_db
NOWHERE = "0990001N"  # no department begins with 099
GOOD = pupils_text([eleve(1)])
BILLION_LAUGHS = GOOD.replace("?>\n", '?>\n<!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n', 1)
EXTERNAL = GOOD.replace("?>\n", '?>\n<!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n', 1)
DEEP = document("BEE_ELEVES", "<ELEVES>" + "<A>" * 20 + "</A>" * 20 + "</ELEVES>")
WIDE = document("BEE_ELEVES", "<ELEVES><ELEVE>" + "<A/>" * 3000 + "</ELEVE></ELEVES>")


def refusal(*files: object, uai: str = UAI, year: int = YEAR, academy: str | None = None) -> str:
    with pytest.raises(RefusedFile) as caught:
        import_files(files, uai=uai, year=year, academy=academy)
    assert not Student.objects.exists()
    assert not School.objects.exists()
    assert str(caught.value).endswith((".", "?"))
    return caught.value.code


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("WRONG_ROOT", GOOD.replace("BEE_ELEVES", "IMPORT_ELEVES")),
        ("WRONG_ROOT", document("BEE_GEOGRAPHIQUE", "")),
        ("WRONG_UAI", pupils_text([eleve(1)], uai="0690002C")),
        ("WRONG_YEAR", pupils_text([eleve(1)], year=2026)),
        ("NO_PARAMETERS", GOOD.replace("PARAMETRES", "PARAMS")),
        ("MALFORMED", GOOD[: len(GOOD) // 2]),
        ("MALFORMED", GOOD.replace("</PRENOM>", "</PRENON>")),
        ("MALFORMED", GOOD.replace("Prénom 1", "&inconnue;")),
        ("DTD", BILLION_LAUGHS),
        ("DTD", EXTERNAL),
        ("OVERSIZED", DEEP),
        ("OVERSIZED", WIDE),
        ("ENCODING_UNKNOWN", GOOD.replace("ISO-8859-15", "UTF-16")),
        ("NO_PUPIL", pupils_text([])),
        ("EMPTY", ""),
    ],
)
def test_file_that_is_not_a_sound_export_is_refused(code, text):
    assert refusal(stream(text)) == code


def test_truncated_file_says_the_line():
    with pytest.raises(RefusedFile, match=r"ligne 1\d"):
        import_files([stream(GOOD[: GOOD.index("</ELEVE>")])], uai=UAI, year=YEAR)


def test_file_resaved_as_utf8_under_a_latin_declaration_is_refused():
    assert refusal(stream(GOOD, encoding="utf-8")) == "ENCODING_BROKEN"


def test_file_encoded_twice_is_refused():
    declared = GOOD.replace("ISO-8859-15", "UTF-8").replace("Prénom", "PrÃ©nom")
    assert refusal(stream(declared, encoding="utf-8")) == "ENCODING_BROKEN"


def test_latin_bytes_under_a_utf8_declaration_are_refused():
    assert refusal(stream(GOOD.replace("ISO-8859-15", "UTF-8"))) == "ENCODING_BROKEN"


def test_honest_utf8_file_is_read():
    text = GOOD.replace("ISO-8859-15", "UTF-8").replace("DURAND", "ŁUKASIK")
    import_files([stream(text, encoding="utf-8")], uai=UAI, year=YEAR)
    assert Student.objects.get().full_name == "Prénom 1 ŁUKASIK"


@pytest.mark.parametrize(
    ("code", "uai"), [("UAI_KEY", "0690001A"), ("UAI_MALFORMED", "69001"), ("UAI_MALFORMED", "069000١B")]
)
def test_mistyped_uai_is_refused_at_entry(code, uai):
    assert refusal(pupils(eleve(1)), uai=uai) == code


def test_uai_may_be_typed_in_lower_case():
    assert import_files([pupils(eleve(1))], uai=UAI.lower(), year=YEAR).uai == UAI


def test_unknown_academy_is_refused():
    assert refusal(pupils(eleve(1), uai=NOWHERE), uai=NOWHERE, academy="98") == "ACADEMY_UNKNOWN"


def test_school_of_an_unknown_department_waits_in_a_provisional_academy():
    report = import_files([pupils(eleve(1), uai=NOWHERE)], uai=NOWHERE, year=YEAR)
    assert "ACADEMY_UNTOLD" in report.codes()
    assert School.objects.get(uai=NOWHERE).academy_id == "99"


def test_school_of_an_unknown_department_already_settled_stays_in_its_academy():
    import_files([pupils(eleve(1), uai=NOWHERE)], uai=NOWHERE, year=YEAR, academy="10")
    report = import_files([pupils(eleve(1), uai=NOWHERE)], uai=NOWHERE, year=YEAR)
    assert (School.objects.get().academy_id, report.changed) == ("10", False)
    assert "ACADEMY_UNTOLD" not in report.codes()


def test_school_leaves_the_provisional_academy_for_the_one_it_is_told():
    import_files([pupils(eleve(1), uai=NOWHERE)], uai=NOWHERE, year=YEAR)
    report = import_files([pupils(eleve(1), uai=NOWHERE)], uai=NOWHERE, year=YEAR, academy="10")
    assert {"SCHOOL_CHANGED"} == report.codes() & {"SCHOOL_CHANGED", "ACADEMY_UNTOLD"}
    assert School.objects.get().academy_id == "10"


def test_school_whose_dossiers_are_open_does_not_leave_the_provisional_academy():
    import_files([pupils(eleve(1), uai=NOWHERE)], uai=NOWHERE, year=YEAR)
    campaign(of=School.objects.get().academy)
    import_files([pupils(eleve(1), uai=NOWHERE)], uai=NOWHERE, year=YEAR)
    with pytest.raises(RefusedFile) as caught:
        import_files([pupils(eleve(1), uai=NOWHERE)], uai=NOWHERE, year=YEAR, academy="10")
    assert caught.value.code == "ACADEMY_MISMATCH"
    assert School.objects.get().academy_id == "99"


@pytest.mark.parametrize(
    ("uai", "academy", "timezone"),
    [("7200001N", "27", "Europe/Paris"), ("9740001H", "28", "Indian/Reunion"), ("0140001A", "70", "Europe/Paris")],
)
def test_academy_and_its_time_zone_come_from_the_department(uai, academy, timezone):
    import_files([pupils(eleve(1), uai=uai)], uai=uai, year=YEAR)
    found = School.objects.get(uai=uai).academy
    assert (found.code, found.timezone) == (academy, timezone)


def test_school_is_not_moved_to_another_academy():
    import_files([pupils(eleve(1))], uai=UAI, year=YEAR)
    with pytest.raises(RefusedFile) as caught:
        import_files([pupils(eleve(1))], uai=UAI, year=YEAR, academy="01")
    assert caught.value.code == "ACADEMY_MISMATCH"


def test_two_files_of_the_same_kind_are_refused():
    assert refusal(pupils(eleve(1)), pupils(eleve(2))) == "SAME_KIND_TWICE"


def test_one_bad_file_among_good_ones_stops_everything():
    assert refusal(pupils(eleve(1)), stream(document("BEE_STRUCTURES", "<DIVISIONS>")[:-30])) == "MALFORMED"


def test_nomenclature_alone_is_not_an_import():
    assert refusal(nomenclature()) == "NOTHING_TO_IMPORT"
    assert refusal() == "NOTHING_TO_IMPORT"


def test_responsables_alone_need_known_pupils():
    assert refusal(family()) == "PUPILS_NEEDED"


def test_structures_alone_relabel_the_known_divisions():
    import_files([pupils(eleve(1))], uai=UAI, year=YEAR)
    report = import_files([divisions(**{"3_A": "TROISIEME A", "4_C": "QUATRIEME"})], uai=UAI, year=YEAR)
    assert report.counts["divisions_updated"] == 1
    assert School.objects.get().divisions.get().label == "TROISIEME A"


def test_missing_files_are_named():
    report = import_files([pupils(eleve(1))], uai=UAI, year=YEAR)
    missing = [anomaly.sentence for anomaly in report.anomalies if anomaly.code == "FILE_MISSING"]
    assert len(missing) == 4


# --- zip --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "members"),
    [
        ("ZIP_SEVERAL_XML", {"a.xml": GOOD, "b.xml": GOOD}),
        ("ZIP_NO_XML", {"__MACOSX/._a.xml": b"x", ".DS_Store": b"x"}),
        ("ZIP_UNSAFE", {"../../etc/a.xml": GOOD}),
        ("ZIP_UNSAFE", {"/etc/a.xml": GOOD}),
        ("ZIP_UNSAFE", {"..\\a.xml": GOOD}),
        ("ZIP_UNSAFE", {"C:/a.xml": GOOD}),
        ("ZIP_TOO_MANY", {f"{number}.txt": b"" for number in range(100)}),
    ],
)
def test_suspect_archive_is_refused(code, members):
    assert refusal(zipped(members)) == code


def test_archive_with_macos_noise_a_renamed_xml_or_a_zip_in_a_zip_is_read():
    noisy = zipped({"dossier/eleves.XML": GOOD, "__MACOSX/dossier/._eleves.XML": b"\0", ".DS_Store": b"\0"})
    nested = zipped({"export.zip": zipped({"sans_extension": GOOD}).getvalue()})
    for made in (noisy, nested):
        assert import_files([made], uai=UAI, year=YEAR).counts["pupils_read"] == 1


def test_zip_bomb_is_stopped_while_it_unfolds(monkeypatch):
    monkeypatch.setattr(archive, "MAX_MEGABYTES", 1)
    bomb = zipped({"a.xml": b" " * 3_000_000})
    assert refusal(bomb) == "TOO_BIG"
    lying = bytearray(bomb.getvalue())
    size = (3_000_000).to_bytes(4, "little")
    assert lying.count(size) == 2
    assert refusal(stream(lying.replace(size, (10).to_bytes(4, "little")).decode("latin-1"), encoding="latin-1")) in {
        "TOO_BIG",
        "ZIP_DAMAGED",
    }


def test_damaged_and_encrypted_archives_are_refused():
    good = zipped({"a.xml": GOOD}).getvalue()
    assert refusal(stream(good[: len(good) // 2].decode("latin-1"), encoding="latin-1")) == "ZIP_DAMAGED"
    locked = bytearray(good)
    for marker, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(marker) + offset] |= 1
    assert zipfile.is_zipfile(stream(locked.decode("latin-1"), encoding="latin-1"))
    assert refusal(stream(locked.decode("latin-1"), encoding="latin-1")) == "ZIP_ENCRYPTED"


def test_missing_path_is_refused(tmp_path: Path):
    assert refusal(tmp_path / "absent.xml") == "UNREADABLE"
    assert refusal(tmp_path) == "UNREADABLE"


def test_every_code_is_told_in_french_with_a_full_stop_or_a_question():
    sentences = [*REFUSALS.values(), *(sentence for _, sentence in CATALOGUE.values() if sentence != "{value}")]
    assert [sentence for sentence in sentences if not sentence.endswith((".", "?"))] == []
