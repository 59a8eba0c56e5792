"""Find Chromium for the browser tests; install Debian's when allowed to."""

import os
import shutil
import subprocess
import sys


def found() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def install() -> None:
    print("· installation de Chromium (apt-get)", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
        subprocess.run(["apt-get", *arguments], env=quiet, stdout=subprocess.DEVNULL, check=False)


def chromium() -> str:
    """Path of the browser. Exits with a sentence and code 2 when there is none."""
    if found() is None and shutil.which("apt-get") and os.geteuid() == 0:
        install()
    path = found()
    if path is None:
        print(
            "Les tests de navigateur ont besoin de Chromium : « apt-get install chromium », "
            "ou CHROMIUM=/chemin/du/navigateur.",
            file=sys.stderr,
        )
        sys.exit(2)
    return path


if __name__ == "__main__":
    print(chromium())
