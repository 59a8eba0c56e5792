"""What each policy of a campaign changes for families: the sentence beside its field (last table of the rules)."""

from typing import Any

from django import forms

from orientation.models import Campaign

SENTENCES = {
    "max_choices": "La famille classe de un à ce nombre de voies, par ordre de préférence. La page le dit en toutes "
    "lettres et refuse une voie de plus.",
    "free_text": "Oui : la famille peut préciser une spécialité ou une famille de métiers pour les voies qui le "
    "permettent. Non : ce champ n’apparaît pas.",
    "acknowledgement_by": "N’importe quel représentant : le premier qui lit les avis en accuse réception pour la "
    "famille. L’auteur de la saisie seul : les autres lisent et attendent, jusqu’à l’ouverture de la saisie "
    "définitive ; à partir de là, chacun peut accuser réception.",
    "opinion_change": "Prévenir : la famille lit ce qui a changé et n’a rien à refaire. Nouvel accusé de réception : "
    "la saisie des choix définitifs se referme jusqu’à ce que la famille accuse réception des nouveaux avis.",
    "objection": "Aucune : l’autre représentant est invité à parler à l’auteur ou au chef d’établissement. "
    "Enregistrée : jusqu’à la fermeture de la saisie, il peut dire ici qu’il n’est pas d’accord. Le chef "
    "d’établissement le voit ; rien n’est bloqué, et ne rien dire laisse la saisie en place.",
    "answered_by": "L’auteur des choix : son acceptation fait aussitôt la décision. Tous les représentants légaux : "
    "l’auteur répond d’abord, puis chaque autre dit oui ou non. La décision attend le oui de tous ; un non mène à un "
    "entretien, et le silence n’est jamais un accord.",
    "acceptances": "Une seule voie : la famille choisit parmi ce que le conseil propose. Une ou plusieurs : elle peut "
    "accepter plusieurs des voies proposées.",
    "recap_to": "Tous les représentants légaux : chacun reçoit le récapitulatif d’une saisie validée, avec le nom de "
    "son auteur. L’auteur seul : les autres ne reçoivent rien et lisent la saisie en se connectant.",
    "recap_when": "À la déconnexion : un seul courriel par session, quel que soit le nombre de changements. À la "
    "validation : un courriel à chaque fois que la famille valide.",
    "opinion_values": "Une valeur par ligne. Ce sont les mots que le conseil de classe emploie et que la famille lit.",
    "specialties": "Le nombre d’enseignements de spécialité que la famille donne avec l’intention « 1re générale », "
    "tous dans l’établissement.",
    "specialties_if_outside": "Ce nombre quand l’un d’eux est demandé hors de l’établissement.",
}
OF_2DE_GT = ("specialties", "specialties_if_outside")
FREE = (
    "L’académie règle ces points avant la première saisie. Ils se figent quand une famille valide la première : "
    "les règles ne changent pas en cours de partie."
)
FROZEN = (
    "Des familles ont déjà validé une saisie dans cette campagne : ces points sont figés jusqu’à sa fin. Ce que ces "
    "familles ont lu et signé reste vrai, et la base de données refuse elle aussi tout changement."
)
NEW = "Les autres réglages prennent les valeurs habituelles du niveau ; la page suivante permet de les changer."


class LinesField(forms.JSONField):
    """A list of short texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 4})

    def to_python(self, value: Any) -> list[str]:
        lines = value if isinstance(value, list) else str(value or "").splitlines()
        return list(dict.fromkeys(line.strip()[:40] for line in lines if line.strip()))

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def bound_data(self, data: Any, initial: Any) -> Any:
        return data

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


class FrozenCampaignForm(forms.ModelForm):
    """Nothing but the calendar is typed any more."""

    class Meta:
        model = Campaign
        exclude: list[str] = []
        help_texts = SENTENCES


class CampaignForm(FrozenCampaignForm):
    opinion_values = LinesField(label="Valeurs des avis", help_text=SENTENCES["opinion_values"])


class NewCampaignForm(forms.ModelForm):
    class Meta:
        model = Campaign
        fields = ["academy", "year", "level"]


def policies_of(level: str, *, frozen: bool) -> list[str]:
    """The fields of the page, in order; the specialty subjects are asked after 2de GT only."""
    shown = [name for name in SENTENCES if level == "2GT" or name not in OF_2DE_GT]
    return ["opinions_read" if frozen and name == "opinion_values" else name for name in shown]
