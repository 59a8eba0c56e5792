"""Real processes killed at each step of a night: the state at the end is that of a night that nothing disturbed."""

import sys
from pathlib import Path

# where PostgreSQL and Redis come from (`tools/postgres_redis.py`): these programs are no package
sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))
