"""What people read when an act is refused: what happened, and what to do. One sentence a code."""

from orientation.rules import Refusal

SENTENCES: dict[str, str] = {
    Refusal.READ_ONLY_STUDENT: "Le compte de l’élève permet de lire, pas de saisir. Demandez à un de vos parents.",
    Refusal.STUDENT_OF_AGE: "L’élève est majeur\u00a0: c’est à lui d’agir. Vous pouvez lire son dossier.",
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
        "La saisie est fermée\u00a0: cette demande n’a pas été enregistrée. "
        "Votre dernière saisie validée reste en place. Contactez l’établissement si besoin."
    ),
    Refusal.COUNCIL_OPEN: (
        "Le conseil de classe est ouvert\u00a0: la saisie est terminée et cette demande n’a pas été enregistrée. "
        "Contactez l’établissement si besoin."
    ),
    Refusal.GATE_SHUT: "Il faut d’abord accuser réception des avis du conseil de classe.",
    Refusal.POLICIES_FROZEN: (
        "Des familles ont déjà validé une saisie dans cette campagne\u00a0: ses réglages ne peuvent plus changer."
    ),
    Refusal.PEN_HELD: (
        "Un autre représentant a déjà validé une saisie\u00a0: lui seul peut la modifier. Votre saisie n’a pas été "
        "enregistrée. Parlez-en avec lui\u00a0; si vous n’êtes pas d’accord, contactez le chef d’établissement."
    ),
    Refusal.STALE: (
        "Cette page n’était plus à jour\u00a0: une saisie plus récente existe. Rien n’a été modifié. "
        "Relisez la saisie ci-dessous avant de continuer."
    ),
    Refusal.NO_CHOICE: "Vous devez sélectionner une voie.",
    Refusal.TOO_MANY_CHOICES: "Vous avez atteint le nombre maximal de voies. Supprimez-en une pour continuer.",
    Refusal.PATHWAY_UNKNOWN: "Vous devez sélectionner une voie.",
    Refusal.PATHWAY_TWICE: "Cette voie est déjà dans votre liste\u00a0: choisissez-en une autre.",
    Refusal.DETAIL_NOT_ASKED: "Cette précision n’est pas demandée pour cette voie.",
    Refusal.SERIES_MISSING: "Vous devez sélectionner une série de 1re technologique.",
    Refusal.KIND_MISSING: "Vous devez préciser\u00a0: 1re professionnelle, 2de professionnelle ou CAP.",
    Refusal.SPECIALTY_UNKNOWN: "Cet enseignement de spécialité n’existe pas\u00a0: choisissez dans la liste.",
    Refusal.SPECIALTY_TWICE: "Le même enseignement de spécialité figure deux fois\u00a0: choisissez-en un autre.",
    Refusal.SPECIALTY_NOT_OFFERED: (
        "L’offre de l’établissement n’est plus celle de votre sélection\u00a0: choisissez de nouveau vos enseignements "
        "de spécialité pour la 1re générale."
    ),
    Refusal.SPECIALTIES_COUNT: (
        "Le nombre d’enseignements de spécialité n’est pas celui qui est demandé pour la 1re générale\u00a0: "
        "modifiez votre sélection."
    ),
    Refusal.FREE_TEXT_TOO_LONG: "Votre précision est trop longue\u00a0: 200 caractères au plus.",
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
        "La période de réponse est terminée\u00a0: votre réponse n’a pas été enregistrée. "
        "Contactez sans attendre l’établissement."
    ),
    Refusal.AUTHOR_ANSWERS: (
        "Seul le représentant qui a saisi les choix définitifs peut répondre. "
        "Si vous n’êtes pas d’accord, contactez le chef d’établissement."
    ),
    Refusal.ALREADY_ANSWERED: "La réponse a déjà été donnée\u00a0: elle est définitive.",
    Refusal.ALREADY_DECIDED: (
        "La décision d’orientation est déjà prise\u00a0: cette réponse n’a pas été enregistrée. "
        "Contactez l’établissement si vous n’êtes pas d’accord."
    ),
    Refusal.NOT_PROPOSED: "Cette voie n’est pas proposée par le conseil de classe.",
    Refusal.NOTHING_ACCEPTED: "Sélectionnez au moins une voie, ou refusez toutes les propositions.",
    Refusal.ONE_ONLY: "Vous ne pouvez accepter qu’une seule voie.",
    Refusal.NO_AGREEMENT_ASKED: "Votre accord n’est pas demandé pour ce dossier.",
    Refusal.AUTHOR_AGREED_ALREADY: "Vous avez donné la réponse\u00a0: votre accord n’est pas demandé en plus.",
    Refusal.ALREADY_AGREED: "Vous avez déjà répondu.",
    Refusal.NO_DISAGREEMENT: (
        "La famille n’a ni refusé, ni exprimé de désaccord, ni laissé passer la période de réponse\u00a0: "
        "il n’y a pas d’entretien à enregistrer pour l’instant."
    ),
    Refusal.FUTURE_DATE: (
        "Cette date n’est pas encore passée\u00a0: enregistrez ce qui a eu lieu, une fois que c’est fait."
    ),
    Refusal.BEFORE_PROPOSALS: "Cette date est antérieure à la publication des propositions du conseil de classe.",
    Refusal.ALREADY_RECORDED: "Un entretien de ce jour est déjà enregistré.",
    Refusal.NOTHING_TO_APPEAL: (
        "Il n’y a pas de décision du chef d’établissement prise après entretien et notifiée à la famille\u00a0: "
        "il n’y a rien dont faire appel."
    ),
    Refusal.BEFORE_NOTIFICATION: "Cette date est antérieure à la notification de la décision du chef d’établissement.",
    Refusal.ALREADY_APPEALED: "L’appel de cette famille est déjà enregistré.",
    Refusal.NO_OBJECTION_ASKED: (
        "Cette campagne ne prévoit pas d’enregistrer ici un désaccord avec la saisie. "
        "Contactez le chef d’établissement."
    ),
    Refusal.NOTHING_VALIDATED: "Aucune saisie n’est validée\u00a0: il n’y a rien à contester pour l’instant.",
    Refusal.OWN_ENTRY: "Cette saisie est la vôtre\u00a0: pour la changer, modifiez-la.",
    Refusal.ALREADY_OBJECTED: "Votre désaccord avec cette saisie est déjà enregistré.",
    Refusal.REASON_TOO_LONG: "Votre motif est trop long\u00a0: 300 caractères au plus.",
    Refusal.NOTHING_TO_REMIND: "Personne n’a rien à faire aujourd’hui dans ce dossier\u00a0: aucun rappel n’est parti.",
    Refusal.NOBODY_TO_REMIND: (
        "Aucune adresse ne permet d’écrire à ceux qui ont encore quelque chose à faire\u00a0: "
        "joignez la famille autrement."
    ),
    Refusal.ALREADY_REMINDED: "L’établissement a déjà relancé cette famille aujourd’hui.",
    Refusal.NO_WINDOW: "Cette fenêtre n’a pas encore de dates.",
    Refusal.NOT_LATER: "La nouvelle fermeture doit être à venir, et après la fermeture actuelle.",
    Refusal.WRONG_ORDER: "La saisie ne peut pas être prolongée au-delà de l’ouverture de la consultation.",
    Refusal.NOTHING_TO_SETTLE: "La situation de cet élève n’est pas à examiner : rien n’est changé.",
    Refusal.LEVEL_MISSING: "Indiquez le niveau de l’élève : il décide de la campagne qui le concerne.",
    Refusal.DIVISION_MISSING: "Indiquez la division de l’élève : son conseil de classe en dépend.",
}


def sentence(code: str) -> str:
    return SENTENCES[code]
