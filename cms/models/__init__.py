"""Pages that editors write, and what the frame around every page says."""

from cms.models.base import BasePage
from cms.models.pages import HomePage, LegalPage, StandardPage, StoryIndexPage, StoryPage
from cms.models.site import FooterColumn, FooterLink, MenuEntry, SiteSettings, StripLink

__all__ = [
    "BasePage",
    "FooterColumn",
    "FooterLink",
    "HomePage",
    "LegalPage",
    "MenuEntry",
    "SiteSettings",
    "StandardPage",
    "StoryIndexPage",
    "StoryPage",
    "StripLink",
]
