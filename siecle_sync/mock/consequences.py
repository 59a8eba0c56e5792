"""What opening, moving or resetting a council will do, in figures, before it is done (SIE-02, SIE-05)."""

from collections.abc import Iterable

from django.db.models import QuerySet

from siecle_sync import contract
from siecle_sync.mock import desk
from siecle_sync.mock.models import MockDivision, MockFact, MockStatement, Phase
from siecle_sync.mock.reading import PupilRow

NONE_REPLACED = "Aucune saisie de l’établissement n’est remplacée."
NOT_PROCESSED = (
    "Ce que les familles ont validé depuis la dernière nuit ne sera pas traité\u00a0: elles en sont prévenues."
)


NOTHING = {
    "ouvrir": "Ce conseil est déjà ouvert\u00a0: il n’y a rien à faire.",
    "reinitialiser": "Ce conseil n’est pas ouvert\u00a0: il n’y a rien à réinitialiser.",
}


def counted(number: int, one: str, many: str) -> str:
    return f"{number} {many if number > 1 else one}"


def is_idle(verb: str, division: MockDivision, phase: str) -> bool:
    """Whether the council is already as the verb would leave it."""
    return verb in NOTHING and desk.is_open(division, phase) == (verb == "ouvrir")


def of_opening(division: MockDivision, phase: str) -> list[str]:
    rows = desk.pupils_of(division, phase=phase)
    return ["La saisie des familles de la division s’arrête tout de suite.", *requests_taken(rows)]


def requests_taken(rows: Iterable[PupilRow]) -> list[str]:
    """SIE-02: what the families entered replaces what the school had typed; what only it typed goes to the service."""
    rows = list(rows)
    online = [row for row in rows if row.online]
    replaced = [row for row in online if row.typed and row.typed.replaced_at is None]
    typed = [row for row in rows if row.entry and not row.online]
    none = [row for row in rows if row.entry is None]
    taken = counted(len(online), "demande de famille est prise en compte", "demandes de familles sont prises en compte")
    over = counted(len(replaced), "saisie de l’établissement", "saisies de l’établissement")
    replacing = "elle remplace" if len(replaced) == 1 and len(online) == 1 else "elles remplacent"
    said = [f"{taken}\u00a0; {replacing} {over}." if replaced else f"{taken}. {NONE_REPLACED}"]
    if typed:
        alone = counted(len(typed), "saisie de l’établissement, sans saisie", "saisies de l’établissement, sans saisie")
        sent = "est transmise" if len(typed) == 1 else "sont transmises"
        said.append(f"{alone} en ligne de la famille, {sent} au service.")
    if none:
        said.append(f"{counted(len(none), 'élève n’a aucune demande', 'élèves n’ont aucune demande')}.")
    return [*said, NOT_PROCESSED]


def of_moving(division: MockDivision, phase: str) -> list[str]:
    council, pupils = desk.council_of(division, phase), division.pupils.filter(present=True).count()
    before = f"{council.held_on:%d/%m/%Y}" if council and council.held_on else "non indiquée"
    opened = bool(council and council.opened_at)
    told = "La famille de l’élève lira" if pupils == 1 else f"Les familles des {pupils} élèves liront"
    return [
        f"Date connue aujourd’hui\u00a0: {before}.",
        f"{told} la nouvelle date sur leur page d’accueil.",
        "Le conseil reste ouvert et ce qu’il a dit ne change pas."
        if opened
        else "Le conseil reste à ouvrir\u00a0: c’est l’ouverture, et non cette date, qui arrête les saisies.",
    ]


def of_resetting(division: MockDivision, phase: str) -> list[str]:
    said = MockStatement.objects.filter(ref__in=desk.said_by(division, phase), withdrawn_at__isnull=True)
    facts = set(MockFact.objects.filter(statement__in=said).values_list("kind", "statement"))
    read, answered = (
        sum(kind == wanted for kind, _ in facts) for wanted in (contract.ACKNOWLEDGEMENT, contract.ANSWER)
    )
    if phase == Phase.DEFINITIVE:
        withdrawn = counted(said.count(), "proposition d’élève sera retirée", "propositions d’élèves seront retirées")
        told = counted(answered, "famille y a déjà répondu", "familles y ont déjà répondu")
    else:
        withdrawn = counted(said.count(), "avis d’élève sera retiré", "avis d’élèves seront retirés")
        told = counted(read, "famille en a déjà accusé réception", "familles en ont déjà accusé réception")
    return [
        f"{withdrawn}\u00a0; {told}.",
        *decisions_kept(said),
        "Les familles ne liront plus rien de ce conseil. Leur page le leur dit\u00a0; aucun courriel ne part.",
        "La saisie des familles redevient possible si le calendrier le permet.",
    ]


def decisions_kept(said: QuerySet[MockStatement]) -> list[str]:
    """Of the pupils whose proposals go: a decision is never undone by a reset (ANS-05)."""
    definitive = said.filter(phase=Phase.DEFINITIVE).values("pupil")
    decided = MockFact.objects.filter(kind=contract.DECISION, pupil__in=definitive).values("pupil").distinct().count()
    kept = counted(decided, "élève a déjà une décision d’orientation", "élèves ont déjà une décision d’orientation")
    return [f"{kept}\u00a0: elle n’est pas annulée."] if decided else []
