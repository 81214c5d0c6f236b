"""The kinds of page an editor can make."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db import models
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.search import index
from wagtail.url_routing import RouteResult

from cms import home, live, routing, social_cards
from cms.blocks import HomeBody, PersonBlock, PlainBody, StoryBody
from cms.models.base import BasePage, absolute
from marketplace.kernel import formats
from marketplace.media.models import LibraryImage
from marketplace.media.queries import picture
from marketplace.platform import page_versions
from theme.components import EmptyState, Link, Pager, StoryCard, Tip

STORIES_ON_A_PAGE = 12
CARD_SIZES = "(min-width: 900px) 400px, 92vw"


class HomePage(BasePage):
    """The shop's first page, made of blocks that editors arrange."""

    body = StreamField(HomeBody(), verbose_name=_("content"), blank=True)

    content_panels = [*BasePage.content_panels, FieldPanel("body")]
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["cms.StoryIndexPage", "cms.LegalPage", "cms.StandardPage"]
    template = "cms/home_page.html"

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Adds what the blocks of goods, shelves and stories show."""
        context = super().get_context(request, *args, **kwargs)
        now = context["now"]
        picks, valid_until = home.product_cards(self.body, now)
        page_versions.depends_on(request, "catalogue")
        page_versions.valid_until(request, valid_until)
        return {
            **context,
            "picks": picks,
            "tiles": home.category_tiles(self.body),
            "teasers": self._teasers(),
        }

    def _teasers(self) -> dict[int, list[StoryCard]]:
        blocks = [block.value for block in self.body if block.block_type == "stories"]
        if not blocks:
            return {}
        chosen = {page.pk for value in blocks for page in value["stories"] if page}
        stories = StoryPage.objects.live().select_related("cover")
        newest = list(
            stories.filter(locale_id=self.locale_id).order_by("-first_published_at", "-pk")[
                : max(value["limit"] for value in blocks)
            ]
        )
        by_id = {story.pk: story for story in (stories.filter(pk__in=chosen) if chosen else ())}
        return {
            id(value): story_cards(
                [by_id[page.pk] for page in value["stories"] if page and page.pk in by_id]
                or newest[: value["limit"]],
                with_lead=True,
            )
            for value in blocks
        }

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """The page at a path below, in two queries however deep it lies.

        What is not here may exist in the other language, which then says so.
        """
        if not path_components:
            return super().route(request, path_components)
        page = routing.page_below(self, path_components)
        if page is not None and page.live:
            return RouteResult(page)
        for other in HomePage.objects.filter(translation_key=self.translation_key).exclude(
            pk=self.pk
        ):
            page = routing.page_below(other, path_components)
            if page is not None and page.live:
                return RouteResult(page)
        raise Http404

    def own_picture(self) -> LibraryImage | None:
        """The picture of the opening."""
        for block in self.body:
            if block.block_type == "hero":
                return block.value["image"]
        return None

    def json_ld(self, url: str) -> tuple[dict[str, Any], ...]:
        """A site that can be searched."""
        return (
            {
                "@context": "https://schema.org",
                "@type": "WebSite",
                "name": self.title,
                "url": url,
                "inLanguage": self.locale.language_code,
                "potentialAction": {
                    "@type": "SearchAction",
                    "target": absolute(reverse("shop:search")) + "?q={search_term_string}",
                    "query-input": "required name=search_term_string",
                },
            },
        )


class StoryIndexPage(BasePage):
    """All stories, newest first."""

    intro = models.CharField(_("introduction"), max_length=240, blank=True)

    content_panels = [*BasePage.content_panels, FieldPanel("intro")]
    parent_page_types = ["cms.HomePage"]
    subpage_types = ["cms.StoryPage"]
    template = "cms/story_index_page.html"
    max_count_per_parent = 1
    query_keys = ("page",)

    class Meta:
        verbose_name = _("list of stories")
        verbose_name_plural = _("lists of stories")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Adds the cards of one page of the list."""
        context = super().get_context(request, *args, **kwargs)
        stories = StoryPage.objects.child_of(self).live().select_related("cover")
        pages = Paginator(stories.order_by("-first_published_at", "-pk"), STORIES_ON_A_PAGE)
        page = pages.get_page(request.GET.get("page"))
        context["intro"] = self.intro
        context["cards"] = story_cards(page.object_list)
        if pages.num_pages > 1:
            own = self.get_url()
            context["pager"] = Pager.of(
                page.number, pages.num_pages, lambda n: own if n == 1 else f"{own}?page={n}"
            )
        if not context["cards"]:
            context["empty"] = EmptyState(
                title=gettext("No stories yet"),
                text=gettext("The first ones are being written. Come by again soon."),
                links=(Link(label=gettext("To the home page"), url=self.get_parent().get_url()),),
            )
        return context

    def own_summary(self) -> str:
        """The introduction."""
        return self.intro


