"""One worker among several: it plays every part of a night that nobody else has taken; its last line is JSON."""

import json
import sys
import time

import django

django.setup()

from families.models import Academy  # noqa: E402 (after the set-up)
from siecle_sync.models import PartState, RunPart  # noqa: E402
from siecle_sync.night import prepare  # noqa: E402
from siecle_sync.parts import play_part  # noqa: E402
from siecle_sync.steps import Step, step_reached  # noqa: E402


def played() -> int:
    """Parts that this process finished; the others do the rest."""
    finished = []

    def note(step: str, part: RunPart, **more: object) -> None:
        finished.extend([part.pk] * (step == Step.RECEIVED))

    step_reached.connect(note)
    for pk in list(RunPart.objects.filter(state=PartState.WAITING).order_by("number").values_list("pk", flat=True)):
        play_part(pk)
    return len(finished)


def main(code: str, *options: str) -> None:
    began = time.monotonic()
    if options:
        prepare(Academy.objects.get(pk=code))
        done = 0
    else:
        done = played()
    print(json.dumps({"began": began, "ended": time.monotonic(), "parts": done}))


if __name__ == "__main__":
    main(*sys.argv[1:])
