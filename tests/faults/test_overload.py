"""Ten noisy tills, or one, ask for more than there is: they are told to wait, and nobody else suffers."""

from __future__ import annotations

import pytest

from ops.settings import Settings
from tests.faults.overload import MOST_MEMORY, overload
from tests.service import running


@pytest.mark.parametrize(("noisy", "seconds"), [(1, 3.0), (6, 5.0)])
def test_noisy_tills_are_told_to_wait_and_nobody_else_suffers(
    service_settings: Settings, noisy: int, seconds: float
) -> None:
    """Refused with 429 or 503 and Retry-After; what was accepted is applied; a quiet till gets through."""
    with running(service_settings) as service:
        account = service.provision(*[f"Лавка {number}" for number in range(noisy + 1)])
        *tokens, quiet = (outlet["till_token"] for outlet in account["outlets"])
        outcome = overload(service, tokens, quiet, seconds)
        flood = outcome.flood
        assert set(flood.statuses) <= {202, 429, 503}, flood.statuses
        assert flood.statuses[202] > 0
        assert flood.statuses[429] + flood.statuses[503] > 0
        assert outcome.offered > outcome.applied
        assert not any(heard.without_retry_after for heard in [*flood.noisy.values(), flood.quiet])
        assert flood.quiet.statuses[429] == 0
        assert flood.quiet.statuses[503] <= flood.quiet.statuses[202] / 10
        assert flood.quiet_sales > 5
        assert outcome.restarts == 0
        for name, most in MOST_MEMORY.items():
            assert outcome.memory[name] < most, outcome.memory
