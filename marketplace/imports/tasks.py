"""Work for the task worker: a table is checked, written and taken back in the background."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from marketplace.imports import stuck, working

#: For a database that is away for a moment; what a table itself does wrong is not tried again.
_RETRY = RetryStrategy(max_attempts=3, wait=10)


@app.task(name="imports.judge", queue="default", retry=_RETRY)
def judge(table_id: int) -> None:
    """Find out what each row would do."""
    working.judge(table_id=table_id)


@app.task(name="imports.apply", queue="default", retry=_RETRY)
def apply(table_id: int) -> None:
    """Write the rows that were confirmed."""
    working.apply(table_id=table_id)


@app.task(name="imports.undo", queue="default", retry=_RETRY)
def undo(table_id: int) -> None:
    """Take back what was written."""
    working.undo(table_id=table_id)


@app.periodic(cron="*/5 * * * *")
@app.task(name="imports.free_stuck", queue="housekeeping", queueing_lock="imports.free_stuck")
def free_stuck(timestamp: int) -> None:
    """Say of tables that no worker will ever finish that nothing was written."""
    stuck.free_stuck()
