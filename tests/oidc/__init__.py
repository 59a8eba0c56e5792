"""Signing in with an identity provider that is not ours: npm's oidc-provider, in processes of its own."""

import sys
from pathlib import Path

# where Node comes from (`tools/node.py`): these programs are no package
sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))
