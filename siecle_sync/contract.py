"""The exchange with Siècle Orientation, as data. Our own design: the ministry's technical format is not public.

Everything that crosses is a table of lines, both ways, in CSV (UTF-8, one header line, comma, RFC 4180 quotes).
`docs/echange-siecle.md` says it for people, `docs/echange-siecle.openapi.yaml` for programs.
"""

from typing import Final
from urllib.parse import urlencode

VERSION: Final = "2"

# name → PostgreSQL type. An unknown or absent value is an empty field.
COLUMNS: Final[dict[str, str]] = {
    "seq": "bigint",
    "kind": "text",
    "ref": "text",
    "uai": "text",
    "year": "integer",
    "level": "text",
    "phase": "text",
    "division": "text",
    "eleve_id": "bigint",
    "ine": "text",
    "version": "integer",
    "at": "timestamptz",
    "author_kind": "text",
    "author_name": "text",
    "payload": "jsonb",
}
TEXT_COLUMNS: Final = tuple(name for name, kind in COLUMNS.items() if kind == "text")
COLUMN_LIST: Final = ", ".join(f'"{name}"' for name in COLUMNS)
REPORT_COLUMNS: Final = ("seq", "kind", "ref", "outcome", "code", "sentence")

# --- what we send (SIE-01), in the order in which Siècle takes it ---------------------------------------------------
DIVISION: Final = "DIVISION"
PUPIL: Final = "PUPIL"
ENTRY: Final = "ENTRY"
ACKNOWLEDGEMENT: Final = "ACKNOWLEDGEMENT"
ANSWER: Final = "ANSWER"
AGREEMENT: Final = "AGREEMENT"
DECISION: Final = "DECISION"
SENT: Final = (DIVISION, PUPIL, ENTRY, ACKNOWLEDGEMENT, ANSWER, AGREEMENT, DECISION)
ROSTER: Final = (DIVISION, PUPIL)

# --- what Siècle sends back, in the order in which we take it -------------------------------------------------------
COUNCIL: Final = "COUNCIL"
SCHOOL_ENTRY: Final = "SCHOOL_ENTRY"
SCHOOL_CHANGE: Final = "SCHOOL_CHANGE"
STATEMENT: Final = "STATEMENT"
SCHOOL_ANSWER: Final = "SCHOOL_ANSWER"
HEAD_DECISION: Final = "HEAD_DECISION"
RECEIVED: Final = (COUNCIL, SCHOOL_ENTRY, SCHOOL_CHANGE, STATEMENT, SCHOOL_ANSWER, HEAD_DECISION)

# the list that a line carries in its payload
LIST_OF: Final[dict[str, str]] = {
    ENTRY: "choices",
    SCHOOL_ENTRY: "choices",
    SCHOOL_CHANGE: "choices",
    STATEMENT: "answers",
    ANSWER: "accepted",
    SCHOOL_ANSWER: "accepted",
    DECISION: "pathways",
    HEAD_DECISION: "pathways",
}

OPENED: Final = "OPENED"
MOVED: Final = "MOVED"
RESET: Final = "RESET"
COUNCIL_EVENTS: Final = (OPENED, MOVED, RESET)

# --- what becomes of a line -----------------------------------------------------------------------------------------
ACCEPTED: Final = "ACCEPTED"
REJECTED: Final = "REJECTED"
NOT_PROCESSED: Final = "NOT_PROCESSED"
UNCHANGED: Final = "UNCHANGED"