class StoryPage(BasePage):
    """A story of a place or a person, with goods that can be bought out of it."""

    kicker = models.CharField(
        _("line above the title"), max_length=60, blank=True, help_text=_("What kind of story.")
    )
    standfirst = models.CharField(_("introduction"), max_length=300)
    byline = models.CharField(_("words and pictures by"), max_length=240, blank=True)
    cover = models.ForeignKey(
        "media.LibraryImage",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("opening picture"),
    )
    commune = models.ForeignKey(
        "places.Commune",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("commune"),
    )
    place = models.CharField(_("place of the story"), max_length=80, blank=True)
    place_text = models.CharField(_("about the place"), max_length=240, blank=True)
    body = StreamField(StoryBody(), verbose_name=_("content"), blank=True)
    people = StreamField(
        [("person", PersonBlock())], verbose_name=_("people in this story"), blank=True
    )

    content_panels = [
        *BasePage.content_panels,
        FieldRowPanel([FieldPanel("kicker"), FieldPanel("byline")]),
        FieldPanel("standfirst"),
        FieldPanel("cover"),
        FieldPanel("body"),
        FieldPanel("people"),
        MultiFieldPanel(
            [FieldPanel("place"), FieldPanel("place_text"), FieldPanel("commune")],
            heading=_("Place"),
        ),
    ]
    parent_page_types = ["cms.StoryIndexPage"]
    subpage_types: list[str] = []
    template = "cms/story_page.html"
    open_graph_kind = "article"
    served_with = (*BasePage.served_with, "cover", "commune")
    search_fields = [
        *BasePage.search_fields,
        index.SearchField("standfirst"),
        index.SearchField("body"),
        index.SearchField("place"),
        index.AutocompleteField("place"),
    ]

    class Meta:
        verbose_name = _("story")
        verbose_name_plural = _("stories")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Adds the story's parts and the goods sold out of it, at the prices of this minute."""
        context = super().get_context(request, *args, **kwargs)
        now = context["now"]
        listings = [
            block.value["product"]
            for block in self.body
            if block.block_type == "product" and block.value["product"]
        ]
        offers = live.offers_by_id((listing.pk for listing in listings), now)
        page_versions.depends_on(request, *(f"product:{listing.pk}" for listing in listings))
        if listings:
            page_versions.valid_until(request, live.told_until(offers.values(), now))
        context |= {
            "offers": offers,
            "kicker": self.kicker,
            "intro": self.standfirst,
            "byline": self._byline(),
            "picture": picture(self.cover, "100vw", loading="eager", decorative=True, caption=""),
            "people": [
                (row.value["name"], row.value["text"], picture(row.value["image"], "76px"))
                for row in self.people
            ],
            "aside": self._aside(),
            "related": story_cards(self._others()),
        }
        return context

    def _byline(self) -> str:
        parts = [self.byline, formats.date(self.first_published_at)]
        return " · ".join(filter(None, parts))

    def _aside(self) -> list[Tip]:
        if not self.place:
            return []
        text = self.place_text or (self.commune.full_name if self.commune else "")
        return [Tip(title=self.place, text=text)]

    def _others(self) -> Iterable[StoryPage]:
        return (
            StoryPage.objects.live()
            .filter(locale_id=self.locale_id)
            .exclude(pk=self.pk)
            .select_related("cover")
            .order_by("-first_published_at", "-pk")[:3]
        )

    def own_picture(self) -> LibraryImage | None:
        """The opening picture."""
        return self.cover

    def own_summary(self) -> str:
        """The introduction."""
        return self.standfirst

    def card_lines(self) -> tuple[str, ...]:
        """What kind of story, and where."""
        return tuple(filter(None, (self.kicker, self.place)))

    def json_ld(self, url: str) -> tuple[dict[str, Any], ...]:
        """An article."""
        data: dict[str, Any] = {
            "@context": "https://schema.org",
            "@type": "Article",
            "headline": self.title,
            "description": self.standfirst,
            "url": url,
            "mainEntityOfPage": url,
            "inLanguage": self.locale.language_code,
            "datePublished": self.first_published_at,
            "dateModified": self.last_published_at,
        }
        house = {"@type": "Organization", "name": settings.WAGTAIL_SITE_NAME, "url": absolute("/")}
        # The byline may be a whole sentence; its first part is the name.
        name = self.byline.split(".")[0].strip()
        data["author"] = {"@type": "Person", "name": name} if name else house
        data["publisher"] = house
        data["image"] = [absolute(social_cards.page_card_url(self))]
        if self.cover and self.cover.url:
            data["image"].append(absolute(self.cover.url))
        if self.place:
            data["contentLocation"] = {"@type": "Place", "name": self.place}
        return (data,)


