"""« Importer les fichiers de Siècle »: the preview, what is agreed to, what is refused, what is kept or not."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from families.models import Guardianship, Representative, School, Student
from ledger import clock
from ledger.models import JournalEntry
from siecle_sync import tasks, uploads
from siecle_sync.admin.import_form import MOST_FILES, UploadForm
from siecle_sync.bee.load import import_files
from siecle_sync.bee.report import ImportReport
from siecle_sync.locks import IMPORT
from siecle_sync.models import SiecleImport
from siecle_sync.uploads import UploadRefused, hand_in
from tests import factories
from tests.admin.importing import (
    IMPORT_PAGE,
    UPLOAD,
    confirms,
    counts,
    emptied,
    files,
    hands_in,
    last,
    shown,
    told,
)
from tests.admin.world import client_of, page
from tests.siecle_sync.bee_builder import (
    UAI,
    YEAR,
    eleve,
    family,
    lien,
    personne,
    persons,
    pupils,
    stream,
    structures,
    zipped,
)

pytestmark = pytest.mark.django_db(databases=["default", "siecle_mock"])
At = Callable[[Any], None]


@pytest.fixture
def school(at: At) -> School:
    at(factories.DURING_INTENTIONS)
    return factories.school(uai=UAI)


@pytest.fixture
def client(school: School) -> Client:
    return client_of(factories.staff(school, "SECRETARY"))


# --- the preview, then the import -------------------------------------------------------------------------------------
def test_the_preview_says_what_would_change_line_by_line_and_changes_nothing(client: Client, school: School) -> None:
    response = hands_in(client, school)
    assert last().state == "PREVIEW"
    assert not Student.objects.exists()
    assert not JournalEntry.objects.filter(verb="siecle_import").exists()
    figures = dict(response.context["figures"])
    assert figures["Élèves"] == [2, 1, 0, 0, 0]
    assert figures["Responsables"] == [1, 1, 0, "–", "–"]
    [missing] = [one for one in response.context["page"] if one["code"] == "BIRTH_DATE_MISSING"]
    assert missing["file"] == "ElevesSansAdresses.xml"
    assert missing["line"] > 1
    assert missing["sentence"] in response.content.decode()


def test_what_is_confirmed_is_imported_signed_and_reported_and_the_files_are_emptied(
    client: Client, school: School
) -> None:
    hands_in(client, school)
    before = last().report
    head = factories.staff(school, "HEAD")
    response = confirms(client_of(head))
    done = last()
    assert done.state == "DONE"
    assert done.report["counts"] == before["counts"]
    assert done.report["anomalies"] == before["anomalies"]
    assert Student.objects.get().siecle_id == 1
    assert Representative.objects.get().siecle_id == 501
    assert JournalEntry.objects.get(verb="siecle_import").actor_uuid == head.uuid
    assert response.context["confirmed_by"] == head
    assert emptied(done)
    assert "pupils" not in done.report


def test_the_same_files_again_are_said_to_change_nothing(client: Client, school: School) -> None:
    hands_in(client, school)
    confirms(client)
    response = hands_in(client, school)
    assert response.context["changed"] is False
    assert dict(response.context["figures"])["Élèves"] == [2, 0, 0, 1, 0]


def test_a_pupil_who_vanished_and_one_who_changed_are_told_apart(client: Client, school: School) -> None:
    hands_in(client, school, pupils(eleve(1), eleve(2), eleve(3)))
    confirms(client)
    response = hands_in(client, school, pupils(eleve(1), eleve(2, PRENOM="Autre")))
    assert dict(response.context["figures"])["Élèves"] == [2, 0, 1, 1, 1]
    assert "PUPIL_VANISHED" in {one["code"] for one in response.context["page"]}
    told = response.context["told"]
    assert (told["added"], told["changed"], told["vanished"], told["ended"]) == (0, 1, 1, 0)


def test_a_preview_says_first_how_many_would_lose_their_access(client: Client, school: School) -> None:
    hands_in(client, school, pupils(eleve(1), eleve(2)), family())
    confirms(client)
    other = persons([personne(502)], [lien(1, 502)])
    response = hands_in(client, school, pupils(eleve(1), eleve(2)), other)
    assert response.context["told"]["ended"] == 1
    assert Guardianship.objects.get().ended_on is None


def test_a_report_leads_to_what_is_next_and_only_who_works_there(client: Client, school: School) -> None:
    hands_in(client, school, pupils(eleve(1), eleve(2), places=[structures(1, "3 A")]))
    done = confirms(client)
    assert done.context["told"]["to_decide"] == 1
    undecided = f"{reverse('admin:families_student_changelist')}?school__id__exact={school.pk}&scope__exact=TO_DECIDE"
    assert undecided.replace("&", "&amp;") in done.content.decode()
    assert len(client.get(undecided).context["cl"].result_list) == 1
    reads = page(client_of(factories.staff(school, "READER")), IMPORT_PAGE, last().pk).content.decode()
    assert undecided.replace("&", "&amp;") not in reads
    assert reverse(f"admin:{UPLOAD}", args=[school.pk]) not in reads


def test_archives_are_taken_as_they_are(client: Client, school: School) -> None:
    content = pupils(eleve(1)).getvalue()
    hands_in(client, school, zipped({"eleves.xml": content}))
    assert last().state == "PREVIEW"
    assert counts(last())["pupils_created"] == 1


# --- what is agreed to is what was seen ------------------------------------------------------------------------------
def test_data_that_changed_since_the_preview_are_shown_again_and_nothing_is_imported(
    client: Client, school: School
) -> None:
    hands_in(client, school)
    import_files([pupils(eleve(1), eleve(2))], uai=UAI, year=YEAR)
    response = confirms(client)
    assert response.context["notice"] == "PREVIEW_CHANGED"
    assert last().state == "PREVIEW"
    assert not Representative.objects.exists()
    assert "pupils_created" not in counts(last())
    assert not emptied(last())
    confirms(client)
    assert last().state == "DONE"
    assert Representative.objects.count() == 1


def test_who_confirms_another_preview_than_the_last_reads_the_last(client: Client, school: School) -> None:
    response = hands_in(client, school)
    seen = response.context["seen"]
    import_files([pupils(eleve(1), eleve(2))], uai=UAI, year=YEAR)
    confirms(client)
    assert told(confirms(client, seen)) == ["PREVIEW_CHANGED"]
    assert last().state == "PREVIEW"


def test_an_import_is_confirmed_once(client: Client, school: School) -> None:
    seen = hands_in(client, school).context["seen"]
    confirms(client, seen)
    assert told(confirms(client, seen)) == ["OVER"]
    assert JournalEntry.objects.filter(verb="siecle_import").count() == 1


def test_what_cannot_be_noted_as_done_is_not_imported(school: School) -> None:
    """One transaction writes the pupils and says so: who is killed between both has done neither."""
    with pytest.raises(UploadRefused):
        import_files(files(), uai=UAI, year=YEAR, agree=refuses)
    assert not Student.objects.exists()
    assert not JournalEntry.objects.filter(verb="siecle_import").exists()


def refuses(report: ImportReport) -> None:
    raise UploadRefused("OVER")


# --- one at a time ----------------------------------------------------------------------------------------------------
def test_a_second_preview_says_that_one_is_under_way(client: Client, school: School) -> None:
    hand_in([("eleves.xml", pupils(eleve(1)))], school=school, year=YEAR, user=factories.staff(school))
    assert page(client, UPLOAD, school.pk).context["busy"] == last()
    assert told(hands_in(client, school)) == ["UNDER_WAY"]
    assert SiecleImport.objects.count() == 1


def test_another_school_is_not_kept_waiting(school: School) -> None:
    other = factories.school()
    for one in (school, other):
        hand_in([("eleves.xml", pupils(eleve(1)))], school=one, year=YEAR, user=factories.staff(one))
    assert SiecleImport.objects.filter(state="READING").count() == 2


def test_new_files_take_the_place_of_a_preview_nobody_confirmed(client: Client, school: School, at: At) -> None:
    hands_in(client, school)
    former = last()
    at(clock.now() + timedelta(minutes=1))
    hands_in(client, school, pupils(eleve(1)))
    former.refresh_from_db()
    assert former.state == "DROPPED"
    assert emptied(former)
    assert last().state == "PREVIEW"


@pytest.mark.django_db(transaction=True, databases=["default", "siecle_mock"])
def test_what_a_worker_is_at_is_left_to_it(school: School) -> None:
    upload = hand_in([("eleves.xml", pupils(eleve(1)))], school=school, year=YEAR, user=factories.staff(school))
    with held_elsewhere(school):
        assert uploads.play(upload.pk) == "READING"
    assert uploads.play(upload.pk) == "PREVIEW"


class held_elsewhere:
    """Another session of the database holds the import of this school."""

    def __init__(self, school: School) -> None:
        self.connection, self.keys = connection.copy(), [IMPORT, school.pk]

    def __enter__(self) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", self.keys)

    def __exit__(self, *error: object) -> None:
        """Let go before hanging up: the server notices that somebody hung up a little later only."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", self.keys)
        self.connection.close()


