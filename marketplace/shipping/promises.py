"""A promise that was given for one day, reckoned anew from a later one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from marketplace.shipping.queries import handover_for
from marketplace.shipping.working_days import add_working_days, is_working_day


@dataclass(frozen=True)
class Promise:
    """By when goods leave, and by when they are with the buyer."""

    handover_on: date
    promise_on: date


def begun_on(
    given: Promise,
    day: date,
    *,
    preparation_days: int,
    life_days: int | None,
    exceptions: Mapping[date, bool],
) -> Promise:
    """What ``given`` becomes when the producer can begin only on ``day``; never earlier.

    The way takes as many working days as was promised. What keeps ``life_days`` only waits for a
    day from which it arrives in time, as at placing; where there is none it leaves at once.
    ``exceptions``: from the first handing over on.
    """
    transit = sum(
        is_working_day(given.handover_on + timedelta(days=n), exceptions)
        for n in range(1, (given.promise_on - given.handover_on).days + 1)
    )
    earliest_on = add_working_days(day, preparation_days, exceptions)
    handover_on = earliest_on
    if life_days is not None:
        handover_on = handover_for(life_days, earliest_on, transit, exceptions) or earliest_on
    if handover_on <= given.handover_on:
        return given
    return Promise(handover_on, add_working_days(handover_on, transit, exceptions))
