"""What the details of a request that comes from a school must be (ENT-04, P2G-02, P2G-03): an SQL condition.

The same as `orientation.rules.check_choice`, but for the offer of the school, who knows its own, and for the free text
that the campaign may not offer to families: refusing the line for so little would keep the council's answer from them.
"""

from typing import Any

from orientation.models import Campaign
from orientation.pathways import OUTSIDE, SPECIALTIES_OF_THE_CHOICE, SPECIALTY_NAMES, Pathway, pathways_of

# t is the choice, i its line. The details of 1re générale are as many different subjects as the phase wants.
WRONG = """
t.item ? 'details' AND jsonb_typeof(t.item->'details') <> 'array'
OR COALESCE(t.item->>'free_text', '') <> '' AND t.pathway <> ALL(%(text_pathways)s)
OR (COALESCE(t.item->>'school_status', '') = 'true' OR COALESCE(t.item->>'apprentice_status', '') = 'true')
   AND t.pathway <> ALL(%(status_pathways)s)
OR (SELECT count(*) <> count(DISTINCT split_part(d.code, ':', 1))
        OR count(*) FILTER (WHERE t.pathway || '/' || d.code <> ALL(%(details)s)) > 0
        OR count(*) <> CASE
             WHEN t.pathway = ANY(%(kind_pathways)s) THEN 1
             WHEN t.pathway <> ALL(%(specialty_pathways)s) THEN 0
             WHEN i.phase = 'DEFINITIVE' THEN %(specialties_of_the_choice)s
             WHEN bool_or(split_part(d.code, ':', 2) <> '') THEN %(specialties_if_outside)s
             ELSE %(specialties)s END
    FROM jsonb_array_elements_text(
      CASE WHEN jsonb_typeof(t.item->'details') = 'array' THEN t.item->'details' ELSE '[]' END) AS d(code))
"""


def values_of_details(campaign: Campaign) -> dict[str, Any]:
    """The data of the catalogue and of the campaign that WRONG compares with."""
    pathways = pathways_of(campaign.level)
    return {
        "details": [f"{one.code}/{detail}" for one in pathways for detail in details_of(one)],
        "kind_pathways": [one.code for one in pathways if one.kinds],
        "specialty_pathways": [one.code for one in pathways if one.asks_specialties],
        "text_pathways": [one.code for one in pathways if one.free_text_label],
        "status_pathways": [one.code for one in pathways if one.asks_status],
        "specialties": campaign.specialties,
        "specialties_if_outside": campaign.specialties_if_outside,
        "specialties_of_the_choice": SPECIALTIES_OF_THE_CHOICE,
    }


def details_of(pathway: Pathway) -> list[str]:
    """Every detail that a pathway may carry."""
    subjects = [name for code in SPECIALTY_NAMES for name in (code, f"{code}:{OUTSIDE}")]
    return [*(code for code, _ in pathway.kinds), *(subjects if pathway.asks_specialties else [])]
