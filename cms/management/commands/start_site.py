"""A bare site to begin with, where no demo is wanted."""

from django.conf import settings
from django.core.management.base import BaseCommand

from cms.actions import Material, build_site

HOME = {
    "title": settings.WAGTAIL_SITE_NAME,
    "block": [
        {
            "kind": "hero",
            "title": settings.WAGTAIL_SITE_NAME,
            "button_vi": "Mua hàng",
            "button_en": "Shop",
            "button_special": "products",
        },
        {"kind": "categories"},
        {"kind": "picks", "title_vi": "Đang vào mùa", "title_en": "In season", "rule": "season"},
        {"kind": "stories", "title_vi": "Chuyện làng", "title_en": "Village stories"},
    ],
}


class Command(BaseCommand):
    help = (
        "Make the home pages, the list of stories and the workflow, in both languages. "
        "What is there already is left alone."
    )

    def handle(self, *args: object, **options: object) -> None:
        content = {"home": HOME, "site": {}, "operator": {}}
        site = build_site(content=content, stories=(), material=Material())
        self.stdout.write(f"The site stands at {site.root_url}.")
