"""The e-mails to who keeps the service running: one for all that is new, to each of OPERATORS."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import TextChoices
from django.template.loader import render_to_string
from django.urls import reverse

from ledger import mail
from orientation.letters.markup import as_html, as_text, tidy
from siecle_sync.models import NightAlert


class Kind(TextChoices):
    """The stable codes of the alerts; a label is the title of its section in docs/exploitation.md."""

    NIGHT_LATE = "NIGHT_LATE", "Une nuit est en retard"
    NIGHT_FAILED = "NIGHT_FAILED", "Une nuit échoue"
    PART_STUCK = "PART_STUCK", "Un lot n’avance plus"
    LINES_REFUSED = "LINES_REFUSED", "Trop de lignes refusées"
    MASS_CHANGE = "MASS_CHANGE", "Un changement massif attend"
    ENTRIES_UNSENT = "ENTRIES_UNSENT", "Des saisies ne partent pas"
    LETTERS_ASIDE = "LETTERS_ASIDE", "Des courriels sont mis de côté"
    NIGHT_REPORT = "NIGHT_REPORT", "Le bilan du matin"


# docs/exploitation.md says more, in the section of that title
ADVICE = {
    Kind.NIGHT_LATE: (
        "Vérifiez que beat et les tâches de fond tournent, et que Siècle répond. "
        "Une nuit commencée s’essaie jusqu’à midi, heure locale."
    ),
    Kind.NIGHT_FAILED: (
        "Lisez l’erreur. Chaque lot s’essaie de nouveau de lui-même jusqu’à midi, heure locale\u00a0; "
        "rien n’est perdu, rien n’est fait deux fois."
    ),
    Kind.PART_STUCK: "Regardez si son processus vit. S’il est bloqué, arrêtez-le\u00a0: le lot est repris aussitôt.",
    Kind.LINES_REFUSED: (
        "Lisez les motifs dans l’administration, page des nuits. Ce que nous envoyons et que Siècle refuse repart."
    ),
    Kind.MASS_CHANGE: (
        "L’académie confirme ou refuse dans l’administration. Les autres établissements ne sont pas retenus."
    ),
    Kind.ENTRIES_UNSENT: "Lisez pourquoi sur la page d’un de ces dossiers, «\u00a0Échanges avec Siècle\u00a0».",
    Kind.LETTERS_ASIDE: (
        "Lisez l’erreur dans l’administration, «\u00a0Courriels\u00a0». "
        "La cause réparée, remettez-les en route au même endroit."
    ),
    Kind.NIGHT_REPORT: "Rien à faire si chaque académie est terminée.",
}
FRESH = timedelta(days=1)  # what could not be told for so long is told no more
log = logging.getLogger(__name__)


def tell(now: datetime) -> None:
    """Send what nobody was told yet. A mail server that refuses leaves it for the next time."""
    alerts = list(NightAlert.objects.filter(told_at=None, at__gt=now - FRESH).order_by("at", "pk"))
    if not alerts or not settings.OPERATORS:
        return
    told = [address for address in settings.OPERATORS if delivered(alerts, address)]
    if told:
        NightAlert.objects.filter(pk__in=[one.pk for one in alerts]).update(told_at=now)


def delivered(alerts: list[NightAlert], address: str) -> bool:
    try:
        mail.deliver(letter(alerts, address))
    except Exception:
        log.exception("OPERATORS_NOT_TOLD %s alerts", len(alerts))
        return False
    return True


def letter(alerts: list[NightAlert], address: str) -> mail.Letter:
    link = f"{settings.PUBLIC_URL}{reverse('admin:siecle_sync_run_changelist')}"
    told = [(Kind(one.kind), one, ADVICE[Kind(one.kind)]) for one in alerts]
    source = tidy(render_to_string("emails/night_alerts.txt", {"told": told, "link": link}))
    what = Kind(alerts[0].kind).label if len(alerts) == 1 else f"{len(alerts)} messages sur les nuits"
    subject = f"[ORIENTATION] {what}"
    body = as_html(source, link=link)
    html = render_to_string("emails/letter.html", {"subject": subject, "body": body})
    return mail.Letter(subject, as_text(source), html, settings.DEFAULT_FROM_EMAIL, address)
