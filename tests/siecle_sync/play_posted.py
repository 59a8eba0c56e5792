"""python -m tests.siecle_sync.play_posted FILE …: play_campaign, with a real mail server at EMAIL_HOST.

FILE: a JSON object, one entry a letter, by its number: what a stranger must be able to check on the message.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import django
from django.core import mail
from django.core.management import call_command
from django.test.utils import override_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from ledger.mail_steps import LetterStep, letter_step  # noqa: E402 (models need the settings)
from ledger.models import OutgoingEmail  # noqa: E402
from orientation.models import Dossier  # noqa: E402
from siecle_sync.management.commands import play_campaign  # noqa: E402

SMTP = "django.core.mail.backends.smtp.EmailBackend"


def keep(step: str, row: OutgoingEmail, **kwargs: Any) -> None:
    """In the memory with which the play compares its own count, as the backend that writes in memory does."""
    if step == LetterStep.HANDED:
        mail.outbox.append(row)


class Command(play_campaign.Command):
    file: Path

    def play(self, *arguments: Any) -> dict[str, Any]:
        letter_step.connect(keep)
        with override_settings(EMAIL_BACKEND=SMTP):
            result = super().play(*arguments)
        self.file.write_text(json.dumps(addressed()), encoding="utf-8")
        return result


def addressed() -> dict[str, Any]:
    dossiers = Dossier.objects.select_related("student__school__academy", "student__user")
    families = {one.uuid: Family(one) for one in dossiers.prefetch_related("student__guardianships__representative")}
    return {str(row.pk): families[row.dossier_uuid].letter(row) for row in OutgoingEmail.objects.all()}


class Family:
    def __init__(self, dossier: Dossier) -> None:
        self.pupil = pupil = dossier.student
        persons = [link.representative for link in pupil.guardianships.all()]
        self.addresses = {one.uuid: one.email for one in persons} | {pupil.uuid: pupil.user.email if pupil.user else ""}
        self.names = {one.uuid: f"P{one.siecle_id}" for one in persons} | {pupil.uuid: "E"}
        accounts = [one.user.username for one in (*persons, pupil) if one.user]
        self.secrets = [pupil.ine, str(pupil.uuid), str(dossier.uuid), *map(str, self.addresses), *accounts]

    def letter(self, row: OutgoingEmail) -> dict[str, Any]:
        school = self.pupil.school
        mine = self.addresses[row.recipient_uuid]
        return {
            "dossier": f"{school.uai}/{self.pupil.siecle_id}", "kind": row.kind, "to": self.names[row.recipient_uuid],
            "state": row.state, "address": mine, "child": self.pupil.full_name,
            "from": school.academy.sender_email, "reply_to": school.email,
            "private": [*self.secrets, *(one for one in self.addresses.values() if one and one != mine)],
        }  # fmt: skip


if __name__ == "__main__":
    command = Command()
    command.file = Path(sys.argv[1])
    call_command(command, *sys.argv[2:])
