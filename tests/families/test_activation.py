"""Activation codes: who gets one, that it serves once, and what it opens."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from families.activation import ALPHABET, ActivationRefused, IssuedCode, as_csv, attach, digest, issue_codes, redeem
from families.models import ActivationCode, Division, Guardianship, Representative, User
from ledger import clock
from ledger.journal import SYSTEM
from ledger.models import JournalEntry
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "quatre-chevaux-bleus-7"


@pytest.fixture
def division() -> Division:
    return factories.division(factories.school())


@pytest.fixture
def pupil(division):
    return factories.student(division, user=factories.user())


@pytest.fixture
def parent(pupil) -> Representative:
    return factories.representative(pupil, account=False)


def codes(division: Division) -> list[IssuedCode]:
    return issue_codes(division, by=SYSTEM)


def only_code(division: Division) -> str:
    (issued,) = codes(division)
    return issued.code


def refusal(action, *arguments) -> str:
    with pytest.raises(ActivationRefused) as caught:
        action(*arguments)
    return caught.value.code


# --- issue ------------------------------------------------------------------------------------------------------------
def test_each_legal_representative_and_each_pupil_without_account_gets_a_code(division):
    pupil = factories.student(division, first_name="Zoé", family_name="Roux")
    parent = factories.representative(pupil, account=False)
    assert {(issued.role, issued.person) for issued in codes(division)} == {
        ("Élève", "Zoé Roux"),
        ("Représentant légal", parent.full_name),
    }


def test_levels_two_and_three_ended_links_and_accounts_get_no_code(division, pupil):
    factories.representative(pupil, account=False, level=2)
    factories.representative(pupil, account=False, level=3)
    factories.representative(pupil, account=True)
    ended = factories.representative(pupil, account=False)
    Guardianship.objects.filter(representative=ended).update(ended_on="2026-01-12")
    assert codes(division) == []


def test_pupils_out_of_the_campaign_get_no_code(division):
    pupil = factories.student(division, scope="TO_DECIDE")
    factories.representative(pupil, account=False)
    assert codes(division) == []


def test_pupil_of_age_their_own_responsible_gets_one_code_as_a_pupil(division):
    pupil = factories.student(division)
    himself = factories.representative(pupil, account=False)
    Guardianship.objects.filter(representative=himself).update(kinship="70")
    assert [issued.role for issued in codes(division)] == ["Élève"]


def test_parent_of_two_children_of_the_division_gets_one_code_naming_both(division, pupil, parent):
    twin = factories.student(division, user=factories.user())
    Guardianship.objects.create(student=twin, representative=parent, level=1, kinship="10")
    (issued,) = codes(division)
    assert issued.children == f"{pupil.full_name}, {twin.full_name}"


def test_code_is_read_aloud_easily_and_never_stored(division, parent):
    code = only_code(division)
    assert [len(group) for group in code.split("-")] == [4, 4, 4]
    assert set(code) - {"-"} <= set(ALPHABET)
    stored = ActivationCode.objects.values().get()
    assert code not in str(stored)
    assert code.replace("-", "") not in str(stored)
    assert stored["digest"] == digest(f" {code.lower().replace('-', ' ')} ")


def test_new_code_replaces_the_former_unused_one(division, parent):
    former, new = only_code(division), only_code(division)
    assert refusal(redeem, former, "parent", PASSWORD) == "CODE_UNKNOWN"
    assert redeem(new, "parent", PASSWORD).username == "parent"


def test_issue_and_redemption_are_journaled_without_the_code(division, parent):
    code = only_code(division)
    redeem(code, "parent", PASSWORD)
    lines = JournalEntry.objects.order_by("pk")
    assert [line.verb for line in lines] == ["activation_codes", "account_opened"]
    assert lines[1].actor_uuid == parent.uuid
    assert code not in str([line.data for line in lines])


# --- redeem -----------------------------------------------------------------------------------------------------------
def test_code_opens_the_account_of_its_person_with_all_their_children(division, pupil, parent):
    other = factories.student(factories.division(division.school, "3 B"))
    Guardianship.objects.create(student=other, representative=parent, level=1, kinship="10")
    user = redeem(only_code(division), "parent", PASSWORD)
    assert user.check_password(PASSWORD)
    assert set(type(pupil).objects.visible_to(user)) == {pupil, other}


def test_pupil_s_code_opens_the_pupil_s_account(division):
    pupil = factories.student(division)
    user = redeem(only_code(division), "eleve", PASSWORD)
    pupil.refresh_from_db()
    assert pupil.user == user


def test_code_serves_once(division, parent):
    code = only_code(division)
    redeem(code, "parent", PASSWORD)
    assert refusal(redeem, code, "autre", PASSWORD) == "CODE_USED"
    assert not User.objects.filter(username="autre").exists()


def test_code_expires_after_ninety_days(division, parent, at):
    at("2026-01-20T08:00+01:00")
    code = only_code(division)
    at((clock.now() + timedelta(days=90)).isoformat())
    assert refusal(redeem, code, "parent", PASSWORD) == "CODE_EXPIRED"


@pytest.mark.parametrize(
    ("code", "username", "password"),
    [
        ("USERNAME_TAKEN", "pris", PASSWORD),
        ("USERNAME_REFUSED", "deux mots", PASSWORD),
        ("USERNAME_REFUSED", "", PASSWORD),
        ("PASSWORD_REFUSED", "parent", "1234"),
    ],
)
def test_refused_account_leaves_the_code_usable(division, parent, code, username, password):
    factories.user("pris")
    issued = only_code(division)
    assert refusal(redeem, issued, username, password) == code
    assert redeem(issued, "parent", PASSWORD).pk


def test_code_of_somebody_who_is_no_longer_legal_opens_nothing(division, parent):
    code = only_code(division)
    Guardianship.objects.update(ended_on="2026-01-12")
    assert refusal(redeem, code, "parent", PASSWORD) == "NOT_LEGAL"


def test_invented_code_opens_nothing(division, parent):
    codes(division)
    assert refusal(redeem, "AAAA-AAAA-AAAA", "parent", PASSWORD) == "CODE_UNKNOWN"


# --- attach -----------------------------------------------------------------------------------------------------------
def test_second_school_s_code_is_attached_to_the_account_of_the_first(division, parent):
    family = factories.representative(factories.student(factories.division(factories.school())))
    assert attach(family.user, only_code(division)) == parent
    assert family.user.representatives.count() == 2


def test_one_account_never_holds_both_parents_of_a_child(division, pupil, parent):
    mother = factories.representative(pupil)
    assert refusal(attach, mother.user, only_code(division)) == "OTHER_PARENT"


def test_pupil_s_account_and_parent_s_account_stay_apart(division, pupil, parent):
    code = only_code(division)
    assert refusal(attach, pupil.user, code) == "PUPIL_APART"
    factories.student(division)
    pupil_code = next(issued.code for issued in codes(division) if issued.role == "Élève")
    mother = factories.representative(pupil)
    assert refusal(attach, mother.user, pupil_code) == "PUPIL_APART"


def test_person_who_has_an_account_meanwhile_is_not_taken_over(division, parent):
    code = only_code(division)
    parent.user = factories.user()
    parent.save()
    assert refusal(attach, factories.user(), code) == "PERSON_HAS_ACCOUNT"


# --- the table --------------------------------------------------------------------------------------------------------
def test_table_runs_no_formula(division, pupil):
    factories.representative(pupil, account=False, first_name="=HYPERLINK(1)", family_name="X")
    rows = list(csv.reader(io.StringIO(as_csv(codes(division))), delimiter=";"))
    assert rows[1][2] == "'=HYPERLINK(1) X"


def test_command_prints_the_table_or_writes_it(division, parent, tmp_path):
    out, target = io.StringIO(), tmp_path / "codes.csv"
    call_command("activation_codes", school=division.school.uai, division="3 A", stdout=out)
    assert parent.full_name in out.getvalue()
    call_command(
        "activation_codes", school=division.school.uai, division="3 A", csv=target, stdout=out, stderr=io.StringIO()
    )
    assert parent.full_name in target.read_text("utf-8-sig")


def test_command_refuses_an_unknown_division(division):
    with pytest.raises(CommandError, match="9 Z"):
        call_command("activation_codes", school=division.school.uai, division="9 Z")
