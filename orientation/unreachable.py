"""Whom our letters reach: each dossier of a campaign that is not over is in exactly one category (MAI-06).

The same answer twice: `category` for one family, from its facts; `with_category` for a school, in one query.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateField,
    DateTimeField,
    Exists,
    F,
    Func,
    IntegerChoices,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce, NullIf

from families.models import Representative, ResponsibilityLevel, School, Student, StudentScope
from ledger.models import Delivery, LetterEvent, LetterState, OutgoingEmail
from orientation.models import Dossier, Extension, PhaseWindow
from orientation.reading import load_facts
from orientation.rules import student_acts

NEWS_OF = timedelta(days=30)  # a provider that has told nothing for so long tells nothing
PATIENCE = timedelta(days=1)  # a letter of today may still arrive
ARRIVED = (Delivery.DELIVERED, Delivery.COMPLAINED)  # who complains has read it
LOST = (Delivery.BOUNCED, Delivery.REJECTED)


class Reach(IntegerChoices):
    """From the gravest: the first that is true of a family is its category."""

    NO_ADDRESS = 1, "aucune adresse"
    REFUSED = 2, "adresse refusée"
    NEVER_DELIVERED = 3, "aucun courriel arrivé"
    NEVER_USED = 4, "compte jamais utilisé"
    REACHED = 5, "jointe"


ADVICE = {
    Reach.NO_ADDRESS: "Personne dans la famille n’a d’adresse électronique. Demandez-en une, ou écrivez sur papier.",
    Reach.REFUSED: "Nos courriels reviennent : l’adresse n’existe pas ou plus. Demandez la bonne à la famille.",
    Reach.NEVER_DELIVERED: "Les courriels partent et aucun n’arrive. Vérifiez l’adresse avec la famille.",
    Reach.NEVER_USED: "Personne ne s’est encore connecté. Remettez le code d’activation et proposez votre aide.",
    Reach.REACHED: "Les courriels arrivent et la famille s’est connectée. Rien à faire.",
}
UNREACHED = tuple(one for one in Reach if one is not Reach.REACHED)


@dataclass(frozen=True, slots=True)
class LetterFate:
    state: str
    delivery: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Reader:
    """A legal representative of today, or the pupil of age. `refused`: no letter is taken at their address."""

    has_email: bool
    refused: bool = False
    signed_in: bool = False
    letters: tuple[LetterFate, ...] = ()


def category(readers: Iterable[Reader], now: datetime, *, news: bool) -> Reach:
    """Pure. `news`: the provider tells what becomes of letters; else one that left is taken to have arrived."""
    known = tuple(readers)
    written = [one for one in known if one.has_email]
    if not written:
        return Reach.NO_ADDRESS
    if all(one.refused for one in written):
        return Reach.REFUSED
    letters = [letter for one in known for letter in one.letters]
    if any(is_lost(one, now) for one in letters) and not any(has_arrived(one, news) for one in letters):
        return Reach.NEVER_DELIVERED
    return Reach.REACHED if any(one.signed_in for one in known) else Reach.NEVER_USED


def has_arrived(letter: LetterFate, news: bool) -> bool:
    left = letter.state == LetterState.SENT and letter.delivery not in LOST
    return letter.delivery in ARRIVED or (left and not news)


def is_lost(letter: LetterFate, now: datetime) -> bool:
    late = letter.state in (LetterState.SENT, LetterState.FAILED) and letter.created_at < now - PATIENCE
    return letter.state == LetterState.ASIDE or letter.delivery in LOST or late


def category_of(dossier: Dossier, now: datetime) -> Reach:
    return category(readers_of_dossier(dossier, now), now, news=provider_gives_news(now))


def readers_of_dossier(dossier: Dossier, now: datetime) -> list[Reader]:
    """Three queries: the facts, the persons, their letters."""
    facts = load_facts(dossier.uuid)
    people: list[Representative | Student] = list(
        Representative.objects.filter(uuid__in=[one.uuid for one in facts.representatives]).select_related("user")
    )
    if student_acts(facts, now):
        people.append(dossier.student)
    letters = OutgoingEmail.objects.filter(recipient_uuid__in=[one.uuid for one in people])
    rows = list(letters.values_list("recipient_uuid", "state", "delivery", "created_at"))
    return [_reader(one, tuple(LetterFate(*said) for to, *said in rows if to == one.uuid)) for one in people]


def _reader(person: Representative | Student, letters: tuple[LetterFate, ...]) -> Reader:
    account = person.user
    written = person if isinstance(person, Representative) else account  # whose address their letters go to
    return Reader(
        has_email=written is not None and bool(written.email),
        refused=written is not None and written.email_refused_at is not None,
        signed_in=account is not None and account.last_login is not None,
        letters=letters,
    )


def provider_gives_news(now: datetime) -> bool:
    last = LetterEvent.objects.order_by("-pk").values_list("received_at", flat=True).first()
    return last is not None and last > now - NEWS_OF


# --- the same, in SQL -------------------------------------------------------------------------------------------------
def families(schools: QuerySet[School] | list[School], now: datetime) -> QuerySet[Dossier]:
    """The dossiers of these schools in a campaign that is not over, each with its `category` (a Reach)."""
    return with_category(followed(Dossier.objects.filter(student__school__in=schools), now), now)


def followed(dossiers: QuerySet[Dossier], now: datetime) -> QuerySet[Dossier]:
    """Of pupils that the school still follows, until the last window has closed, extensions included (CAL-04)."""
    windows = PhaseWindow.objects.filter(campaign=OuterRef("campaign"), closes_at__gt=now)
    longer = Extension.objects.filter(
        Q(school=None) | Q(school=OuterRef("student__school")),
        Q(division=None) | Q(division=OuterRef("student__division")),
        campaign=OuterRef("campaign"), closes_at__gt=now,
    )  # fmt: skip
    of_the_level = Q(student__level=F("campaign__level")) | Q(student__level="")
    rows = dossiers.filter(of_the_level, student__year=F("campaign__year")).exclude(student__scope=StudentScope.OUT)
    return rows.filter(Exists(windows) | Exists(longer))


def unreached(dossiers: QuerySet[Dossier], now: datetime, wanted: Iterable[Reach] = UNREACHED) -> QuerySet[Dossier]:
    """Those whom no letter reaches, for one of these reasons, each with its `category`."""
    return with_category(followed(dossiers, now), now).filter(category__in=list(wanted))


def with_category(dossiers: QuerySet[Dossier], now: datetime) -> QuerySet[Dossier]:
    news = provider_gives_news(now)
    legal = Representative.objects.filter(
        guardianships__student=OuterRef("student"), guardianships__level=ResponsibilityLevel.LEGAL,
        guardianships__ended_on=None,
    )  # fmt: skip
    written, of_age = legal.exclude(email=""), pupil_is_of_age(now)
    pupil_is_written = of_age & Q(student__user__email__gt="")
    reaches_pupil = pupil_is_written & Q(student__user__email_refused_at=None)

    def letters(which: Q) -> Any:
        own = OutgoingEmail.objects.filter(which, recipient_uuid=OuterRef("uuid"))
        pupils = OutgoingEmail.objects.filter(which, recipient_uuid=OuterRef("student__uuid"))
        return Exists(legal.filter(Exists(own))) | (of_age & Exists(pupils))

    signed_in = Exists(legal.filter(user__last_login__isnull=False)) | (
        of_age & Q(student__user__last_login__isnull=False)
    )
    found = Case(
        When(~(Exists(written) | pupil_is_written), then=Reach.NO_ADDRESS),
        When(~(Exists(written.filter(email_refused_at=None)) | reaches_pupil), then=Reach.REFUSED),
        When(letters(lost(now)) & ~letters(arrived(news)), then=Reach.NEVER_DELIVERED),
        When(~signed_in, then=Reach.NEVER_USED),
        default=Reach.REACHED, output_field=IntegerField(),
    )  # fmt: skip
    return dossiers.annotate(category=found)


def arrived(news: bool) -> Q:
    left = Q(state=LetterState.SENT) & ~Q(delivery__in=LOST)
    return Q(delivery__in=ARRIVED) if news else Q(delivery__in=ARRIVED) | left


def lost(now: datetime) -> Q:
    late = Q(state__in=[LetterState.SENT, LetterState.FAILED], created_at__lt=now - PATIENCE)
    return Q(state=LetterState.ASIDE) | Q(delivery__in=LOST) | late


def pupil_is_of_age(now: datetime) -> Q:
    """ACC-03, in the school's own time, as orientation.readers says it."""
    zone = Coalesce(NullIf("student__school__own_timezone", Value("")), "student__school__academy__timezone")
    eighteen_years_ago = Func(
        Value(now, DateTimeField()), zone, arg_joiner=" AT TIME ZONE ", output_field=DateField(),
        template="((%(expressions)s) - interval '18 years')::date",
    )  # fmt: skip
    return Q(student__birth_date__lte=eighteen_years_ago)


def figures(dossiers: QuerySet[Dossier]) -> dict[Reach, int]:
    """How many families in each category, none forgotten."""
    counted = dict(dossiers.order_by().values_list("category").annotate(Count("pk")))
    return {one: counted.get(one.value, 0) for one in Reach}


def figures_by_school(dossiers: QuerySet[Dossier]) -> dict[int, dict[Reach, int]]:
    """School's primary key → its figures."""
    rows = dossiers.order_by().values_list("student__school", "category").annotate(Count("pk"))
    found: dict[int, dict[Reach, int]] = {}
    for school, which, count in rows:
        found.setdefault(school, dict.fromkeys(Reach, 0))[Reach(which)] = count
    return found
