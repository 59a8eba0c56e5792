"""What Siècle Orientation refuses to a school: a code, and a sentence to read."""

SENTENCES = {
    "COUNCIL_NOT_OPEN": "Le conseil de classe n’est pas ouvert.",
    "ENTERED_BY_FAMILY": (
        "La famille a saisi sa demande dans le service en ligne : elle est en vigueur. Si la famille le demande, "
        "vous pouvez la modifier."
    ),
    "NOTHING_TO_CHANGE": "La famille n’a pas de demande en vigueur : saisissez sa demande.",
    "SAME_LIST": "C’est déjà la demande en vigueur : rien n’est changé.",
    "WHO_ASKED": "Dites qui, dans la famille, a demandé la modification, et quand.",
    "FUTURE_DATE": "La date de la demande de la famille est dans l’avenir.",
    "NO_CHOICE": "Saisissez au moins une voie, chacune une seule fois.",
    "UNANSWERED_PATHWAY": "Le conseil de classe doit répondre à chaque voie demandée.",
    "UNKNOWN_VALUE": "Cette réponse n’est pas dans la liste.",
    "STALE": "Quelqu’un d’autre a enregistré pendant que vous tapiez\u00a0: choisissez ce qu’il faut garder.",
    "ALREADY_ANSWERED": "La famille a déjà répondu aux propositions.",
    "NO_STATEMENT": "Aucune proposition du conseil de classe n’est en vigueur pour cet élève.",
    "NOT_PROPOSED": "Une voie acceptée n’est pas de celles que le conseil de classe propose.",
    "NOTHING_TO_APPEAL": "Aucune décision du chef d’établissement n’est enregistrée : il n’y a pas d’appel.",
    "ALREADY_DECIDED": "La décision d’orientation est déjà prise.",
}


class DeskRefused(Exception):
    """What Siècle Orientation refuses to a school: a code, and a sentence to read."""

    def __init__(self, code: str) -> None:
        super().__init__(SENTENCES[code])
        self.code = code
        self.sentence = SENTENCES[code]