SENTENCES: Final[dict[str, str]] = {
    # lines
    "COUNCIL_OPEN": "Le conseil de classe était déjà ouvert : la saisie n’est pas traitée.",
    "UNKNOWN_KIND": "Ce type de ligne n’existe pas dans cette version de l’échange.",
    "MALFORMED": "La ligne est mal formée : date, phase, version ou contenu illisible.",
    "WRONG_CAMPAIGN": "L’année scolaire ou le niveau n’est pas celui de la campagne.",
    "UNKNOWN_PUPIL": "Cet élève n’est pas connu dans cet établissement.",
    "UNKNOWN_DIVISION": "Cette division n’est pas connue dans cet établissement.",
    "DUPLICATE_REF": "Cette référence est déjà celle d’une autre ligne du même envoi.",
    "EMPTY_LIST": "La ligne ne porte aucune voie, ou en porte alors qu’elle refuse tout.",
    "TOO_MANY": "La ligne porte plus de voies que la campagne n’en admet.",
    "TOO_LONG": "Un texte est plus long que ce qui est admis.",
    "UNKNOWN_PATHWAY": "Cette voie ou cette série n’existe pas à ce niveau.",
    "MALFORMED_DETAILS": "Les précisions d’une voie manquent, ou ne sont pas celles qu’elle demande.",
    "DUPLICATE_PATHWAY": "La même voie figure deux fois.",
    "UNKNOWN_VALUE": "Cette réponse n’est pas dans la liste de la campagne.",
    "FUTURE_DATE": "La ligne est datée de l’avenir.",
    "COUNCIL_NOT_OPEN": "Le conseil de classe de la division n’est pas ouvert.",
    "SUPERSEDED": "Une version plus récente est déjà connue.",
    "NOTHING_TO_CHANGE": "La famille n’a pas de demande en vigueur dans cette phase : il n’y a rien à modifier.",
    "SAME_LIST": "La demande en vigueur est déjà celle-là : rien n’est changé.",
    "WITHDRAWN": "Le conseil a été réinitialisé depuis : la réponse n’a jamais été publiée.",
    "UNKNOWN_ENTRY": "La demande à laquelle répond le conseil de classe n’est pas connue.",
    "UNANSWERED_PATHWAY": "Le conseil de classe ne répond pas à toutes les voies demandées.",
    "UNKNOWN_STATEMENT": "La réponse du conseil de classe à laquelle se rapporte la ligne n’est pas connue.",
    "WITHDRAWN_STATEMENT": "La réponse du conseil de classe à laquelle se rapporte la ligne a été retirée.",
    "UNKNOWN_ANSWER": "La réponse de la famille à laquelle se rapporte la ligne n’est pas connue.",
    "ALREADY_ANSWERED": "La famille a déjà répondu : sa réponse est définitive.",
    "NOT_PROPOSED": "Une voie acceptée n’est pas de celles que le conseil de classe propose.",
    "ALREADY_DECIDED": "La décision d’orientation est déjà prise.",
    "NOTHING_TO_APPEAL": "Il n’y a pas de décision du chef d’établissement contre laquelle faire appel.",
    "MASS_CHANGE": "Trop d’avis de l’établissement changeraient d’un coup : une personne de l’académie doit confirmer.",
    "REFUSED_BY_ACADEMY": "L’académie a refusé ce changement.",
    # requests
    "BAD_TOKEN": "Le jeton d’accès est absent ou faux.",
    "WRONG_VERSION": "Cette version de l’échange n’est pas prise en charge.",
    "WRONG_DIGEST": "Le contenu reçu ne correspond pas à son empreinte.",
    "OUT_OF_ORDER": "Les lignes reçues ne suivent pas celles qui ont déjà été lues.",
    "TOO_BIG": "Le contenu reçu est plus gros que ce qui est admis.",
    "WRONG_LINES": "Le nombre de lignes reçues n’est pas celui qui est annoncé.",
    "OTHER_DIGEST": "Un autre contenu a déjà été déposé sous ce numéro.",
    "UNKNOWN_DEPOSIT": "Ce dépôt n’est pas connu.",
    "UNREADABLE": "Le contenu n’est pas un tableau lisible.",
    "MISMATCH": "Le compte rendu ne correspond pas à ce qui a été envoyé.",
    "UNAVAILABLE": "Siècle Orientation ne répond pas.",
}

# --- requests -------------------------------------------------------------------------------------------------------
API: Final = "/siecle-simulateur/api"
CALLBACK: Final = "/api/siecle/conseils/"
H_VERSION: Final = "X-Contrat"
H_ACADEMY: Final = "X-Academie"
H_YEAR: Final = "X-Annee"
H_LEVEL: Final = "X-Niveau"
H_DIGEST: Final = "X-Digest"  # sha256 of the body, in hexadecimal
H_LINES: Final = "X-Lignes"  # lines of the body, header not counted
H_MORE: Final = "X-Suite"  # "1" when another page follows
PAGE: Final = 20_000  # lines
PAGE_BYTES: Final = 64 * 2**20  # a page of lines is refused beyond
JSON_BYTES: Final = 2**20  # any other reply
PAGES: Final = 5_000  # a reading that never ends is refused beyond
LEVELS: Final = ("3E", "2GT")


def deposit_path(uuid: object) -> str:
    return f"{API}/depots/{uuid}/"


def report_path(uuid: object) -> str:
    return f"{API}/depots/{uuid}/compte-rendu/"


def report_lines_path(uuid: object, *, after: int) -> str:
    return f"{API}/depots/{uuid}/compte-rendu/lignes/?apres={after}"


def feed_path(*, academy: str, year: int, level: str, after: int, first: str = "", before: str = "") -> str:
    """The lines after `after`, of the schools whose UAI is in [first, before). Empty: no bound."""
    asked = {"academie": academy, "annee": year, "niveau": level, "apres": after, "de": first, "avant": before}
    return f"{API}/reponses/?" + urlencode({name: value for name, value in asked.items() if value != ""})
