"""One worker process: it sends letters until none is ready, as the tasks do; its last line is JSON.

It says that it is loaded, then waits for a line: a Celery worker is there long before the letters. `--sample FILE`
writes one letter to a file instead, as the mail server would read it.
"""

import json
import sys
import time
from pathlib import Path

import django

django.setup()

from django.core.mail import EmailMultiAlternatives  # noqa: E402 (after the set-up)

from ledger import mime  # noqa: E402
from ledger.models import OutgoingEmail  # noqa: E402
from orientation import letters  # noqa: E402
from orientation.posting import send_ready  # noqa: E402


def sample(file: str) -> None:
    row = OutgoingEmail.objects.filter(state="READY", kind="opinions_available").earliest("dedup_key")
    letter, head = letters.render(row), {"Message-ID": "<the.same.for.all@exemple.invalid>"}
    message = EmailMultiAlternatives(letter.subject, letter.text, letter.sender, [letter.to], headers=head)
    message.attach_alternative(letter.html, "text/html")
    Path(file).write_bytes(mime.written(message))


def main() -> None:
    print("ready", flush=True)
    sys.stdin.readline()
    began, spent, sent = time.monotonic(), time.process_time(), 0
    while left := send_ready():
        sent += left
    cpu = time.process_time() - spent
    print(json.dumps({"began": began, "ended": time.monotonic(), "sent": sent, "cpu": cpu}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--sample"]:
        sample(sys.argv[2])
    else:
        main()
