"""The model of docs/capacity.md keeps to the limits that it names."""

import pytest

from bench.capacity import CONNECTIONS, LOAD, RATES, VALKEY_CPU_MS, plan

MOST_CONNECTIONS = 5000


@pytest.mark.parametrize("concurrency", [10, 50])
@pytest.mark.parametrize("rate", RATES)
def test_a_cell_stays_within_what_database_and_queue_bear(rate: int, concurrency: int) -> None:
    found = plan(rate, concurrency)
    assert found.pods * CONNECTIONS <= 0.8 * MOST_CONNECTIONS
    assert found.rate / found.cells * VALKEY_CPU_MS / 1000 <= LOAD
    assert min(found.servers, found.workers) >= 2


def test_more_predictions_cost_more_and_higher_concurrency_costs_less() -> None:
    assert [plan(rate, 10).month for rate in RATES] == sorted(plan(rate, 10).month for rate in RATES)
    assert all(plan(rate, 50).month < plan(rate, 10).month for rate in RATES)
