"""The day each kind of file was exported, remembered in the journal: an older export brings the past back."""

from datetime import date

from ledger.models import JournalEntry
from siecle_sync.bee.anomalies import Log
from siecle_sync.bee.bundle import Bundle


def exports_of(bundle: Bundle) -> dict[str, str]:
    """Kind → ISO day, for the files that say it."""
    headers = [header for _, header in bundle.headers]
    return {header.kind.name: header.exported_on.isoformat() for header in headers if header.exported_on}


def compare_exports(uai: str, year: int, bundle: Bundle, log: Log) -> bool:
    """Say which files are older than what was imported before; return whether one is more recent, or the first."""
    latest, is_news = _latest(uai, year), False
    for name, header in bundle.headers:
        day, known = header.exported_on, latest.get(header.kind.name)
        if day and known and day < known:
            log.add("OLDER_EXPORT", file=name, value=header.kind, known=f"{day:%d/%m/%Y}", other=f"{known:%d/%m/%Y}")
        is_news = is_news or (day is not None and (known is None or day > known))
    return is_news


def _latest(uai: str, year: int) -> dict[str, date]:
    lines = JournalEntry.objects.filter(dossier_uuid=None, verb="siecle_import", data__school=uai, data__year=year)
    latest: dict[str, date] = {}
    for exported in lines.exclude(data__exported=None).values_list("data__exported", flat=True):
        for kind, text in exported.items():
            latest[kind] = max(latest.get(kind, date.min), date.fromisoformat(text))
    return latest
