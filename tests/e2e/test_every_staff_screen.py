"""Every page of the staff: axe finds nothing, no console complains, nothing is cut off on a phone."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import expect

from families.models import School, User
from families.renewal import issue
from families.sign_in_throttle import ACCOUNT, ACCOUNT_MOST, HOUR
from families.throttle import spend
from families.views.pages import GUIDES
from ledger import clock
from ledger.journal import SYSTEM
from orientation import actions
from siecle_sync import uploads
from tests import factories
from tests.admin.world import BOTH, desk_of
from tests.e2e.reader import Reader, told
from tests.factories import DURING_INTENTIONS, DURING_PROPOSALS, Family
from tests.orientation.contested import decided
from tests.orientation.screens import address
from tests.orientation.second import second
from tests.orientation.states import INTENTIONS, answered, drafting
from tests.siecle_sync import bee_builder

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True, databases=BOTH)]


@dataclass(frozen=True)
class Staffed:
    """A school at the end of its year, and who works there."""

    family: Family
    division: int
    pupil: int

    @property
    def school(self) -> School:
        return self.family.student.school

    def numbers(self) -> dict[str, Any]:
        parent = self.family.mother
        return {
            "campaign": self.family.dossier.campaign_id, "dossier": self.family.dossier.pk, "school": self.school.pk,
            "student": self.family.student.pk, "parent": parent.pk, "division": self.division, "pupil": self.pupil,
            "classroom": self.family.student.division_id,
            "academy": self.school.academy_id,
        }  # fmt: skip


@pytest.fixture
def staffed() -> Staffed:
    made = told(answered)
    division, pupil = desk_of(made)
    return Staffed(made, division.pk, pupil.pk)


STAFF = {
    "index": (),
    "orientation_campaign_changelist": (),
    "orientation_campaign_change": ("campaign",),
    "orientation_campaign_extend": ("campaign",),
    "orientation_dossier_changelist": (),
    "orientation_dossier_change": ("dossier",),
    "dossier_release": ("dossier", "=DEFINITIVE"),
    "families_school_changelist": (),
    "school_life": ("school",),
    "school_unreachable": ("school",),
    "school_documents": ("school",),
    "school_export": ("school",),
    "dossier_documents": ("dossier",),
    "unreachable_schools": (),
    "school_dashboard": ("school",),
    "school_evening": ("school",),
    "academy_dashboard": ("academy",),
    "academy_evening": ("academy",),
    "academy_export": ("academy",),
    "activation_letters": ("classroom",),
    "siecle_upload": ("school",),
    "siecle_sync_siecleimport_changelist": (),
    "dossier_contact": ("dossier",),
    "dossier_journal": ("dossier",),
    "dossier_see_as": ("dossier",),
    "see_as_find": (),
    "families_division_changelist": (),
    "families_student_changelist": (),
    "families_representative_changelist": (),
    "families_representative_change": ("parent",),
    "ledger_journalentry_changelist": (),
    "ledger_outgoingemail_changelist": (),
    "siecle_mock_mockdivision_changelist": (),
    "mock_desk": ("division", "=PROVISIONAL"),
    "mock_statements": ("division", "=PROVISIONAL"),
    "mock_entry": ("pupil", "=PROVISIONAL"),
    "mock_change": ("pupil", "=PROVISIONAL"),
    "mock_decision": ("pupil",),
    "siecle_sync_run_changelist": (),
}


GOVERNED = {
    "orientation_campaign_change",
    "orientation_campaign_extend",
    "academy_dashboard",
    "academy_evening",
    "academy_export",
}


def staff_for(name: str, staffed: Staffed) -> User:
    """The head of school; for what an académie alone changes, somebody of the académie."""
    if name in GOVERNED:
        return factories.staff(staffed.school.academy, "ACADEMY")
    return factories.staff(staffed.school)


@pytest.mark.parametrize("name", STAFF)
def test_a_staff_page_is_sound(name: str, reader: Reader, staffed: Staffed) -> None:
    numbers = staffed.numbers()
    path = [one[1:] if one.startswith("=") else numbers[one] for one in STAFF[name]]
    clock.freeze(DURING_PROPOSALS)
    works = staff_for(name, staffed)
    reader.reads(reverse(f"admin:{name}", args=path), by=works)


def test_the_page_of_a_family_s_accounts_and_the_code_handed_out_are_sound(reader: Reader) -> None:
    made = factories.family()
    mother, father = made.parents
    without_account = factories.representative(made.student, account=False)
    issue(father, by=SYSTEM)
    for _ in range(ACCOUNT_MOST):
        spend(ACCOUNT, mother.user.username, most=ACCOUNT_MOST, over=HOUR)
    reader.reads(reverse("admin:family_access", args=[made.student.pk]), by=factories.staff(made.student.school))
    expect(reader.page.get_by_role("heading", name=without_account.full_name)).to_be_visible()
    reader.page.get_by_label(f"J’ai reconnu {mother.full_name}").check()
    reader.checks(reader.presses(f"Remettre un code à {mother.full_name}"))
    expect(reader.page.locator("td.code")).to_have_text(re.compile(r"^[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}$"))


@pytest.mark.parametrize("name", ["orientation_dossier_change", "dossier_meeting", "dossier_appeal"])
def test_the_pages_of_a_disagreement_are_sound(name: str, reader: Reader) -> None:
    made = told(decided)
    reader.reads(reverse(f"admin:{name}", args=[made.dossier.pk]), by=factories.staff(made.student.school))


def test_the_page_of_a_pupil_to_be_examined_and_the_frozen_campaign_are_sound(reader: Reader) -> None:
    made = told(drafting)
    campaign, school = made.dossier.campaign_id, made.student.school
    factories.student(made.student.division, scope="TO_DECIDE", scope_reason="NO_DIVISION", level="")
    stray = school.students.get(scope="TO_DECIDE")
    head, saio = factories.staff(school), factories.staff(school.academy, "ACADEMY")
    reader.reads(reverse("admin:pupil_settle", args=[stray.pk]), by=head)
    reader.reads(reverse("admin:families_student_change", args=[stray.pk]), by=head)
    reader.reads(reverse("admin:orientation_campaign_change", args=[campaign]), by=saio)
    reader.reads(reverse("admin:orientation_campaign_add"), by=saio)
    actions.submit_choices(
        dossier=made.dossier.uuid, phase="PROVISIONAL", choices=[factories.GT], base_version=0,
        by=factories.actor(made.mother),
    )  # fmt: skip
    reader.reads(reverse("admin:orientation_campaign_change", args=[campaign]), by=saio)


def test_the_pages_of_a_visit_of_the_staff_are_sound(reader: Reader) -> None:
    made = told(drafting)
    reader.reads(reverse("admin:dossier_see_as", args=[made.dossier.pk]), by=factories.staff(made.student.school))
    reader.page.get_by_label("Motif").fill("La mère appelle l’établissement.")
    reader.checks(reader.presses("Ouvrir les pages de la famille"))
    expect(reader.page.get_by_role("region", name="Visite en lecture seule")).to_be_visible()
    reader.checks(reader.page.goto(reverse("families:account")), status=403)
    reader.page.goto(address(made, "entry", **INTENTIONS))
    reader.checks(reader.presses("Valider"), status=403)
    reader.checks(reader.presses("Quitter"))


def test_the_pages_of_a_school_after_2de_are_sound(reader: Reader) -> None:
    clock.freeze(DURING_INTENTIONS)
    made = second()
    _, pupil = desk_of(made, level="2GT")
    head, school = factories.staff(made.student.school), made.student.school_id
    reader.reads(reverse("admin:school_life", args=[school]), by=head)
    offer = reverse("admin:school_offer", args=[school])
    reader.reads(f"{offer}?campaign={made.dossier.campaign_id}", by=head)
    reader.reads(reverse("admin:mock_entry", args=[pupil.pk, "PROVISIONAL"]), by=head)


def test_the_confirmation_of_a_reminder_is_sound_and_the_list_says_that_it_left(reader: Reader) -> None:
    clock.freeze(DURING_INTENTIONS)
    made = factories.family()
    done = factories.family(of=made.student.division)
    actions.submit_choices(
        dossier=done.dossier.uuid, phase="PROVISIONAL", choices=[factories.GT], base_version=0,
        by=factories.actor(done.mother),
    )  # fmt: skip
    reader.reads(reverse("admin:orientation_dossier_changelist"), by=factories.staff(made.student.school))
    reader.page.locator("#action-toggle").check()
    reader.page.locator("select[name=action]").select_option("remind")
    reader.checks(reader.presses("Continuer"))
    expect(reader.page.get_by_role("heading", name="À relancer\u00a0: 1")).to_be_visible()
    reader.presses("Relancer")
    expect(reader.page.locator(".messagelist")).to_contain_text("1 famille(s) relancée(s), 2 courriel(s)")


def test_the_preview_and_the_report_of_an_import_are_sound(reader: Reader) -> None:
    clock.freeze(DURING_INTENTIONS)
    school = factories.school(uai=bee_builder.UAI)
    head = factories.staff(school)
    given = [("eleves.xml", bee_builder.pupils(bee_builder.eleve(1))), ("liens.xml", bee_builder.family({"MEL": "?"}))]
    upload = uploads.hand_in(given, school=school, year=bee_builder.YEAR, user=head)
    where = reverse("admin:siecle_sync_siecleimport_change", args=[upload.pk])
    reader.reads(f"{where}?fixe=1", by=head)
    uploads.play(upload.pk)
    reader.reads(where, by=head)
    reader.checks(reader.presses("Confirmer l’import"))
    upload.refresh_from_db()
    assert upload.state == "DONE"


def test_the_pages_of_sample_letters_are_sound(reader: Reader) -> None:
    head = factories.staff(factories.school())
    reader.reads(reverse("sample_letters"), by=head)
    reader.reads(reverse("sample_letter", kwargs={"slug": "recapitulatif"}), by=head)


def test_the_page_of_the_simulated_date_is_sound(reader: Reader) -> None:
    clock.freeze(DURING_INTENTIONS)
    superuser = factories.user(is_staff=True, is_superuser=True)
    reader.reads(reverse("sandbox"), by=superuser)


def test_the_pages_of_the_second_factor_are_sound(reader: Reader, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    head = factories.staff(factories.school())
    reader.reads(reverse("families:phone"), by=head)
    reader.checks(reader.presses("Commencer"))
    phone = TOTPDevice.objects.get(user=head)
    reader.page.get_by_label("Code affiché par votre téléphone").fill(f"{totp(phone.bin_key):06}")
    reader.checks(reader.presses("Enregistrer ce téléphone"))
    reader.reads(reverse("families:account"), by=head)
    reader.reads(reverse("families:second_factor"), by=head)
    reader.checks(reader.presses("Continuer"))
    reader.reads(reverse("families:recovery_code"), by=head)


def test_the_pages_of_attachments_are_sound(reader: Reader, staffed: Staffed) -> None:
    mother = staffed.family.mother
    made = mother.user.attachments.create(representative=mother, way="CODE", provider="educonnect", at=clock.now())
    head = factories.staff(staffed.school)
    reader.reads(reverse("admin:families_attachment_changelist"), by=head)
    reader.reads(reverse("admin:families_attachment_change", args=[made.pk]), by=head)
    reader.reads(reverse("admin:attachment_detach", args=[made.pk]), by=head)
    reader.page.get_by_label("Motif").fill("Code remis à la mauvaise personne")
    reader.checks(reader.presses("Détacher ce compte"))


def test_the_pages_of_lost_phones_are_sound(reader: Reader) -> None:
    academy, head = factories.staff(factories.academy(), "ACADEMY"), factories.staff(factories.school())
    TOTPDevice.objects.create(user=head, name="téléphone")
    reader.reads(reverse("admin:staff_phones"), by=academy)
    reader.reads(reverse("admin:staff_phone_remove", args=[head.uuid]), by=academy)


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_of_the_staff_is_sound(name: str, reader: Reader) -> None:
    reader.reads(reverse("families:guide", args=[name]), by=factories.staff(factories.school()))
