"""The meeting, the head's decision, the appeal and its delay: recorded by the school, read by the family (ANS-07)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from ledger.models import JournalEntry, OutgoingEmail
from orientation import letters
from orientation.models import Appeal, Decision, Meeting
from orientation.rules import Refusal, RuleBroken
from tests.factories import CHOICES_OPEN, DURING_PROPOSALS, Family, family
from tests.orientation.contested import MONDAY, NOON, TUESDAY, appeals, contested, decides, meets, silent
from tests.orientation.screens import address, signed_in, text_of
from tests.orientation.states import At, answered

pytestmark = pytest.mark.django_db

Record = Callable[..., object]


def reads(of: Family, screen: str = "decision", who: str = "father") -> str:
    return text_of(signed_in(getattr(of, who)).get(address(of, screen)))


def refusal_of(act: Record, *values: object) -> Refusal:
    with pytest.raises(RuleBroken) as broken:
        act(*values)
    return broken.value.code


@pytest.fixture
def camille(at: At) -> Family:
    """The mother has refused every proposal; it is Monday 15 June, after the end of the consultation."""
    made = family()
    contested(made, at)
    return made


# --- what the school records -----------------------------------------------------------------------------------------
def test_a_meeting_is_recorded_with_its_day_and_who_was_there(camille: Family) -> None:
    meets(camille)
    kept = Meeting.objects.get()
    assert (kept.dossier, kept.held_on, kept.present) == (camille.dossier, MONDAY, "l’élève et sa mère")
    line = JournalEntry.objects.get(verb="meeting_held")
    assert (line.dossier_uuid, line.actor_name, line.data["held_on"]) == (
        camille.dossier.uuid, "Le secrétariat", "2026-06-15",
    )  # fmt: skip


def test_a_double_click_makes_one_meeting_and_one_appeal(camille: Family, at: At) -> None:
    assert meets(camille) == meets(camille)
    assert refusal_of(meets, camille, MONDAY, "tout le monde") == Refusal.ALREADY_RECORDED
    decides(camille)
    at(NOON + timedelta(days=2))
    assert appeals(camille) == appeals(camille)
    assert refusal_of(appeals, camille, MONDAY) == Refusal.ALREADY_APPEALED
    verbs = JournalEntry.objects.filter(verb__in=["meeting_held", "appeal_filed"]).order_by("verb")
    assert list(verbs.values_list("verb", flat=True)) == ["appeal_filed", "meeting_held"]


def test_several_meetings_may_be_held(camille: Family) -> None:
    meets(camille, date(2026, 6, 12))
    meets(camille)
    assert Meeting.objects.count() == 2


def test_no_meeting_is_recorded_without_a_disagreement_nor_on_a_day_that_cannot_be(camille: Family, at: At) -> None:
    assert refusal_of(meets, camille, TUESDAY) == Refusal.FUTURE_DATE
    assert refusal_of(meets, camille, date(2026, 6, 4)) == Refusal.BEFORE_PROPOSALS
    agreed = family()
    answered(agreed, at)
    assert refusal_of(meets, agreed, DURING_PROPOSALS.date()) == Refusal.NO_DISAGREEMENT
    assert not Meeting.objects.exists()


def test_an_appeal_is_recorded_once_the_head_s_decision_is_notified(camille: Family, at: At) -> None:
    assert refusal_of(appeals, camille, MONDAY) == Refusal.NOTHING_TO_APPEAL
    decides(camille)
    assert refusal_of(appeals, camille, TUESDAY) == Refusal.FUTURE_DATE
    assert refusal_of(appeals, camille, date(2026, 6, 14)) == Refusal.BEFORE_NOTIFICATION
    at(NOON + timedelta(days=1))
    appeals(camille)
    assert Appeal.objects.get().filed_on == TUESDAY
    assert JournalEntry.objects.get(verb="appeal_filed").data["filed_on"] == "2026-06-16"


def test_a_decision_not_notified_cannot_be_appealed_yet(camille: Family) -> None:
    decides(camille, notified_on=None)
    assert refusal_of(appeals, camille, MONDAY) == Refusal.NOTHING_TO_APPEAL


def test_an_appeal_after_the_delay_is_recorded_all_the_same(camille: Family, at: At) -> None:
    decides(camille)
    at(NOON + timedelta(days=7))
    appeals(camille, date(2026, 6, 19))
    assert "après la fin du délai (jeudi 18 juin 2026)" in reads(camille)


# --- what the family reads -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("screen", ["decision", "dossier"])
def test_after_the_refusal_the_family_is_told_to_meet_the_head_even_once_the_campaign_is_over(
    camille: Family, screen: str
) -> None:
    assert "ontacte" in reads(camille, screen) and "immédiatement le chef d’établissement" in reads(camille, screen)
    assert "jours ouvrables" not in reads(camille, screen)


def test_who_did_not_answer_in_time_is_told_to_contact_the_school_after_the_campaign(at: At) -> None:
    made = family()
    silent(made, at)
    assert "Contacter l’établissement" in reads(made, "dossier")
    assert "Contactez immédiatement le chef d’établissement" in reads(made)
    assert "Voir la suite" in reads(made, "proposals")
    meets(made, date(2026, 6, 12))
    assert "L’entretien avec le chef d’établissement a eu lieu le vendredi 12 juin 2026" in reads(made, "dossier")


@pytest.mark.parametrize("who", ["mother", "father", "student"])
@pytest.mark.parametrize("screen", ["decision", "dossier"])
def test_once_the_meeting_is_held_everybody_waits_for_the_decision(camille: Family, who: str, screen: str) -> None:
    meets(camille)
    page = reads(camille, screen, who)
    assert "L’entretien avec le chef d’établissement a eu lieu le lundi 15 juin 2026" in page
    assert "Contactez immédiatement" not in page
    if screen == "decision":
        assert "Personnes présentes : l’élève et sa mère" in page


@pytest.mark.parametrize("screen", ["decision", "dossier"])
def test_the_delay_is_shown_with_its_last_day_from_the_notification(camille: Family, screen: str, at: At) -> None:
    decides(camille)
    for moment in (NOON, datetime(2026, 6, 18, 21, 59, tzinfo=UTC)):
        at(moment)
        assert "jusqu’au jeudi 18 juin 2026 inclus. Si vous ne faites rien" in reads(camille, screen)
    at(datetime(2026, 6, 18, 22, tzinfo=UTC))
    page = reads(camille, screen)
    assert "Le délai pour faire appel est passé : il s’est terminé le jeudi 18 juin 2026" in page
    assert "inclus" not in page


def test_the_delay_counts_the_holidays_of_the_school(camille: Family) -> None:
    type(camille.student.school).objects.filter(pk=camille.student.school_id).update(uai="9730001A")
    decides(camille, notified_on=date(2026, 6, 9))
    assert "samedi 13 juin 2026" in reads(camille)  # 10 June in Guyane


@pytest.mark.parametrize("screen", ["decision", "dossier"])
def test_before_the_notification_the_delay_has_no_end_and_the_family_is_told_to_contact_the_school(
    camille: Family, screen: str
) -> None:
    decides(camille, notified_on=None)
    page = reads(camille, screen)
    assert "commence quand elle vous est notifiée" in page and "inclus" not in page


@pytest.mark.parametrize("screen", ["decision", "dossier", "history"])
def test_an_appeal_received_is_read_by_all(camille: Family, screen: str, at: At) -> None:
    decides(camille)
    at(NOON + timedelta(days=1))
    appeals(camille)
    for who in ("mother", "father", "student"):
        page = reads(camille, screen, who)
        assert "mardi 16 juin 2026" in page and "inclus" not in page


def test_the_decision_on_appeal_replaces_the_head_s(camille: Family, at: At) -> None:
    decides(camille)
    at(NOON + timedelta(days=1))
    appeals(camille)
    decides(camille, "APPEAL", "2GT", notified_on=None)
    at(NOON + timedelta(days=10))
    page = reads(camille)
    first, second = page.index("2de générale et technologique"), page.index("1re année de CAP")
    assert page.index("La décision") < first < page.index("Décision précédente, remplacée") < second
    assert "Décision de la commission d’appel" in page and "remplace celle du chef d’établissement" in page
    assert "C’est terminé" in reads(camille, "dossier")


def test_the_history_tells_the_meeting_by_its_day(camille: Family) -> None:
    meets(camille)
    assert "Entretien avec le chef d’établissement, tenu le lundi 15 juin 2026 Par l’établissement" in reads(
        camille, "history"
    )


def test_an_acceptance_leaves_nothing_to_appeal(at: At) -> None:
    agreed = family()
    answered(agreed, at)
    assert "appel" not in reads(agreed)


# --- the letter ------------------------------------------------------------------------------------------------------
def letter_of(of: Family, made: Decision) -> str:
    row = OutgoingEmail.objects.get(kind="decision_recorded", about=made.uuid, recipient_uuid=of.father.uuid)
    return letters.render(row).text.replace("\u00a0", " ")


def test_the_letter_gives_the_last_day_as_long_as_one_may_appeal(camille: Family) -> None:
    assert "jusqu’au jeudi 18 juin 2026 inclus" in letter_of(camille, decides(camille))


def test_the_letter_sent_after_the_delay_says_that_it_is_over(camille: Family, at: At) -> None:
    made = decides(camille)
    at(NOON + timedelta(days=4))
    text = letter_of(camille, made)
    assert "s’est terminé le jeudi 18 juin 2026" in text and "inclus" not in text


def test_the_letter_of_a_decision_not_notified_says_when_the_delay_begins(camille: Family) -> None:
    text = letter_of(camille, decides(camille, notified_on=None))
    assert "Ce délai commence le jour où la décision vous est notifiée" in text and "inclus" not in text


def test_before_the_proposals_there_is_no_meeting_to_record(at: At) -> None:
    early = family()
    at(CHOICES_OPEN)
    assert refusal_of(meets, early, CHOICES_OPEN.date()) == Refusal.NO_DISAGREEMENT
