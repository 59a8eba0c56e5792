"""What the database holds once, even against a raw INSERT: each unique constraint, and the rule that rests on it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from orientation.models import Agreement, EntryObjection, FamilyAnswer, RankedChoice, Submission
from tests.factories import DURING_CHOICES, DURING_PROPOSALS, Family
from tests.orientation.whole_year import said_by_council, whole_year

pytestmark = [pytest.mark.django_db, pytest.mark.corrupts]

# What a copy of a row changes, so that it is another row; and besides, so that the tested constraint alone refuses it.
NEW = {"uuid": "gen_random_uuid()", "siecle_ref": "NULL"}
FRESH = {"uuid": "gen_random_uuid()"}
UNANSWERED = "(SELECT max(id) FROM orientation_councilstatement WHERE phase = 'DEFINITIVE')"
# constraint: (model, the rule that rests on it, these changes)
ONCE: dict[str, tuple[str, str, dict[str, str]]] = {
    "campaign_once": ("Campaign", "CAL-01", {}),
    "window_once": ("PhaseWindow", "CAL-02", {"opens_at": "closes_at + interval '2 years'",
                                              "closes_at": "closes_at + interval '3 years'"}),
    "dossier_once": ("Dossier", "CAL-01", NEW),
    "draft_once": ("Draft", "ENT-07", {}),
    "one_pen_a_phase": ("Pen", "ACC-04", {}),
    "submission_version_once": ("Submission", "ENT-09, ENT-11", NEW),
    "rank_once": ("RankedChoice", "ENT-01", {"pathway": "'CAP'"}),
    "pathway_asked_once": ("RankedChoice", "ENT-03", {"rank": "2"}),
    "objection_once": ("EntryObjection", "policy « objection »", NEW),
    "objection_of_the_pupil_once": ("EntryObjection", "policy « objection »", NEW),
    "council_once": ("ClassCouncil", "CAL-06", NEW),
    "statement_version_once": ("CouncilStatement", "OPI-03", {**NEW, "siecle_ref": "'another'"}),
    "pathway_answered_once": ("CouncilAnswer", "OPI-01", {"position": "9"}),
    "answer_position_once": ("CouncilAnswer", "OPI-01", {"pathway": "'CAP'"}),
    "StatementWithdrawal.statement": ("StatementWithdrawal", "OPI-04", {}),
    "Acknowledgement.statement": ("Acknowledgement", "OPI-03", NEW),
    "GateLift.dossier": ("GateLift", "OPI-05", {}),
    "FamilyAnswer.statement": ("FamilyAnswer", "ANS-04", NEW),
    "accepted_once": ("AcceptedPathway", "ANS-02", {}),
    "agreement_once": ("Agreement", "ANS-06", NEW),
    "agreement_of_the_pupil_once": ("Agreement", "ANS-06, ACC-03", NEW),
    "decision_once_an_origin": ("Decision", "ANS-05", NEW),
    "decided_once": ("DecidedPathway", "ANS-05", {}),
    "meeting_once_a_day": ("Meeting", "ANS-07", NEW),
    "Appeal.dossier": ("Appeal", "ANS-07", NEW),
    "SiecleReceipt.ref": ("SiecleReceipt", "SIE-01", {}),
    "submission_of_siecle_once": ("Submission", "SIE-10", {**FRESH, "version": "9"}),
    "statement_of_siecle_once": ("CouncilStatement", "SIE-01", {**FRESH, "version": "9"}),
    "answer_of_siecle_once": ("FamilyAnswer", "SIE-10", {**FRESH, "statement_id": UNANSWERED}),
    "decision_of_siecle_once": ("Decision", "SIE-01", {**FRESH, "origin": "'APPEAL'"}),
    "letter_once": ("OutgoingEmail", "MAI-07", NEW),
    "letter_event_once": ("LetterEvent", "MAI-07", {}),
    "figures_kept_once": ("KeptFigures", "SIE-07", {}),
    "JournalSeal.day": ("JournalSeal", "ANS-09", {"previous": "'another'"}),
    "seals_are_one_chain": ("JournalSeal", "ANS-09", {"day": "day + 1"}),
}  # fmt: skip

# Two decisions of one answer are two acceptances of one dossier: `decision_once_an_origin` refuses them first.
CONTAINED = {"Decision.answer"}


@pytest.fixture(scope="module")
def year(django_db_setup: None, django_db_blocker: Any) -> Iterator[Family]:
    with django_db_blocker.unblock(), transaction.atomic():
        try:
            yield with_the_pupil_and_the_school(whole_year())
        finally:
            transaction.set_rollback(True)


def with_the_pupil_and_the_school(home: Family) -> Family:
    """Rows that the year of a minor pupil, whose family does everything online, does not have."""
    pupil = {"student": home.student, "author_name": "l’élève", "at": DURING_PROPOSALS}
    EntryObjection.objects.create(submission=home.dossier.submissions.get(phase="DEFINITIVE"), **pupil)
    Agreement.objects.create(answer=FamilyAnswer.objects.get(), agrees=True, **pupil)
    typed = Submission.objects.create(
        dossier=home.dossier, phase="DEFINITIVE", version=2, author_kind="SCHOOL", author_name="le secrétariat",
        choice_count=3, submitted_at=DURING_CHOICES, siecle_ref="entry",
    )  # fmt: skip
    RankedChoice.objects.create(submission=typed, rank=1, pathway="2GT")
    again = said_by_council(home, "DEFINITIVE", DURING_PROPOSALS)
    FamilyAnswer.objects.create(
        statement=again, kind="REFUSED", author_kind="SCHOOL", author_name="x", at=DURING_PROPOSALS, siecle_ref="answer"
    )
    unread = said_by_council(home, "DEFINITIVE", DURING_PROPOSALS)
    unread.answers.create(position=1, pathway="2GT", requested=True, value="OUI")
    return home


def tables() -> list[type[models.Model]]:
    return [one for name in ("orientation", "ledger") for one in apps.get_app_config(name).get_models()]


def once_in(model: type[models.Model]) -> dict[str, tuple[str, ...]]:
    """Each unique constraint of a table, and its columns; identifiers (primary key, uuid) are not rules."""
    named = {one.name: tuple(one.fields) for one in model._meta.constraints if isinstance(one, models.UniqueConstraint)}
    alone = [one for one in model._meta.concrete_fields if one.unique and not one.primary_key and one.name != "uuid"]
    return named | {f"{model.__name__}.{one.name}": (one.name,) for one in alone}


def test_every_unique_constraint_is_tried_below() -> None:
    assert {name for model in tables() for name in once_in(model)} == set(ONCE) | CONTAINED


def copy_of(row: models.Model, changes: dict[str, str]) -> str:
    """The INSERT of the same row again, with another id."""
    own = [one for one in row._meta.concrete_fields if one.column != "id"]
    values = ", ".join(changes.get(one.column, one.column) for one in own)
    columns, key = ", ".join(one.column for one in own), row._meta.pk.column
    return f"INSERT INTO {row._meta.db_table} ({columns}) SELECT {values} FROM {row._meta.db_table} WHERE {key} = %s"


def refused_by(row: models.Model, changes: dict[str, str]) -> str:
    """The constraint that refuses the copy, '' when none does."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(copy_of(row, changes), [row.pk])
    except IntegrityError as error:
        return error.__cause__.diag.constraint_name or str(error)
    return ""


@pytest.mark.parametrize("name", ONCE)
def test_what_a_rule_wants_once_is_refused_twice(year: Family, name: str) -> None:
    model_name, _, changes = ONCE[name]
    model = next(one for one in tables() if one.__name__ == model_name)
    columns = once_in(model)[name]
    row = model._default_manager.filter(**{f"{one}__isnull": False for one in columns}).order_by("pk").last()
    assert row is not None, "no such row in the year above"
    field = model._meta.get_field(columns[0])
    automatic = f"{model._meta.db_table}_{field.column}_key"
    assert refused_by(row, changes) == (automatic if "." in name else name)


def test_a_copy_that_breaks_no_constraint_is_taken(year: Family) -> None:
    """The negative control of the test above."""
    letter = next(one for one in tables() if one.__name__ == "OutgoingEmail")._default_manager.first()
    assert refused_by(letter, {**FRESH, "dedup_key": "'another'"}) == ""