class PlainPage(BasePage):
    """Mostly text."""

    intro = models.CharField(_("introduction"), max_length=300, blank=True)
    body = StreamField(PlainBody(), verbose_name=_("content"), blank=True)

    content_panels = [*BasePage.content_panels, FieldPanel("intro"), FieldPanel("body")]
    parent_page_types = ["cms.HomePage", "cms.StandardPage"]
    search_fields = [*BasePage.search_fields, index.SearchField("body")]

    class Meta:
        abstract = True

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Adds the introduction."""
        return {**super().get_context(request, *args, **kwargs), "intro": self.intro}

    def own_summary(self) -> str:
        """The introduction."""
        return self.intro


class StandardPage(PlainPage):
    """An ordinary page: about us, how to order."""

    subpage_types = ["cms.StandardPage"]
    template = "cms/legal_page.html"

    class Meta:
        verbose_name = _("ordinary page")
        verbose_name_plural = _("ordinary pages")


class LegalPage(PlainPage):
    """One of the texts that the law wants on the site."""

    class Kind(models.TextChoices):
        OPERATOR = "operator", _("Who runs this site")
        RULES = "rules", _("Operating rules")
        DELIVERY = "delivery", _("Delivery")
        RETURNS = "returns", _("Returns and refunds")
        PRIVACY = "privacy", _("Privacy")
        COMPLAINTS = "complaints", _("Complaints")
        PAYMENT = "payment", _("Payment")
        OTHER = "other", _("Other")

    kind = models.CharField(_("which text"), max_length=12, choices=Kind)
    in_force_from = models.DateField(_("in force since"))

    content_panels = [
        *BasePage.content_panels,
        FieldRowPanel([FieldPanel("kind"), FieldPanel("in_force_from")]),
        FieldPanel("intro"),
        FieldPanel("body"),
    ]
    parent_page_types = ["cms.HomePage"]
    subpage_types: list[str] = []
    template = "cms/legal_page.html"

    class Meta:
        verbose_name = _("legal text")
        verbose_name_plural = _("legal texts")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Adds since when it holds."""
        context = super().get_context(request, *args, **kwargs)
        return {**context, "updated": formats.date(self.in_force_from)}


def story_cards(stories: Iterable[StoryPage], *, with_lead: bool = False) -> list[StoryCard]:
    """Cards of stories, whose covers are at hand; asks the database nothing.

    ``with_lead``: on phones all but the first are one line with a small picture.
    """
    return [
        StoryCard(
            title=story.title,
            url=story.get_url(),
            kicker=story.kicker,
            intro=story.standfirst,
            picture=picture(story.cover, CARD_SIZES),
            meta=(story.place,) if story.place else (),
            is_small=with_lead and at > 0,
        )
        for at, story in enumerate(stories)
    ]
