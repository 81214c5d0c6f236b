"""Whatever readers see of pages and settings is forgotten when it changes.

A page may stand in menus, in teasers and in lists, so that every change of what is public
concerns the whole site; it happens a few times a day.
"""

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from wagtail.models import Locale, Page, Site
from wagtail.signals import page_published, page_unpublished, post_page_move

from cms.models import BasePage, SiteSettings
from marketplace.platform import page_versions


@receiver([page_published, page_unpublished, post_page_move])
def page_changed(instance: Page, **kwargs: object) -> None:
    """A page was published, withdrawn or moved."""
    page_versions.bump("site", f"page:{instance.pk}")


@receiver(post_delete)
def page_deleted(sender: type, instance: object, **kwargs: object) -> None:
    """A page was deleted."""
    if isinstance(instance, BasePage):
        page_versions.bump("site", f"page:{instance.pk}")


# Its menus are saved before it and their rows are replaced with it, in one transaction.
@receiver([post_save, post_delete], sender=SiteSettings)
@receiver([post_save, post_delete], sender=Site)
@receiver([post_save, post_delete], sender=Locale)
def frame_changed(**kwargs: object) -> None:
    """Menus, footer, operator, languages."""
    page_versions.bump("site")
