"""The clock's part in a producer's papers."""

import logging

from procrastinate.contrib.django import app

from marketplace.kernel import clock
from marketplace.producers import reminders, team_actions

log = logging.getLogger(__name__)


@app.periodic(cron="20 1 * * *")
@app.task(queueing_lock="producers.remind_of_papers", pass_context=False)
def remind_of_papers(timestamp: int) -> int:
    """Tell producers, each morning, which paper ends soon; how many were told."""
    told = reminders.remind_of_papers(today=clock.today())
    if told:
        log.info("Reminders of ending papers: %d", told)
    return told


@app.periodic(cron="40 1 * * *")
@app.task(queueing_lock="producers.forget_invitations", pass_context=False)
def forget_invitations(timestamp: int) -> int:
    """Delete the addresses and numbers of old invitations, each morning; how many."""
    return team_actions.forget(now=clock.now())
