"""What people read when an act is refused: what happened, and what to do. One sentence a code."""

from orientation.rules import Refusal

SENTENCES: dict[str, str] = {
    Refusal.READ_ONLY_STUDENT: "Le compte de l’élève permet de lire, pas de saisir. Demandez à un de vos parents.",
    Refusal.STUDENT_OF_AGE: "L’élève est majeur : c’est à lui d’agir. Vous pouvez lire son dossier.",
    Refusal.NOT_LEGAL: "Seul un représentant légal de l’élève peut faire cette démarche. Contactez l’établissement.",
    Refusal.NOT_ENROLLED: (
        "L’élève n’est plus suivi par cet établissement pour cette campagne\u00a0: rien n’a été enregistré. "
        "Ce qui était validé est conservé. S’il a changé d’établissement, adressez-vous au nouveau."
    ),
    Refusal.SERVICE_OFF: (
        "L’établissement a fermé le service Orientation. Rien n’a été enregistré. Contactez l’établissement."
    ),
    Refusal.ENTRY_NOT_OPEN: "La saisie n’est pas encore ouverte. Revenez à la date indiquée dans le calendrier.",
    Refusal.ENTRY_CLOSED: (
        "La saisie est fermée : cette demande n’a pas été enregistrée. "
        "Votre dernière saisie validée reste en place. Contactez l’établissement si besoin."
    ),
    Refusal.COUNCIL_OPEN: (
        "Le conseil de classe est ouvert : la saisie est terminée et cette demande n’a pas été enregistrée. "
        "Contactez l’établissement si besoin."
    ),
    Refusal.GATE_SHUT: "Il faut d’abord accuser réception des avis du conseil de classe.",
    Refusal.POLICIES_FROZEN: (
        "Des familles ont déjà validé une saisie dans cette campagne\u00a0: ses réglages ne peuvent plus changer."
    ),
    Refusal.PEN_HELD: (
        "L’autre représentant a déjà validé une saisie : lui seul peut la modifier. Votre saisie n’a pas été "
        "enregistrée. Parlez-en avec lui ; si vous n’êtes pas d’accord, contactez le chef d’établissement."
    ),
    Refusal.STALE: (
        "Cette page n’était plus à jour : une saisie plus récente existe. Rien n’a été modifié. "
        "Relisez la saisie ci-dessous avant de continuer."
    ),
    Refusal.NO_CHOICE: "Vous devez sélectionner une voie.",
    Refusal.TOO_MANY_CHOICES: "Vous avez atteint le nombre maximal de voies. Supprimez-en une pour continuer.",
    Refusal.PATHWAY_UNKNOWN: "Vous devez sélectionner une voie.",
    Refusal.PATHWAY_TWICE: "Cette voie est déjà dans votre liste : choisissez-en une autre.",
    Refusal.DETAIL_NOT_ASKED: "Cette précision n’est pas demandée pour cette voie.",
    Refusal.FREE_TEXT_TOO_LONG: "Votre précision est trop longue : 200 caractères au plus.",
    Refusal.NOTHING_PUBLISHED: (
        "Le conseil de classe n’a encore rien publié pour ce dossier. Contactez l’établissement."
    ),
    Refusal.ALREADY_ACKNOWLEDGED: "L’accusé de réception a déjà été donné.",
    Refusal.AUTHOR_ACKNOWLEDGES: (
        "Seul le représentant qui a saisi les intentions peut accuser réception pour l’instant."
    ),
    Refusal.NOTHING_TO_LIFT: "L’accusé de réception est possible, donné, ou l’attente est déjà levée.",
    Refusal.TOO_LATE_TO_ACKNOWLEDGE: "Il est trop tard pour accuser réception ici. Contactez l’établissement.",
    Refusal.CONSULTATION_CLOSED: (
        "La période de réponse est terminée : votre réponse n’a pas été enregistrée. "
        "Contactez sans attendre l’établissement."
    ),
    Refusal.AUTHOR_ANSWERS: (
        "Seul le représentant qui a saisi les choix définitifs peut répondre. "
        "Si vous n’êtes pas d’accord, contactez le chef d’établissement."
    ),
    Refusal.ALREADY_ANSWERED: "La réponse a déjà été donnée : elle est définitive.",
    Refusal.ALREADY_DECIDED: (
        "La décision d’orientation est déjà prise\u00a0: cette réponse n’a pas été enregistrée. "
        "Contactez l’établissement si vous n’êtes pas d’accord."
    ),
    Refusal.NOT_PROPOSED: "Cette voie n’est pas proposée par le conseil de classe.",
    Refusal.NOTHING_ACCEPTED: "Sélectionnez au moins une voie, ou refusez toutes les propositions.",
    Refusal.ONE_ONLY: "Vous ne pouvez accepter qu’une seule voie.",
    Refusal.NO_AGREEMENT_ASKED: "Votre accord n’est pas demandé pour ce dossier.",
    Refusal.AUTHOR_AGREED_ALREADY: "Vous avez donné la réponse : votre accord n’est pas demandé en plus.",
    Refusal.ALREADY_AGREED: "Vous avez déjà répondu.",
}


def sentence(code: str) -> str:
    return SENTENCES[code]
