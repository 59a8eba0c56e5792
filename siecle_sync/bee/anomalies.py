"""What the import has to say: why a file is refused, and what it met in a file it took. One table each."""

from dataclasses import dataclass, field
from enum import IntEnum


class Severity(IntEnum):
    REJECTED = 1
    DECISION = 2
    WARNING = 3
    INFO = 4

    @property
    def label(self) -> str:
        return ("rejeté", "à décider", "à vérifier", "pour information")[self - 1]


REJECTED, DECISION, WARNING, INFO = Severity

# A refused file: nothing at all is changed. {file} is the name given by the person.
REFUSALS = {
    "UAI_MALFORMED": "« {uai} » n’est pas un UAI : il faut sept chiffres et une lettre.",
    "YEAR_UNKNOWN": "«\u00a0{year}\u00a0» n’est pas une année scolaire\u00a0: pour 2025-2026, donnez 2025.",
    "UAI_KEY": "L’UAI {uai} est mal saisi : la lettre qui suit {digits} devrait être {key}.",
    "ACADEMY_UNKNOWN": "L’académie « {academy} » est inconnue.",
    "ACADEMY_MISMATCH": "L’établissement {uai} est rattaché à l’académie {known}, et non à l’académie {academy}.",
    "NOTHING_TO_IMPORT": "Aucun des fichiers donnés ne suffit à un import : joignez au moins le fichier des élèves, "
    "celui des responsables, celui des structures ou le fichier Communs.",
    "PUPILS_NEEDED": "Aucun élève de l’établissement {uai} n’est connu : joignez le fichier des élèves.",
    "NO_PUPIL": "{file} ne contient aucun élève.",
    "UNEXPECTED": "Une erreur imprévue a arrêté l’import de {uai} : elle est dans le journal technique.",
    "UNREADABLE": "{file} ne peut pas être lu : vérifiez le nom et l’emplacement du fichier.",
    "EMPTY": "{file} est vide.",
    "TOO_BIG": "{file} est trop volumineux : un export de Siècle ne dépasse pas {limit} Mo.",
    "ZIP_DAMAGED": "{file} est une archive zip abîmée ou incomplète : téléchargez-la de nouveau depuis Siècle.",
    "ZIP_ENCRYPTED": "{file} est une archive protégée par un mot de passe : donnez l’archive produite par Siècle.",
    "ZIP_UNSAFE": "{file} contient un chemin interdit (« {member} ») : donnez l’archive produite par Siècle.",
    "ZIP_TOO_MANY": "{file} contient trop de fichiers : donnez l’archive produite par Siècle.",
    "ZIP_METHOD": "{file} est une archive zip d’un genre que Siècle n’emploie pas : donnez l’archive qu’il a produite.",
    "ZIP_NESTED": "{file} contient des archives les unes dans les autres : donnez l’archive produite par Siècle.",
    "SPREADSHEET": "{file} est un tableur, où manquent les identifiants des élèves et des responsables : exportez les "
    "fichiers XML de Siècle.",
    "ZIP_NO_XML": "{file} ne contient aucun fichier XML.",
    "ZIP_SEVERAL_XML": "{file} contient plusieurs fichiers XML : donnez une archive par export.",
    "ENCODING_UNKNOWN": "{file} annonce le codage « {encoding} », que Siècle n’emploie pas : exportez-le de nouveau.",
    "ENCODING_BROKEN": "Les accents de {file} sont abîmés : le fichier a été ouvert puis enregistré dans un autre "
    "codage que celui qu’il annonce. Exportez-le de nouveau depuis Siècle, sans l’ouvrir.",
    "DTD": "{file} contient une déclaration DOCTYPE ou ENTITY, qui n’existe pas dans un export de Siècle.",
    "MALFORMED": "{file} est abîmé ou incomplet (ligne {line}) : exportez-le de nouveau depuis Siècle, sans l’ouvrir.",
    "OVERSIZED": "{file} contient un élément démesuré (ligne {line}) : ce n’est pas un export de Siècle.",
    "WRONG_ROOT": "{file} n’est pas un export de Siècle BEE attendu ici : sa racine est « {root} ». Les fichiers lus "
    "sont Élèves, Responsables, Structures, Nomenclature et Communs.",
    "NO_PARAMETERS": "{file} n’a pas d’en-tête PARAMETRES : on ne sait ni de quel établissement, ni de quelle année "
    "il s’agit.",
    "WRONG_UAI": "{file} est celui de l’établissement {found}, et non de {expected}.",
    "WRONG_YEAR": "{file} est celui de l’année scolaire {found}, et non {expected}. De mai à août, Siècle tient deux "
    "bases : vérifiez que l’export vient de la bonne.",
    "SAME_KIND_TWICE": "{first} et {file} sont deux exports de même nature ({kind}) : n’en donnez qu’un.",
}

