"""What the screens say of the recap of an entry: to whom it goes, and when (ENT-09, MAI-01…03)."""

from uuid import UUID

from orientation.enums import RecapTo, RecapWhen
from orientation.facts import Facts

# Nobody beside the author, one, several. The pupil of age is no representative among « the others ».
WHOM = ("à vous", "à vous et à l’autre représentant légal", "à vous et aux autres représentants légaux")
WHOM_OF_THE_PUPIL = ("à vous", "à vous et à votre représentant légal", "à vous et à vos représentants légaux")


def recap_sentence(facts: Facts, person: UUID) -> str:
    """Before it leaves (policies)."""
    others = sum(one.uuid != person for one in facts.representatives) if facts.policies.recap_to == RecapTo.ALL else 0
    when = "quand vous vous déconnectez" if facts.policies.recap_when == RecapWhen.SIGN_OUT else "maintenant"
    whom = _whom(others, to_pupil=person == facts.student)
    return f"Un courriel récapitulatif part {when}, {whom}, si une adresse électronique valide est connue."


def recap_words(others: int, *, to_pupil: bool) -> str:
    """As it leaves, at sign-out; `others`: how many are written to beside the author."""
    whom = _whom(others, to_pupil=to_pupil)
    return (
        f"Un courriel récapitulatif de ce que vous avez validé est envoyé {whom}, "
        "si une adresse électronique valide est connue."
    )


def _whom(others: int, *, to_pupil: bool) -> str:
    return (WHOM_OF_THE_PUPIL if to_pupil else WHOM)[min(others, 2)]
