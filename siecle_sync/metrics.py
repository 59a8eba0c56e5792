"""The nights in figures, for a program that watches them (Prometheus): ten queries for any number of académies."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ledger import clock
from siecle_sync import backlog, wire
from siecle_sync.backlog import Letters
from siecle_sync.models import NightAlert, Run, RunState

STATES = (RunState.RUNNING, RunState.FINISHED, RunState.FAILED)
OUTCOMES = ("accepted", "rejected", "not_processed", "unchanged")
RECENT = timedelta(days=1)  # alerts older than that are told no more
Values = Iterable[tuple[list[str], float]]


@csrf_exempt
@login_not_required
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures of today, in Prometheus's text. 401 without the token; 404 where no token is set."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if not wire.bears(request, settings.METRICS_TOKEN):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Nights())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Nights(Collector):
    """Read at each call: the database knows, whichever process answers."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now, runs = clock.now(), backlog.last_runs()
        yield from of_runs(runs, now)
        unsent = backlog.unsent(before=now)
        yield gauge(
            "unsent_entries", "Saisies que Siècle n’a pas encore prises.",
            ["academy"], (([code], one.entries) for code, one in unsent.items()),
        )  # fmt: skip
        yield gauge(
            "oldest_unsent_entry_seconds", "Âge de la plus ancienne d’entre elles.",
            ["academy"], (([code], (now - one.oldest).total_seconds()) for code, one in unsent.items()),
        )  # fmt: skip
        for name, words, counts in (
            ("unfinished_parts", "Lots de la dernière nuit qui ne sont pas terminés.", backlog.parts_unfinished(runs)),
            ("held_lines", "Lignes de Siècle gardées pour les nuits suivantes.", backlog.lines_held()),
            ("mass_changes_waiting", "Changements massifs à confirmer.", backlog.mass_changes_waiting()),
        ):
            yield gauge(name, words, ["academy"], (([code], count) for code, count in counts.items()))
        yield from of_letters(backlog.letters(now), now)
        yield gauge("alerts", "Alertes des dernières 24 heures.", ["academy", "kind"], alerts(now))


def of_runs(runs: list[Run], now: datetime) -> Iterator[GaugeMetricFamily]:
    """What the last night of each campaign did."""
    labels = ["academy", "level"]
    yield gauge(
        "state", "État de la dernière nuit : 1 pour le sien, 0 pour les autres.", [*labels, "state"],
        (([*of(run), state], float(run.state == state)) for run in runs for state in STATES),
    )  # fmt: skip
    yield gauge(
        "last_start_timestamp_seconds", "Début de la dernière nuit : s’il a plus d’un jour, plus rien ne les lance.",
        labels, ((of(run), run.started_at.timestamp()) for run in runs),
    )  # fmt: skip
    yield gauge(
        "duration_seconds", "Durée de la dernière nuit, jusqu’à maintenant si elle n’est pas finie.",
        labels, ((of(run), ((run.ended_at or now) - run.started_at).total_seconds()) for run in runs),
    )  # fmt: skip
    yield gauge(
        "lines", "Lignes de la dernière nuit.", [*labels, "direction", "outcome"],
        (
            ([*of(run), way, outcome], run.counters[way].get(outcome, 0))
            for run in runs for way in ("out", "in") if way in run.counters for outcome in OUTCOMES
        ),
    )  # fmt: skip


def of_letters(found: list[Letters], now: datetime) -> Iterator[GaugeMetricFamily]:
    """What has not left, and since when."""
    waiting, since = Counter[str](), dict[str, datetime]()
    for one in found:
        if one.waits:
            waiting[one.academy] += one.count
        if one.oldest:
            since[one.academy] = min(one.oldest, since.get(one.academy, one.oldest))
    yield gauge(
        "letters_waiting", "Courriels à envoyer ou à renvoyer.", ["academy"],
        (([code], count) for code, count in waiting.items()),
    )  # fmt: skip
    yield gauge(
        "letters", "Courriels qui ne sont pas partis.", ["academy", "state"],
        (([one.academy, one.state], one.count) for one in found),
    )  # fmt: skip
    yield gauge(
        "oldest_letter_seconds", "Depuis quand attend le premier de ceux qui auraient dû partir.", ["academy"],
        (([code], (now - oldest).total_seconds()) for code, oldest in since.items()),
    )  # fmt: skip


def of(run: Run) -> list[str]:
    return [run.academy_id, run.campaign.level]


def alerts(now: datetime) -> Values:
    rows = NightAlert.objects.filter(at__gt=now - RECENT).order_by()
    counted = rows.values_list("academy", "kind").annotate(Count("pk"))
    return (([academy or "", kind], count) for academy, kind, count in counted)


def gauge(name: str, words: str, labels: list[str], values: Values) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"orientation_night_{name}", words, labels=labels)
    for said, value in values:
        family.add_metric(said, value)
    return family
