"""Nothing is lost and nothing is done by halves when the coordinator or its database dies.

CARAVAN_CRASH_ROUNDS and CARAVAN_CRASH_SEED say how many rounds there are and from which seed.
"""

import asyncio
import os
import random
import time

import pytest
import rounds
from harness.coordinator import Coordinator
from harness.postgres import PrivatePostgres

ROUNDS = int(os.environ.get("CARAVAN_CRASH_ROUNDS", "20"))
SEED = int(os.environ.get("CARAVAN_CRASH_SEED", random.randrange(1_000_000)))


def run_rounds(tmp_path, make_strike):
    log = tmp_path / "coordinator.log"
    with PrivatePostgres() as postgres, rounds.participants() as addresses:
        with Coordinator(postgres.url, log, rounds.FLAGS) as coordinator:
            strike = make_strike(coordinator, postgres)

            async def all_rounds():
                for number in range(ROUNDS):
                    seed = SEED + number
                    round = rounds.Round(number, seed, coordinator, addresses, strike)
                    wrong, report = await round.run()
                    assert not wrong, f"{report}\ncoordinator's log:\n{coordinator.log_end()}"

            asyncio.run(all_rounds())
            rows = postgres.sql("select count(*) from caravan.transaction where not finished")
            assert rows == [["0"]], f"{rows} transactions of the database have not ended"
            assert coordinator.process.poll() is None, coordinator.log_end()


def test_the_coordinator_is_killed(tmp_path):
    def make_strike(coordinator, _):
        def strike(dice):
            coordinator.kill()
            time.sleep(dice.uniform(0, 0.5))
            coordinator.start()

        return strike

    run_rounds(tmp_path, make_strike)


def test_postgres_is_restarted_immediately(tmp_path):
    def make_strike(_, postgres):
        def strike(dice):
            postgres.stop()
            time.sleep(dice.uniform(0, 1.5))
            postgres.start()

        return strike

    run_rounds(tmp_path, make_strike)


if __name__ == "__main__":
    raise SystemExit(pytest.main([__file__, "-s", "-q"]))
