"""A whole académie in one command: files found under a folder, a report a school, nobody held back by another."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from families.models import Guardianship, School, Student
from siecle_sync.bee.folders import sort_files
from siecle_sync.bee.values import uai_key
from tests.siecle_sync.bee_builder import document, eleve, lien, personne, persons, pupils, zipped

pytestmark = pytest.mark.django_db
YEAR = 2025
ONE, TWO, THREE = (f"069000{number}{uai_key(f'069000{number}')}" for number in (1, 2, 3))


def write(path: Path, made: io.BytesIO) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(made.getvalue())
    return path


def school(folder: Path, uai: str, *, count: int = 2, year: int = YEAR) -> None:
    """Two exports with the names that Siècle gives, the same for every school."""
    numbers = range(1, count + 1)
    text = pupils(*map(eleve, numbers), uai=uai, year=year)
    write(folder / "ExportXML_ElevesSansAdresses.zip", zipped({"ElevesSansAdresses.xml": text.getvalue()}))
    links = persons(map(personne, numbers), [lien(n, n) for n in numbers], uai=uai, year=year)
    write(folder / "ResponsablesAvecAdresses.xml", links)


def run(*paths: Path, **options: Any) -> tuple[dict[str, Any], str]:
    """The JSON, and the closing sentence of a failure ("" when every school went in)."""
    out, said = io.StringIO(), ""
    try:
        call_command(
            "siecle_import", *map(str, paths), year=YEAR, json=True, stdout=out, stderr=io.StringIO(), **options
        )
    except CommandError as error:
        said = str(error)
    return json.loads(out.getvalue()), said


def codes(told: dict[str, Any]) -> dict[str, str]:
    return {one["uai"]: one["refused"]["code"] if "refused" in one else "" for one in told["schools"]}


def document_of_divisions(uai: str) -> io.BytesIO:
    return io.BytesIO(document("BEE_STRUCTURES", "<DIVISIONS/>", uai=uai).encode())


@pytest.fixture
def delivered(tmp_path: Path) -> Path:
    for name, uai in (("un", ONE), ("deux", TWO), ("trois", THREE)):
        school(tmp_path / name, uai)
    return tmp_path


def test_each_folder_goes_to_the_school_its_files_name(delivered):
    told, said = run(delivered)
    assert (codes(told), said) == ({ONE: "", TWO: "", THREE: ""}, "")
    assert dict(Student.objects.values_list("school__uai", "siecle_id").distinct()).keys() == {ONE, TWO, THREE}
    assert (told["total"]["imported"], told["total"]["counts"]["pupils_read"]) == (3, 6)
    assert Guardianship.objects.count() == 6


def test_files_of_every_school_in_one_folder_are_told_apart_by_what_they_hold(tmp_path):
    for number, uai in enumerate((ONE, TWO)):
        write(tmp_path / f"a{number}.xml", pupils(eleve(1), uai=uai))
        write(tmp_path / f"b{number}.txt", zipped({"x": persons([personne()], [lien()], uai=uai).getvalue()}))
    told, said = run(tmp_path)
    assert (codes(told), said) == ({ONE: "", TWO: ""}, "")
    assert Guardianship.objects.count() == 2


def test_two_schools_of_the_same_site_may_share_a_folder(tmp_path):
    write(tmp_path / "cité" / "college.xml", pupils(eleve(1), uai=ONE))
    write(tmp_path / "cité" / "lycee.xml", pupils(eleve(1), uai=TWO))
    assert codes(run(tmp_path)[0]) == {ONE: "", TWO: ""}


def test_importing_an_academie_again_changes_nothing(delivered):
    run(delivered)
    told, _ = run(delivered)
    assert (told["total"]["imported"], told["total"]["changed"]) == (3, 0)


def test_rehearsal_of_an_academie_tells_the_same_and_keeps_nothing(delivered):
    rehearsal, _ = run(delivered, dry_run=True)
    assert not School.objects.exists()
    real, _ = run(delivered)
    assert rehearsal["total"] == real["total"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("ResponsablesAvecAdresses.xml", b"<BEE_RESPONSABLES>", "MALFORMED"),
        ("ResponsablesAvecAdresses.xml", b"<BEE_RESP", "WRONG_ROOT"),
        ("Structures.zip", b"PK\x03\x04 tronquee", "ZIP_DAMAGED"),
        ("autre.xml", pupils(eleve(9), uai=TWO).getvalue(), "SAME_KIND_TWICE"),
        ("Structures.xml", document("BEE_STRUCTURES", "", uai=TWO, year=2024).encode(), "WRONG_YEAR"),
        ("Structures.xml", b"", "EMPTY"),
    ],
)
def test_school_with_a_bad_file_is_refused_whole_and_alone(delivered, name, content, code):
    (delivered / "deux" / name).write_bytes(content)
    told, said = run(delivered)
    assert codes(told) == {ONE: "", TWO: code, THREE: ""}
    assert said
    assert set(School.objects.values_list("uai", flat=True)) == {ONE, THREE}


def test_bad_file_among_those_of_several_schools_is_reported_by_itself(delivered):
    for name, uai in (("a.xml", ONE), ("b.xml", TWO)):
        write(delivered / "cité" / name, document_of_divisions(uai))
    (delivered / "cité" / "c.xml").write_bytes(b"<BEE_RESPONSABLES>")
    told, said = run(delivered)
    assert [one["code"] for one in told["total"]["files_refused"]] == ["MALFORMED"]
    assert (codes(told), said != "") == ({ONE: "", TWO: "", THREE: ""}, True)


def test_file_of_an_unknown_school_is_a_failure_that_says_which_file(delivered):
    write(delivered / "quatre" / "perdu.xml", pupils(eleve(1), uai="0690001A"))
    told, said = run(delivered)
    (refused,) = told["total"]["files_refused"]
    assert (refused["code"], said != "") == ("UAI_KEY", True)
    assert told["total"]["imported"] == 3


@pytest.fixture
def stumbling() -> Iterator[None]:
    """A database that takes no school of this UAI."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE FUNCTION stumble() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END'")
        cursor.execute(
            "CREATE TRIGGER stumble BEFORE INSERT ON families_school FOR EACH ROW "
            f"WHEN (NEW.uai = '{TWO}') EXECUTE FUNCTION stumble()"
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION stumble CASCADE")


@pytest.mark.django_db(transaction=True)
def test_school_the_database_refuses_holds_back_no_other(stumbling, delivered):
    told, said = run(delivered)
    assert codes(told) == {ONE: "", TWO: "UNEXPECTED", THREE: ""}
    assert said


def test_what_is_not_for_this_import_is_named_and_left_aside(delivered):
    write(delivered / "un" / "Geographique.xml", io.BytesIO(document("BEE_GEOGRAPHIQUE", "", uai=ONE).encode()))
    (delivered / "un" / "lisez-moi.txt").write_text("bonjour")
    (delivered / "un" / "._ElevesSansAdresses.xml").write_bytes(b"\0")
    told, said = run(delivered)
    assert said == ""
    assert told["total"]["files_aside"] == ["un/Geographique.xml", "un/lisez-moi.txt"]


def test_archive_and_what_was_taken_out_of_it_are_one_file(delivered):
    write(delivered / "un" / "ElevesSansAdresses.xml", pupils(*map(eleve, (1, 2)), uai=ONE))
    told, said = run(delivered)
    assert (said, len(told["total"]["files_aside"])) == ("", 1)


def test_links_are_not_followed_out_of_the_folder(delivered, tmp_path_factory):
    outside = tmp_path_factory.mktemp("ailleurs")
    school(outside, "0690004E")
    (delivered / "un" / "lien.xml").symlink_to(outside / "ResponsablesAvecAdresses.xml")
    (delivered / "lien").symlink_to(outside)
    assert codes(run(delivered)[0]) == {ONE: "", TWO: "", THREE: ""}


def test_folder_that_is_missing_or_empty_is_a_failure(tmp_path):
    with pytest.raises(CommandError, match="UNREADABLE"):
        call_command("siecle_import", str(tmp_path / "absent"), year=YEAR, stderr=io.StringIO())
    told, said = run(tmp_path)
    assert (told["schools"], told["total"]["imported"], said != "") == ([], 0, True)


def test_same_names_in_two_folders_are_told_apart_in_the_sentences(tmp_path):
    school(tmp_path / "mars", ONE)
    school(tmp_path / "avril", ONE, count=3)
    ((refused,),) = [[one["refused"] for one in run(tmp_path)[0]["schools"]]]
    assert refused["code"] == "SAME_KIND_TWICE"
    assert {"avril", "mars"} <= set(refused["sentence"].replace("/", " ").split())


def test_text_has_the_report_of_each_school_then_the_total(delivered):
    (delivered / "deux" / "Structures.xml").write_bytes(b"")
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("siecle_import", str(delivered), year=YEAR, stdout=out, stderr=io.StringIO())
    text = out.getvalue()
    assert text.index(f"établissement {ONE}") < text.index(f"établissement {THREE}") < text.index("Total")


def test_sorting_looks_at_every_file_once(delivered):
    looked = []
    sort_files([delivered], track=lambda files: looked.extend(files) or files)
    assert len(looked) == 6
