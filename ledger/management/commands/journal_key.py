"""manage.py journal_key: make the key that signs the extracts of the journal; nothing is written anywhere."""

from typing import Any

from django.core.management.base import BaseCommand

from ledger.signing import fingerprint, new_key, public_key_of


class Command(BaseCommand):
    help = "Fabrique une clé de signature de l’historique, et dit sa clé publique. Rien n’est enregistré."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        private, public = new_key()
        self.stdout.write("# Dans l’environnement du service, et nulle part ailleurs :")
        self.stdout.write(f"JOURNAL_SIGNING_KEY={private}")
        self.stdout.write("# La clé publique, à faire connaître ; le service la montre à /journal/cle-publique/")
        self.stdout.write(f"# {public} (empreinte {fingerprint(public_key_of(public))})")
