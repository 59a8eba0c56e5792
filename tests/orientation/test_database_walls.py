"""What the database refuses, whoever writes: ORM, bulk, raw SQL (ANS-09, ACC-04, ENT-01, CAL-02)."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.utils import InternalError, ProgrammingError

from ledger import clock
from ledger.models import JournalEntry
from orientation import actions
from orientation.models import (
    AcceptedPathway,
    Acknowledgement,
    Agreement,
    CouncilAnswer,
    CouncilStatement,
    DecidedPathway,
    Decision,
    Extension,
    FamilyAnswer,
    GateLift,
    Pen,
    PhaseWindow,
    RankedChoice,
    SchoolClosing,
    ServiceSwitch,
    SiecleReceipt,
    StatementWithdrawal,
    Submission,
)
from tests.factories import (
    DURING_CHOICES,
    DURING_INTENTIONS,
    DURING_OPINIONS,
    DURING_PROPOSALS,
    GT,
    PRO,
    actor,
    family,
    statement,
)

pytestmark = pytest.mark.django_db

APPEND_ONLY = [
    AcceptedPathway, Acknowledgement, Agreement, CouncilAnswer, CouncilStatement, DecidedPathway, Decision, Extension,
    FamilyAnswer, GateLift, JournalEntry, RankedChoice, SchoolClosing, ServiceSwitch, SiecleReceipt,
    StatementWithdrawal, Submission,
]  # fmt: skip


@pytest.fixture
def whole_year():
    """A row of every append-only table."""
    home = family(policies={"answered_by": "ALL"})
    dossier, mother, father = home.dossier, actor(home.mother), actor(home.father)
    user, campaign, school = home.mother.user, home.dossier.campaign, home.student.school
    clock.freeze(DURING_INTENTIONS)
    entry = actions.submit_choices(
        dossier=dossier.uuid, phase="PROVISIONAL", choices=[GT, PRO], base_version=0, by=mother
    )
    SiecleReceipt.objects.create(
        dossier=dossier, kind="SUBMISSION", ref=entry.uuid, outcome="ACCEPTED", at=DURING_INTENTIONS
    )
    clock.freeze(DURING_OPINIONS)
    before = DURING_OPINIONS - timedelta(days=2)
    old = statement(home, answers=[(GT, "Réservé")], published_at=before, submission=entry)
    StatementWithdrawal.objects.create(statement=old, at=DURING_OPINIONS, reason="CHANGED")
    said = statement(home, answers=[(GT, "Favorable")], published_at=before, submission=entry)
    actions.acknowledge(dossier=dossier.uuid, statement=said.uuid, by=father)
    clock.freeze(DURING_CHOICES)
    actions.lift_gate(dossier=dossier.uuid, reason="essai", user=user, by=mother)
    choices = actions.submit_choices(dossier=dossier.uuid, phase="DEFINITIVE", choices=[GT], base_version=0, by=mother)
    clock.freeze(DURING_PROPOSALS)
    proposals = statement(home, "DEFINITIVE", answers=[(GT, "OUI")], submission=choices, published_at=DURING_PROPOSALS)
    answer = actions.answer_proposals(
        dossier=dossier.uuid, statement=proposals.uuid, kind="ACCEPTED", accepted=[GT.key], by=mother
    )
    actions.agree(dossier=dossier.uuid, answer=answer.uuid, agrees=True, by=father)
    actions.switch_service(campaign=campaign, school=school, enabled=True, user=user, by=mother)
    actions.set_closing(campaign=campaign, school=school, phase="DEFINITIVE", closes_at=None, user=user, by=mother)
    Extension.objects.create(
        campaign=campaign, phase="DEFINITIVE", kind="ENTRY", closes_at=DURING_PROPOSALS, reason="panne",
        at=DURING_CHOICES, by=user,
    )  # fmt: skip
    return home


def refused(act) -> bool:
    try:
        with transaction.atomic():
            act()
    except (ProgrammingError, InternalError):
        return True
    return False


@pytest.mark.parametrize("model", APPEND_ONLY, ids=lambda model: model.__name__)
def test_append_only_tables_refuse_every_kind_of_change(whole_year, model: type[models.Model]):
    row = model._default_manager.order_by("pk").first()
    assert row is not None
    field = next(one for one in model._meta.concrete_fields if not one.primary_key)
    table = model._meta.db_table

    def raw(sql: str):
        with connection.cursor() as cursor:
            cursor.execute(sql, [row.pk])

    assert refused(row.save)
    assert refused(
        lambda: model._default_manager.filter(pk=row.pk).update(**{field.attname: getattr(row, field.attname)})
    )
    assert refused(lambda: model._default_manager.bulk_update([row], [field.name]))
    assert refused(lambda: raw(f"UPDATE {table} SET {field.column} = {field.column} WHERE id = %s"))
    assert refused(lambda: raw(f"DELETE FROM {table} WHERE id = %s"))
    assert refused(lambda: model._default_manager.filter(pk=row.pk)._raw_delete("default"))


def test_every_table_of_facts_is_in_the_list_above():
    mutable = {"Campaign", "PhaseWindow", "ClassCouncil", "Dossier", "Draft", "Pen"}
    facts = {model for model in apps.get_app_config("orientation").get_models() if model.__name__ not in mutable}
    assert facts | {JournalEntry} == set(APPEND_ONLY)


def test_a_validated_entry_never_gains_a_choice(whole_year):
    entry = Submission.objects.get(dossier=whole_year.dossier, phase="DEFINITIVE")
    with pytest.raises(IntegrityError), transaction.atomic():
        RankedChoice.objects.create(submission=entry, rank=2, pathway="CAP")


def test_who_does_not_hold_the_pen_cannot_write_a_version(whole_year):
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.create(
            dossier=whole_year.dossier, phase="PROVISIONAL", version=2, author_kind="REPRESENTATIVE",
            representative=whole_year.father, author_name="intrus", choice_count=1, submitted_at=DURING_INTENTIONS,
        )  # fmt: skip


def test_a_phase_has_one_pen(whole_year):
    with pytest.raises(IntegrityError), transaction.atomic():
        Pen.objects.create(
            dossier=whole_year.dossier, phase="PROVISIONAL", representative=whole_year.father,
            taken_at=DURING_INTENTIONS,
        )  # fmt: skip


def test_a_version_is_acknowledged_once(whole_year):
    signed = Acknowledgement.objects.get(statement__dossier=whole_year.dossier)
    with pytest.raises(IntegrityError), transaction.atomic():
        Acknowledgement.objects.create(
            statement=signed.statement, representative=whole_year.mother, author_name="x", at=DURING_OPINIONS
        )


def test_entry_and_consultation_of_a_phase_never_overlap():
    home = family()
    window = PhaseWindow.objects.get(campaign=home.dossier.campaign, phase="PROVISIONAL", kind="CONSULTATION")
    window.opens_at = DURING_INTENTIONS
    with pytest.raises(IntegrityError), transaction.atomic():
        window.save()


def test_a_window_opens_before_it_closes():
    window = PhaseWindow.objects.get(campaign=family().dossier.campaign, phase="PROVISIONAL", kind="ENTRY")
    window.closes_at = window.opens_at
    with pytest.raises(IntegrityError), transaction.atomic():
        window.save()
