"""Say which accounts to try in the demonstration."""

from typing import Any

from django.core.management.base import BaseCommand

from families.models import User
from siecle_sync.demo.load import TWO_SCHOOLS
from siecle_sync.demo.people import PASSWORD

ROLES = ("mere", "pere", "parent", "eleve")
STEPS = (
    ("intentions", "rien n’est encore saisi (la mère a aussi le jumeau)"),
    ("saisie", "les intentions sont validées par un parent"),
    ("avis", "les avis du conseil attendent l’accusé de réception"),
    ("avis-modifies", "les avis ont changé depuis l’accusé de réception"),
    ("demande-modifiee", "l’établissement a modifié la demande, comme la mère le demandait"),
    ("attente", "les choix définitifs attendent l’accusé de réception"),
    ("choix", "les choix définitifs sont à saisir"),
    ("2de", "après la 2de GT\u00a0: les choix définitifs sont à saisir, jusqu’à onze"),
    ("majeur", "après la 2de GT\u00a0: l’élève est majeur et agit seul"),
    ("propositions", "les propositions du conseil attendent la réponse"),
    ("decision", "une proposition est acceptée : la décision est prise"),
    ("desaccord", "toutes les propositions sont refusées"),
    ("entretien", "après l’entretien, le chef d’établissement a décidé\u00a0: le délai d’appel court"),
    ("appel", "un appel est formé contre la décision du chef d’établissement"),
)
STAFF = (
    (TWO_SCHOOLS, "un parent, deux enfants dans deux établissements"),
    ("secretariat", "secrétariat des cinq établissements (/admin/)"),
    ("chef", "chef d’établissement (/admin/)"),
    ("saio", "service académique d’orientation (/admin/)"),
    ("admin", "administration nationale (/admin/)"),
)


class Command(BaseCommand):
    help = "Donne la liste des comptes de la démonstration."

    def handle(self, *args: Any, **options: Any) -> None:
        known = set(User.objects.values_list("username", flat=True))
        self.stdout.write(f"\nComptes à essayer (mot de passe : {PASSWORD})\n")
        for key, sentence in STEPS:
            names = [f"{role}-{key}" for role in ROLES]
            self.stdout.write(f"  {', '.join(name for name in names if name in known):63} {sentence}")
        for name, sentence in STAFF:
            self.stdout.write(f"  {name:63} {sentence}")
