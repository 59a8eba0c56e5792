"""What dies, and how it comes back, while a worker waits at a step. `release` lets that worker go on."""

import time

from tests.chaos.stage import Release, Stage

DOWN = 0.5  # seconds during which the others meet nobody
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'worker0'"


def worker(stage: Stage, release: Release) -> None:
    """SIGKILL; another one starts, as systemd would have it."""
    stage.workers[0].kill()


def simulator(stage: Stage, release: Release) -> None:
    stage.simulator.kill()
    release()
    time.sleep(DOWN)
    stage.simulator.start()


def postgres(stage: Stage, release: Release) -> None:
    """SIGKILL of the whole server, Siècle's databases with ours: it recovers from its log."""
    stage.postgres.kill()
    release()
    time.sleep(DOWN)
    stage.postgres.start()


def redis(stage: Stage, release: Release) -> None:
    """What was waiting in it is lost."""
    stage.redis.kill()
    release()
    time.sleep(DOWN)
    stage.redis.start()


def answer(stage: Stage, release: Release) -> None:
    """Siècle does what it is asked next, and its answer is cut in the middle."""
    stage.proxy.cut_answer.set()
    release()


def request(stage: Stage, release: Release) -> None:
    """What Siècle is asked next is cut in the middle."""
    stage.proxy.cut_request.set()
    release()


def session(stage: Stage, release: Release) -> None:
    """The worker’s connections to PostgreSQL end under it."""
    stage.postgres.run(CUT)
    release()


def late(stage: Stage, release: Release) -> None:
    """The worker sleeps, and its connection dies of it; another one plays the night; then it wakes up."""
    stage.postgres.run(CUT)
    stage.start_another()
    stage.wake_up = release


VICTIMS = {one.__name__: one for one in (worker, simulator, postgres, redis, answer, request, session, late)}
