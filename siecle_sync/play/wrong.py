"""The lists that must be refused, with the code that says why (ENT-01…04, P2G-01…03)."""

from dataclasses import replace

from families.models import Level
from orientation.pathways import Choice
from orientation.rules import Refusal
from siecle_sync.play.levels import SPECIALTIES, Menu

Wrong = tuple[str, tuple[Choice, ...], Refusal]


def wrong_lists(menu: Menu) -> tuple[Wrong, ...]:
    """What is wrong, the list, the code. Whatever the policies of the campaign."""
    first, last = menu.plain(menu.grade.keys[0]), menu.plain(menu.grade.keys[1])
    found: list[Wrong] = [
        ("aucun choix", (), Refusal.NO_CHOICE),
        ("un choix de trop", menu.too_many(), Refusal.TOO_MANY_CHOICES),
        ("une voie d’un autre niveau", (Choice(menu.grade.foreign),), Refusal.PATHWAY_UNKNOWN),
        ("une précision non demandée", (replace(first, free_text="Boulanger"),), Refusal.DETAIL_NOT_ASKED),
        ("un statut non demandé", (replace(first, school_status=True),), Refusal.DETAIL_NOT_ASKED),
    ]
    if menu.campaign.max_choices > 1:
        found.append(("la même voie deux fois", (last, last), Refusal.PATHWAY_TWICE))
    return (*found, *(second_lists(menu, first) if menu.grade.level == Level.SECOND_GT else ()))


def second_lists(menu: Menu, general: Choice) -> tuple[Wrong, ...]:
    """After 2de GT, each detail that is missing, doubled or out of place."""
    twice = (*general.details, general.details[0])
    found: tuple[Wrong, ...] = (
        ("une spécialité de trop", (with_details(general, one_more(menu, general)),), Refusal.SPECIALTIES_COUNT),
        ("la même spécialité deux fois", (with_details(general, twice),), Refusal.SPECIALTY_TWICE),
        ("une spécialité inconnue", (with_details(general, ("LATIN",)),), Refusal.SPECIALTY_UNKNOWN),
        ("aucune série", (Choice("1TECHNO"),), Refusal.SERIES_MISSING),
        ("une série inconnue", (Choice("1TECHNO", "STG"),), Refusal.PATHWAY_UNKNOWN),
        ("aucune voie professionnelle", (Choice("VOIEPRO"),), Refusal.KIND_MISSING),
        ("deux voies professionnelles", (Choice("VOIEPRO", details=("CAP", "1PRO")),), Refusal.KIND_MISSING),
    )
    here = (menu.offer or SPECIALTIES)[0]
    displaced = ("une spécialité déplacée", (with_details(general, (f"{here}:HORS",)),), Refusal.SPECIALTY_NOT_OFFERED)
    return (*found, displaced)


def with_details(choice: Choice, details: tuple[str, ...]) -> Choice:
    return replace(choice, details=details)


def one_more(menu: Menu, general: Choice) -> tuple[str, ...]:
    """A number of subjects that is never the one wanted: one more, or one less where there are no more."""
    codes = {one.partition(":")[0] for one in general.details}
    others = [one for one in menu.offer or SPECIALTIES if one not in codes]
    return (*general.details, others[0]) if others else general.details[:-1]