# --- refusals ---------------------------------------------------------------------------------------------------------
def test_a_refused_file_is_named_beside_the_others_and_all_are_emptied(client: Client, school: School, at: At) -> None:
    response = hands_in(client, school, pupils(eleve(1)), stream("<BEE_RESPONSABLES", "Responsables.xml"))
    assert last().state == "REFUSED"
    assert response.context["code"] == "MALFORMED"
    files = {one["name"]: one for one in response.context["files"]}
    assert files["ElevesSansAdresses.xml"]["kind"] == "Élèves"
    assert files["Responsables.xml"]["refused"]["code"] == response.context["code"]
    assert last().refusal in response.content.decode()
    assert emptied(last())
    at(clock.now() + timedelta(minutes=1))
    cut_short = stream(family().getvalue().decode("iso8859-15")[:-200], "Coupé.xml")
    response = hands_in(client, school, pupils(eleve(1)), cut_short)
    assert [bool(one["refused"]) for one in response.context["files"]] == [False, True]
    assert not Student.objects.exists()


@pytest.mark.parametrize(
    ("code", "given", "year"),
    [
        ("WRONG_UAI", [pupils(eleve(1), uai="0690002C")], YEAR),
        ("WRONG_YEAR", [pupils(eleve(1))], YEAR + 1),
        ("PUPILS_NEEDED", [family()], YEAR),
        ("SAME_KIND_TWICE", [pupils(eleve(1)), pupils(eleve(2))], YEAR),
    ],
)
def test_files_of_another_school_or_year_or_that_do_not_suffice_are_refused(
    code: str, given: list[io.BytesIO], year: int, client: Client, school: School
) -> None:
    for one in given:
        one.seek(0)
    hands_in(client, school, *given, year=year)
    assert (last().state, last().report["code"]) == ("REFUSED", code)


