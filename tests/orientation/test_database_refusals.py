"""What rows may not say together, whoever writes: a pen, an answer, a decision that the rules could not have made."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from orientation.models import (
    AcceptedPathway,
    Acknowledgement,
    CouncilAnswer,
    CouncilStatement,
    Decision,
    Dossier,
    FamilyAnswer,
    Pen,
    StatementWithdrawal,
)
from tests.factories import CAP, DURING_OPINIONS, DURING_PROPOSALS, PRO, Family, family
from tests.orientation.whole_year import said_by_council, whole_year

pytestmark = [pytest.mark.django_db, pytest.mark.corrupts]


@pytest.fixture(scope="module")
def year(django_db_setup: None, django_db_blocker: Any) -> Iterator[Family]:
    with django_db_blocker.unblock(), transaction.atomic():
        try:
            yield whole_year()
        finally:
            transaction.set_rollback(True)


def refused(act: Callable[[], Any]) -> str:
    """What the database says, '' when it lets it be; undone in both cases."""
    said = ""
    with transaction.atomic():
        try:
            with transaction.atomic():
                act()
        except DatabaseError as error:
            said = str(error)
        transaction.set_rollback(True)
    return said


def run(sql: str, *values: Any) -> Callable[[], None]:
    def act() -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)

    return act


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM orientation_pen WHERE id = %s",
        "UPDATE orientation_pen SET taken_at = now() WHERE id = %s",
        "UPDATE orientation_pen SET phase = 'DEFINITIVE', released_at = now() WHERE id = %s",
        "UPDATE orientation_pen SET representative_id = (SELECT max(id) FROM families_representative),"
        " released_at = now() WHERE id = %s",
    ],
)
def test_a_pen_is_neither_erased_nor_handed_over(year: Family, change: str) -> None:
    pen = Pen.objects.get(dossier=year.dossier, phase="PROVISIONAL")
    assert "ACC-08" in refused(run(change, pen.pk))


def test_a_pen_released_stays_released(year: Family) -> None:
    pen = Pen.objects.get(dossier=year.dossier, phase="PROVISIONAL")

    def reopen(value: str) -> Callable[[], None]:
        def act() -> None:
            run("UPDATE orientation_pen SET released_at = %s WHERE id = %s", DURING_OPINIONS, pen.pk)()
            run(f"UPDATE orientation_pen SET released_at = {value} WHERE id = %s", pen.pk)()

        return act

    assert "ACC-08" in refused(reopen("NULL"))
    assert "ACC-08" in refused(reopen("now()"))
    assert refused(run("UPDATE orientation_pen SET released_at = %s WHERE id = %s", DURING_OPINIONS, pen.pk)) == ""


def test_only_what_the_council_proposes_is_accepted(year: Family) -> None:
    answer = FamilyAnswer.objects.get()
    elsewhere = CouncilAnswer.objects.filter(statement__phase="PROVISIONAL").first()
    yes = answer.statement.answers.get(pathway=PRO.pathway)
    no = answer.statement.answers.get(pathway=CAP.pathway)
    assert "ANS-02" in refused(lambda: AcceptedPathway.objects.create(answer=answer, council_answer=elsewhere))
    assert "ANS-02" in refused(lambda: AcceptedPathway.objects.create(answer=answer, council_answer=no))
    assert refused(lambda: AcceptedPathway.objects.create(answer=answer, council_answer=yes)) == ""


def test_what_was_signed_gains_no_line(year: Family) -> None:

    def add(to: CouncilStatement, pathway: str = "1GEN") -> Callable[[], Any]:  # which none of them speaks of
        line = {"position": 9, "pathway": pathway, "requested": False, "value": "Favorable"}
        return lambda: CouncilAnswer.objects.create(statement=to, **line)

    read = Acknowledgement.objects.get().statement
    answered = FamilyAnswer.objects.get().statement
    withdrawn = StatementWithdrawal.objects.get().statement
    assert all("OPI-03" in refused(add(one)) for one in (read, answered, withdrawn))
    fresh = said_by_council(year, "DEFINITIVE", DURING_PROPOSALS)
    assert refused(add(fresh, "CAP")) == ""


def test_only_standing_opinions_are_acknowledged(year: Family) -> None:

    def sign(what: CouncilStatement, at: Any = DURING_PROPOSALS) -> Callable[[], Any]:
        return lambda: Acknowledgement.objects.create(
            statement=what, representative=year.mother, author_name="la mère", at=at
        )

    proposals = said_by_council(year, "DEFINITIVE", DURING_PROPOSALS)
    opinions = said_by_council(year, "PROVISIONAL", DURING_PROPOSALS)
    assert "OPI-03" in refused(sign(proposals))
    assert "OPI-03" in refused(sign(StatementWithdrawal.objects.get().statement))
    assert "OPI-03" in refused(sign(opinions, DURING_PROPOSALS - timedelta(seconds=1)))
    assert refused(sign(opinions)) == ""


def test_only_standing_proposals_are_answered(year: Family) -> None:

    def answer(what: CouncilStatement, at: Any = DURING_PROPOSALS) -> Callable[[], Any]:
        return lambda: FamilyAnswer.objects.create(
            statement=what, kind="REFUSED", author_kind="REPRESENTATIVE", representative=year.mother, at=at
        )

    opinions = said_by_council(year, "PROVISIONAL", DURING_OPINIONS)
    proposals = said_by_council(year, "DEFINITIVE", DURING_PROPOSALS)
    withdrawn = said_by_council(year, "DEFINITIVE", DURING_PROPOSALS)
    StatementWithdrawal.objects.create(statement=withdrawn, at=DURING_PROPOSALS, reason="RESET")
    late = DURING_PROPOSALS + timedelta(seconds=1)
    assert "ANS-02" in refused(answer(opinions))
    assert "ANS-02" in refused(answer(withdrawn, late))
    assert "ANS-02" in refused(answer(proposals, DURING_PROPOSALS - timedelta(seconds=1)))
    assert refused(answer(proposals, late)) == ""


def test_only_an_acceptance_of_its_own_dossier_decides(year: Family) -> None:
    other = family()

    def decide(dossier: Dossier, by: FamilyAnswer) -> Callable[[], Any]:
        return lambda: Decision.objects.create(dossier=dossier, origin="ACCEPTANCE", answer=by, at=DURING_PROPOSALS)

    proposed = said_by_council(year, "DEFINITIVE", DURING_PROPOSALS)  # an acceptance that has decided nothing yet
    answer = FamilyAnswer.objects.create(
        statement=proposed, kind="ACCEPTED", author_kind="REPRESENTATIVE", representative=year.mother,
        at=DURING_PROPOSALS,
    )  # fmt: skip
    assert "ANS-05" in refused(decide(other.dossier, answer))
    said = said_by_council(other, "DEFINITIVE", DURING_PROPOSALS)
    refusal = FamilyAnswer.objects.create(
        statement=said, kind="REFUSED", author_kind="REPRESENTATIVE", representative=other.mother, at=DURING_PROPOSALS
    )
    assert "ANS-05" in refused(decide(other.dossier, refusal))


def test_a_council_examines_an_entry_of_the_same_dossier_and_phase(year: Family) -> None:
    other = family()
    entry = year.dossier.submissions.get(phase="PROVISIONAL")

    def examine(home: Family, phase: str) -> Callable[[], Any]:
        return lambda: said_by_council(home, phase, DURING_OPINIONS, submission=entry)

    assert "OPI-03" in refused(examine(other, "PROVISIONAL"))
    assert "OPI-03" in refused(examine(year, "DEFINITIVE"))
    assert refused(examine(year, "PROVISIONAL")) == ""


def test_a_dossier_stays_with_its_pupil(year: Family) -> None:
    other = family()
    assert refused(run("UPDATE orientation_dossier SET student_id = %s", other.student.pk))
    assert refused(run("DELETE FROM orientation_dossier WHERE id = %s", other.dossier.pk))


@pytest.mark.parametrize(
    "change", ["answered_by = 'AUTHOR'", "max_choices = 2", "opinion_values = '[]'", "year = 2026", "level = '2GT'"]
)
def test_the_policies_of_a_campaign_with_entries_are_frozen(year: Family, change: str) -> None:
    assert "frozen" in refused(run(f"UPDATE orientation_campaign SET {change}"))
    assert refused(run("UPDATE orientation_campaign SET answered_by = answered_by")) == ""
