"""The specialty subjects of 1re générale that a school offers (P2G-02)."""

from collections.abc import Iterable

from django.db import transaction

from families.models import School, User
from ledger import clock, journal
from ledger.journal import Actor
from orientation.actions.act import hold_calendar
from orientation.models import Campaign, SpecialtyOffer
from orientation.pathways import SPECIALTY_NAMES
from orientation.rules import Refusal, RuleBroken


def set_specialty_offer(
    *, campaign: Campaign, school: School, specialties: Iterable[str], user: User, by: Actor
) -> SpecialtyOffer:
    """Say what the school offers, by the codes of the catalogue; none: not said, and all count as offered.

    What families have validated stands; what they are typing is judged by the new offer. Raises RuleBroken
    (SPECIALTY_UNKNOWN).
    """
    offered = set(specialties)
    if not offered <= set(SPECIALTY_NAMES):
        raise RuleBroken(Refusal.SPECIALTY_UNKNOWN)
    codes = [code for code in SPECIALTY_NAMES if code in offered]
    with transaction.atomic():
        hold_calendar(school.pk)
        now = clock.now()
        row = SpecialtyOffer.objects.create(campaign=campaign, school=school, specialties=codes, at=now, by=user)
        journal.write(verb="offer_set", by=by, at=now, school=school.uai, specialties=codes)
        return row
