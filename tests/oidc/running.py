"""One identity provider in a process of its own, on loopback; it may be told to lie, to linger, or be killed."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import requests
from node import INSTALLED, node
from processes import end_with_parent, free_port, stop

HERE = Path(__file__).resolve().parent
SECRET = "secret-des-essais-assez-long-pour-etre-honnete"
PATIENCE = 30  # seconds


class Provider:
    """`kind`: educonnect, franceconnect or proconnect, each as strict as the real one says it is. Keeps its port."""

    def __init__(self, kind: str) -> None:
        self.kind, self.port = kind, free_port()
        self.issuer = f"http://localhost:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Anew: no session, no code, a new key."""
        given = {"kind": self.kind, "port": self.port, "secret": SECRET, "modules": f"{INSTALLED}/package.json"}
        self.process = subprocess.Popen(
            [*node(), str(HERE / "provider.mjs")], stdout=subprocess.PIPE, preexec_fn=end_with_parent,
            env={**os.environ, "PROVIDER": json.dumps(given)}, start_new_session=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        if self.process.stdout.readline() != b"ready\n":
            raise RuntimeError("Le fournisseur d’identité ne démarre pas : « make test » installe ce qu’il demande.")

    def stop(self) -> None:
        if self.process is not None:
            stop(self.process)
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None

    def revive(self) -> None:
        if self.process is None or self.process.poll() is not None:
            self.stop()
            self.start()

    def obey(self, **orders: Any) -> dict[str, int]:
        """`people`, `bases`, `keys`, `fault`, `delays`, `broken`, `mortal`: see ORDERS in provider.mjs.

        Returns how often each path has been asked for since it started.
        """
        done = requests.post(f"{self.issuer}/essais", json=orders, timeout=PATIENCE)
        done.raise_for_status()
        return dict(done.json())

    @property
    def environment(self) -> dict[str, str]:
        """What a deployment says of it, and no more."""
        values = {"ISSUER": self.issuer, "CLIENT_ID": self.kind, "CLIENT_SECRET": SECRET}
        return {f"{self.kind.upper()}_{name}": value for name, value in values.items()}

    def behaves(self, **orders: Any) -> None:
        """Honest, quick, and knowing nobody, but for what is said."""
        self.obey(**{"fault": None, "delays": {}, "broken": {}, "people": {}, "mortal": False, **orders})