def test_no_file_too_many_files_or_too_big_ones_are_not_kept(
    client: Client, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = reverse(f"admin:{UPLOAD}", args=[school.pk])
    assert codes(client.post(where, {"year": YEAR})) == ["required"]
    assert codes(hands_in(client, school, *(pupils(eleve(1)) for _ in range(MOST_FILES + 1)))) == ["TOO_MANY"]
    monkeypatch.setattr("siecle_sync.admin.import_form.MEGABYTE", 1)
    assert codes(hands_in(client, school, stream("x" * 41))) == ["TOO_BIG"]
    assert codes(hands_in(client, school, stream("x" * 30), stream("x" * 30))) == ["TOO_BIG"]
    assert not SiecleImport.objects.exists()


def codes(response: HttpResponse) -> list[str]:
    assert response.status_code == 422
    return [one.code for one in response.context["form"].errors.as_data()["files"]]


def test_an_unforeseen_error_is_said_and_files_that_kill_their_reader_are_refused_in_the_end(
    client: Client, school: School
) -> None:
    upload = hand_in([("eleves.xml", pupils(eleve(1)))], school=school, year=YEAR, user=factories.staff(school))
    SiecleImport.objects.filter(pk=upload.pk).update(report={"tries": uploads.TRIES})
    assert tasks.play_upload(str(upload.pk)) == "REFUSED"
    assert shown(client).context["code"] == "UNEXPECTED"


def test_the_years_offered_are_those_siecle_keeps_at_the_same_time() -> None:
    def offered(month: int) -> list[int]:
        return [one for one, _ in UploadForm(today=date(2026, month, 15)).fields["year"].choices]

    assert offered(6) == [2025, 2026]
    assert offered(8) == [2025, 2026]
    assert offered(9) == [2026, 2027]
