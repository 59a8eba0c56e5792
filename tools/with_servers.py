"""with_servers.py [--keep] COMMAND…: run a command with PostgreSQL and Redis, then stop what was started.

By default the servers are new, quick and thrown away (tests). `--keep` takes the demo's settings and data in .data, and
its running servers when the demo runs. The exit code is the command's.
"""

import os
import signal
import subprocess
import sys
from types import FrameType

from embedded import Unavailable, demo_settings, servers, throwaway_servers
from processes import Interrupted, end_with_parent, interrupt, on_signals


def run(command: list[str], variables: dict[str, str]) -> int:
    """Run and pass signals on. A Ctrl-C already reached the child: the terminal sends it to the whole group."""
    process = subprocess.Popen(command, env=variables, preexec_fn=end_with_parent)

    def forward(number: int, frame: FrameType | None) -> None:
        if number != signal.SIGINT or not sys.stdin.isatty():
            process.send_signal(number)

    on_signals(forward)
    code = process.wait()
    return code if code >= 0 else 128 - code


def main(arguments: list[str]) -> int:
    keep = arguments[:1] == ["--keep"]
    command = arguments[1:] if keep else arguments
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    on_signals(interrupt)
    try:
        with servers() if keep else throwaway_servers() as urls:
            settings = demo_settings() if keep else {}
            return run(command, {**settings, **os.environ, **urls})
    except Unavailable as sentence:
        print(sentence, file=sys.stderr)
        return 2
    except Interrupted as stopped:
        return 128 + int(stopped.args[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
