"""Work for the task worker."""

from procrastinate.contrib.django import app

from marketplace.media import actions


@app.task(name="media.prepare", queue="media", retry=5)
def prepare(image_id: int) -> None:
    """Make the public sizes of one image."""
    actions.prepare_image(image_id=image_id)
