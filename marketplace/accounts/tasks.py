"""What the clock does for accounts."""

from procrastinate.contrib.django import app

from marketplace.accounts import guessing


@app.periodic(cron="40 19 * * *")
@app.task(
    name="accounts.forget_guesses",
    queue="housekeeping",
    queueing_lock="accounts.forget_guesses",
)
def forget_guesses(timestamp: int) -> None:
    """Each night at 02:40 in Viet Nam, forget wrong passwords of long ago and their addresses."""
    guessing.delete_old()