# What was met in a file that was taken. {who} is the person or the pupil, as the file names them.
CATALOGUE: dict[str, tuple[Severity, str]] = {
    # --- a pupil who is not imported -----------------------------------------------------------------------------
    "PUPIL_WITHOUT_ID": (REJECTED, "{who} n’a pas d’identifiant ELEVE_ID lisible : élève non importé."),
    "PUPIL_TWICE": (REJECTED, "L’identifiant ELEVE_ID {eleve_id} désigne deux élèves différents : aucun importé."),
    "PUPIL_NAME_MISSING": (REJECTED, "{who} : le nom ou le prénom manque. Élève non importé."),
    "BIRTH_DATE_MISSING": (REJECTED, "{who} : la date de naissance manque. Élève non importé."),
    "BIRTH_DATE_INVALID": (REJECTED, "{who} : « {value} » n’est pas une date de naissance. Élève non importé."),
    "BIRTH_DATE_FUTURE": (REJECTED, "{who} serait né après l’export ({value}). Élève non importé."),
    "DATES_INCOHERENT": (REJECTED, "{who} serait sorti ({value}) avant d’être entré ({other}). Élève non importé."),
    "PUPIL_IDENTITY_CHANGED": (
        REJECTED,
        "{who} : l’identifiant ELEVE_ID {eleve_id} désignait jusqu’ici {known}. Élève laissé tel quel : vérifiez.",
    ),
    "PUPIL_OF_A_LATER_YEAR": (
        REJECTED,
        "{who} est déjà inscrit ici pour l’année {value}\u00a0: un export d’une année passée n’y change rien.",
    ),
    # --- a person or a link that is not imported -----------------------------------------------------------------
    "PERSON_WITHOUT_ID": (REJECTED, "{who} n’a pas d’identifiant PERSONNE_ID lisible : personne non importée."),
    "PERSON_TWICE": (REJECTED, "L’identifiant PERSONNE_ID {value} désigne deux personnes différentes : aucune prise."),
    "PERSON_EMPTY": (REJECTED, "La personne {value} n’a pas de nom : elle n’est pas importée."),
    "PERSON_IDENTITY_CHANGED": (
        REJECTED,
        "{who} : l’identifiant PERSONNE_ID {value} désignait jusqu’ici {known}. Personne laissée telle quelle : "
        "vérifiez.",
    ),
    "LINK_UNREADABLE": (REJECTED, "Un lien de responsabilité est incomplet ou illisible : il est ignoré."),
    "LINK_LEVEL_INVALID": (REJECTED, "Lien de la personne {value} : niveau de responsabilité illisible ({other})."),
    "LINK_TO_UNKNOWN_PUPIL": (
        WARNING,
        "La personne {value} est rattachée à un élève inconnu (ELEVE_ID {eleve_id}) : lien ignoré.",
    ),
    "LINK_TO_UNKNOWN_PERSON": (WARNING, "{who} est rattaché à une personne absente du fichier ({value})."),
    # --- for the school to decide ---------------------------------------------------------------------------------
    "INACTIVE": (DECISION, "{who} n’est que dans la division « Inactifs » : est-il concerné ?"),
    "NO_DIVISION": (DECISION, "{who} n’est dans aucune division : est-il concerné ?"),
    "NO_MEF": (DECISION, "{who} n’a pas de formation (MEF) reconnue : est-il concerné ?"),
    "PUPIL_VANISHED": (DECISION, "{who} est connu ici mais absent du fichier : rien n’est changé."),
    "ACADEMY_UNTOLD": (
        DECISION,
        "L’UAI {value} commence par {other}, qui ne désigne aucun département connu\u00a0: l’établissement est rangé, "
        "à l’heure de Paris, dans l’académie provisoire «\u00a0{known}\u00a0». Donnez la sienne (--academy).",
    ),
    "OLDER_EXPORT": (
        DECISION,
        "{value}\u00a0: cet export du {known} est plus ancien que celui du {other}, déjà importé. Ce qui avait changé "
        "entre-temps est ramené en arrière\u00a0: importez de nouveau l’export le plus récent.",
    ),
    # --- to check in Siècle ---------------------------------------------------------------------------------------
    "INE_MALFORMED": (WARNING, "{who} : « {value} » n’est pas un INE. L’INE est ignoré."),
    "INE_UNUSUAL": (WARNING, "{who} : l’INE {ine} a une forme inhabituelle ou une clé fausse. Il est gardé."),
    "INE_TWICE": (WARNING, "L’INE {ine} est porté par plusieurs élèves ({value}) : il est ignoré pour tous."),
    "INE_REATTRIBUTED": (WARNING, "{who} : son INE était celui de {known}, né à une autre date. Élève distinct créé."),
    "PUPIL_MAYBE_TWICE": (WARNING, "{who} paraît saisi deux fois (ELEVE_ID {value}). Rien n’est fusionné."),
    "LEAVING_DATE_INVALID": (WARNING, "{who} : « {value} » n’est pas une date de sortie. Elle est ignorée."),
    "ENTRY_DATE_INVALID": (WARNING, "{who} : « {value} » n’est pas une date d’entrée. Elle est ignorée."),
    "AGE_UNUSUAL": (WARNING, "{who} aurait {value} ans : vérifiez la date de naissance."),
    "MEF_MALFORMED": (WARNING, "{who} : « {value} » n’est pas un code MEF. Il est ignoré."),
    "SEVERAL_DIVISIONS": (WARNING, "{who} est dans plusieurs divisions ({value}) : {other} est retenue."),
    "STRUCTURES_TWICE": (WARNING, "{who} a plusieurs listes de divisions : elles sont réunies."),
    "STRUCTURE_FOR_UNKNOWN_PUPIL": (WARNING, "Des divisions sont données pour un élève inconnu ({eleve_id})."),
    "STRUCTURE_INVALID": (WARNING, "Élève {eleve_id} : une division sans code, sans type ou trop longue est ignorée."),
    "QUESTION_MARK": (WARNING, "{who} : un caractère que Siècle ne sait pas écrire est remplacé par « ? »."),
    "NAME_TOO_LONG": (WARNING, "{who} : un nom dépasse 100 caractères, il est coupé."),
    "PERSON_MAYBE_TWICE": (
        WARNING,
        "{who} paraît saisi plusieurs fois (PERSONNE_ID {value}). Rien n’est fusionné : corrigez dans Siècle.",
    ),
    "EMAIL_INVALID": (WARNING, "{who} : « {value} » n’est pas une adresse électronique. Elle est ignorée."),
    "EMAIL_DIFFERS": (
        WARNING,
        "{who} : Siècle donne une autre adresse électronique que celle que la personne ou l’établissement a saisie "
        "ici. La sienne est gardée.",
    ),
    "KINSHIP_UNKNOWN": (WARNING, "Lien de la personne {value} : code de parenté « {other} » inconnu, ignoré."),
    "LINK_TWICE": (WARNING, "{who} est lié deux fois à la personne {value} : le niveau le plus fort est retenu."),
    "LEGAL_RANK_TWICE": (WARNING, "{who} a plusieurs responsables légaux de même rang : tous sont gardés."),
    "NO_LEGAL": (WARNING, "{who} n’a aucun représentant légal : personne ne pourra saisir pour lui."),
    "LINKS_ABSENT": (WARNING, "{who} n’a aucun responsable dans le fichier : les liens connus sont gardés."),
    "LINK_ENDED": (WARNING, "{who} n’a plus {known} pour responsable : son accès prend fin."),
    "LINK_ENDED_SINCE": (
        WARNING,
        "{who} n’a plus {known} pour responsable depuis le {value}\u00a0: un export plus ancien ne lui rend pas "
        "son accès.",
    ),
    "LINK_LEVEL_CHANGED": (WARNING, "{who} : {known} passe du niveau {value} au niveau {other}."),
    "NO_EXPORT_DATE": (WARNING, "Le fichier ne dit pas sa date d’export : les sorties sont jugées au {value}."),
    "EXPORT_DATE_INVALID": (WARNING, "« {value} » n’est pas une date d’export. Elle est ignorée."),
    # --- for information ------------------------------------------------------------------------------------------
    "LEFT": (INFO, "{who} a quitté l’établissement le {value} : hors campagne."),
    "LEAVING": (INFO, "{who} doit quitter l’établissement le {value} : gardé jusque-là."),
    "INE_MISSING": (INFO, "{who} n’a pas encore d’INE."),
    "MATCHED_BY_INE": (INFO, "{who} a changé d’identifiant ELEVE_ID : reconnu par l’INE et la date de naissance."),
    "PUPIL_CHANGED": (INFO, "{who} : {other} change (« {known} » devient « {value} »)."),
    "LEVEL_CHANGED": (INFO, "{who} change de niveau : {known} devient {value}."),
    "SCOPE_CHANGED": (INFO, "{who} : {known} devient {value}."),
    "PERSON_CHANGED": (INFO, "{who} : {other} change (« {known} » devient « {value} »)."),
    "PUPIL_REPEATED": (INFO, "{who} figure deux fois à l’identique : compté une fois."),
    "PERSON_WITHOUT_PUPIL": (INFO, "{who} n’est le responsable d’aucun élève : non importé."),
    "MORE_THAN_TWO_LEGAL": (INFO, "{who} a {value} représentants légaux : tous sont gardés."),
    "EMAIL_SHARED": (INFO, "La même adresse électronique sert à plusieurs personnes (PERSONNE_ID {value})."),
    "EMAIL_MISSING": (INFO, "{who}, représentant légal, n’a pas d’adresse électronique."),
    "LINK_ADDED": (INFO, "{who} a un nouveau responsable : {known}."),
    "LINK_REOPENED": (INFO, "{who} a de nouveau {known} pour responsable."),
    "OLD_SHAPE": (INFO, "Le fichier des responsables a la forme d’avant 2018 (RESP_LEGAL)."),
    "DIVISION_UNLISTED": (INFO, "La division {value} n’est pas dans le fichier des structures."),
    "SCHOOL_CHANGED": (INFO, "Établissement : {other} change (« {known} » devient « {value} »)."),
    "SCHOOL_NAME_MISSING": (INFO, "Le fichier Communs manque : l’établissement porte un nom provisoire."),
    "FILE_MISSING": (INFO, "{value}"),
}


