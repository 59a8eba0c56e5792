"""exports_write.py KIND ROWS: write so many rows of the database of DATABASE_URL as the page « Exporter » does."""

import json
import resource
import sys
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

django.setup()

from django.db import connection, transaction  # noqa: E402 (after the set-up)

from benchmarks import dates  # noqa: E402
from benchmarks.spent import Spent  # noqa: E402
from ledger import clock  # noqa: E402
from orientation.admin.exports import FORMATS, in_order  # noqa: E402
from orientation.enums import Phase  # noqa: E402
from orientation.exports.columns import COLUMNS  # noqa: E402
from orientation.exports.rows import rows  # noqa: E402
from orientation.models import Dossier  # noqa: E402


@transaction.atomic
def written(file: Path, kind: str, wanted: int) -> dict[str, Any]:
    """Seconds of clock, and of processor (the database's included); the peak of the process, in MB."""
    _, write, _ = FORMATS[kind]
    phase = Phase.PROVISIONAL
    dossiers = in_order(Dossier.objects.all())
    with connection.cursor() as cursor:
        spent = Spent(cursor)
        count = write(file, COLUMNS[phase], islice(rows(dossiers, phase, clock.now()), wanted))
        took = {name: round(value, 1) for name, value in spent.so_far().items()}
    assert count == wanted, f"{count} lignes seulement"
    peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    return {**took, "peak_mb": peak, "bytes": file.stat().st_size}


def main() -> None:
    kind, wanted = sys.argv[1], int(sys.argv[2])
    clock.freeze(dates.NIGHT)
    with TemporaryDirectory() as folder:
        print(json.dumps(written(Path(folder) / "export", kind, wanted)))


if __name__ == "__main__":
    main()
