"""The floor: bare smtplib, one letter already made, one connection kept, one process; its last line is JSON."""

import json
import smtplib
import sys
import time
from pathlib import Path

SENDER, READER = "ne-pas-repondre@exemple.invalid", "parent@exemple.invalid"


def main(port: str, count: str, file: str) -> None:
    letter, wanted = Path(file).read_bytes(), int(count)
    with smtplib.SMTP("127.0.0.1", int(port)) as line:
        began, spent = time.monotonic(), time.process_time()
        for _ in range(wanted):
            line.sendmail(SENDER, [READER], letter)
        seconds, cpu = time.monotonic() - began, time.process_time() - spent
    print(json.dumps({"seconds": seconds, "per_s": wanted / seconds, "cpu_ms": cpu / wanted * 1000}))


if __name__ == "__main__":
    main(*sys.argv[1:])
