"""The points on which the guides differ, settled by the académie before the first entry (last table of the rules)."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from ledger import clock, journal
from ledger.journal import Actor
from orientation.actions.act import hold_campaign
from orientation.models import Campaign, Submission
from orientation.models.campaign import DEFAULT_POLICIES
from orientation.models.triggers import POLICIES
from orientation.rules import Refusal, RuleBroken


def are_frozen(campaign: Campaign) -> bool:
    """A family has validated an entry under these policies: they hold until the end of the campaign."""
    return Submission.objects.filter(dossier__campaign=campaign).exists()


def create_campaign(*, campaign: Campaign, by: Actor) -> Campaign:
    """Save a campaign that has its académie, year and level, with the policies that are usual for this level."""
    with transaction.atomic():
        for name, value in DEFAULT_POLICIES[campaign.level].items():
            setattr(campaign, name, value)
        campaign.full_clean()
        campaign.save(force_insert=True)
        journal.write(
            verb="campaign_created", by=by, at=clock.now(), academy=campaign.academy_id, year=campaign.year,
            level=campaign.level, policies={name: getattr(campaign, name) for name in POLICIES},
        )  # fmt: skip
        return campaign


def set_policies(*, campaign: Campaign, policies: Mapping[str, Any], by: Actor) -> Campaign:
    """Change the policies named, {field of Campaign: value}; what is the same is left. Raises RuleBroken."""
    with transaction.atomic():
        hold_campaign(campaign.pk)
        row = Campaign.objects.get(pk=campaign.pk)
        changed = {name: value for name, value in policies.items() if getattr(row, name) != value}
        if not changed:
            return row
        if are_frozen(row):
            raise RuleBroken(Refusal.POLICIES_FROZEN)
        before = {name: getattr(row, name) for name in changed}
        for name, value in changed.items():
            setattr(row, name, value)
        row.full_clean()
        row.save(update_fields=list(changed))
        journal.write(
            verb="policies_set", by=by, at=clock.now(), academy=row.academy_id, year=row.year, level=row.level,
            before=before, after=changed,
        )  # fmt: skip
        return row
