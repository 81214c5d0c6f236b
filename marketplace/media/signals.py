"""A new or exchanged picture gets its public sizes, whoever stored it."""

from django.db.models.signals import post_save
from django.dispatch import receiver

from marketplace.media import actions, tasks
from marketplace.media.models import LibraryImage
from marketplace.platform import page_versions


@receiver(post_save, sender=LibraryImage)
def prepare_public_sizes(instance: LibraryImage, raw: bool = False, **kwargs: object) -> None:
    """Have the sizes made by the worker, enqueued in the transaction that stored the picture.

    Cached pages lapse too: they may show the former picture, or its former description.
    """
    if raw:
        return
    if instance.prepared_at is not None:
        page_versions.bump("site", "catalogue")
    elif getattr(instance, "prepare_now", False):
        actions.prepare_image(image_id=instance.pk)
        instance.refresh_from_db(fields=["sources", "prepared_at"])
    else:
        page_versions.bump("site", "catalogue")
        tasks.prepare.defer(image_id=instance.pk)