class RefusedFile(Exception):
    """A file or a demand that is refused whole. `code` is a key of REFUSALS; str() is the French sentence, made of
    `values`.
    """

    def __init__(self, code: str, **values: object) -> None:
        self.code, self.values = code, values
        self.sentence = REFUSALS[code].format(**values)
        super().__init__(self.sentence)


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One thing to say about one line of one file. `code` is a key of CATALOGUE."""

    code: str
    severity: Severity
    sentence: str
    file: str = ""
    line: int | None = None
    eleve_id: int | None = None
    ine: str = ""

    @property
    def rank(self) -> tuple[int, str, int]:
        return self.severity, self.file, self.line or 0


@dataclass(slots=True)
class Log:
    """The anomalies of one import, in the order they were met."""

    anomalies: list[Anomaly] = field(default_factory=list)

    def add(
        self,
        code: str,
        *,
        file: str = "",
        line: int | None = None,
        eleve_id: int | None = None,
        ine: str = "",
        **values: object,
    ) -> None:
        severity, template = CATALOGUE[code]
        sentence = template.format(eleve_id=eleve_id, ine=ine, **values)
        self.anomalies.append(Anomaly(code, severity, sentence, file, line, eleve_id, ine))

    def sorted(self) -> list[Anomaly]:
        return sorted(self.anomalies, key=lambda anomaly: anomaly.rank)
