"""Work for the task worker."""

from django.core.management import call_command
from procrastinate.contrib.django import app


@app.periodic(cron="* * * * *", periodic_id="cms.publish_scheduled")
@app.task(name="cms.publish_scheduled", queue="cms", queueing_lock="cms.publish_scheduled")
def publish_scheduled(timestamp: int) -> None:
    """Publish and withdraw the pages whose time has come."""
    call_command("publish_scheduled", verbosity=0)
