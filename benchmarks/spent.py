"""What a measure cost: seconds of clock, and of processor (ours and our PostgreSQL backend's), which a busy machine
changes less."""

import os
import time
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")


def backend_cpu(cursor: Any) -> float:
    """Seconds of processor of the session's backend; 0 when the server is on another machine."""
    cursor.execute("SELECT pg_backend_pid()")
    stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Spent:
    """From its making to `so_far`."""

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor
        self.before = backend_cpu(cursor)
        self.process, self.clock = time.process_time(), time.monotonic()

    def so_far(self) -> dict[str, float]:
        seconds, process = time.monotonic() - self.clock, time.process_time() - self.process
        return {"seconds": seconds, "cpu": process + backend_cpu(self.cursor) - self.before}
