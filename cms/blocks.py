"""Building blocks of pages. Their templates stand in ``cms/blocks/`` and say what they need.

Blocks of goods ask the database nothing: the page gathers what all its blocks need
(``StoryPage.get_context``, ``HomePage.get_context``) and they find it in the context.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

from cms import links, live
from cms.choosers import category_chooser, product_chooser
from cms.rich_text import FEATURES, LONG_FEATURES, shown
from marketplace.kernel import clock
from marketplace.media.queries import picture
from theme.components import Hero, Link, Tip

# Migrations name these classes by this module (Wagtail makes them on the fly).
ProductChooserBlock = product_chooser.get_block_class(
    name="ProductChooserBlock", module_path="cms.blocks"
)
CategoryChooserBlock = category_chooser.get_block_class(
    name="CategoryChooserBlock", module_path="cms.blocks"
)


class HeadingBlock(blocks.CharBlock):
    """A section's title; at most seven words look well in the sign writer's letters."""

    class Meta:
        icon = "title"
        label = _("Heading")
        template = "cms/blocks/heading.html"


class TextBlock(blocks.RichTextBlock):
    """Paragraphs."""

    def get_context(self, value: Any, parent_context: dict | None = None) -> dict:
        """``text`` is cleaned once more on its way out."""
        context = super().get_context(value, parent_context)
        return {**context, "text": shown(value)}

    class Meta:
        icon = "pilcrow"
        label = _("Text")
        template = "cms/blocks/text.html"


class QuoteBlock(blocks.StructBlock):
    """What somebody said, set large."""

    quote = blocks.TextBlock(label=_("Quotation"), max_length=400)
    name = blocks.CharBlock(label=_("Who said it"), max_length=120, required=False)

    def get_context(self, value: Any, parent_context: dict | None = None) -> dict:
        """The two texts under their own names."""
        return {**super().get_context(value, parent_context), **value}

    class Meta:
        icon = "openquote"
        label = _("Quotation")
        template = "cms/blocks/quote.html"


class PictureBlock(blocks.StructBlock):
    """A large picture; its caption is the library's unless one is given here."""

    image = ImageChooserBlock(label=_("Picture"))
    caption = blocks.CharBlock(label=_("Caption"), max_length=250, required=False)

    def get_context(self, value: Any, parent_context: dict | None = None) -> dict:
        """``picture`` as a component; None while its sizes are being made."""
        context = super().get_context(value, parent_context)
        context["picture"] = picture(
            value["image"], "(min-width: 900px) 760px, 92vw", caption=value["caption"] or None
        )
        return context

    class Meta:
        icon = "image"
        label = _("Picture")
        template = "cms/blocks/picture.html"


class SourceBlock(blocks.StructBlock):
    """One paper behind what a story claims."""

    text = blocks.CharBlock(label=_("What it shows"), max_length=250)
    label = blocks.CharBlock(label=_("Name of the paper"), max_length=160, required=False)
    url = blocks.URLBlock(label=_("Where it can be read"), required=False)

    class Meta:
        icon = "doc-full"
        label = _("Paper")


def _web(url: str) -> str:
    """``url`` if it leads to a web page; the editor's form asks that, other doors may not."""
    return url if url and url.lower().startswith(("https://", "http://")) else ""


class SourcesBlock(blocks.StructBlock):
    """The papers behind a story."""

    title = blocks.CharBlock(label=_("Title"), max_length=80, required=False)
    sources = blocks.ListBlock(SourceBlock(), label=_("Papers"))

    def get_context(self, value: Any, parent_context: dict | None = None) -> dict:
        """Papers as the template wants them: (text, name, address)."""
        context = super().get_context(value, parent_context)
        rows = [(row["text"], row["label"], _web(row["url"])) for row in value["sources"]]
        return {**context, "title": value["title"], "sources": rows}

    class Meta:
        icon = "list-ul"
        label = _("Papers and sources")
        template = "cms/blocks/sources.html"


class TipBlock(blocks.StructBlock):
    """A fact in bold, then what to do."""

    title = blocks.CharBlock(label=_("In bold"), max_length=120)
    text = blocks.TextBlock(label=_("Text"), max_length=400, required=False)

    def get_context(self, value: Any, parent_context: dict | None = None) -> dict:
        """The note as a component."""
        context = super().get_context(value, parent_context)
        return {**context, "tip": Tip(title=value["title"], text=value["text"])}

    class Meta:
        icon = "help"
        label = _("Note")
        template = "cms/blocks/tip.html"


class LiveProductBlock(blocks.StructBlock):
    """Goods that can be bought out of the story, at the price and stock of this minute."""

    product = ProductChooserBlock(label=_("Goods"))

    def get_context(self, value: Any, parent_context: dict | None = None) -> dict:
        """The goods as a component; the page's ``offers`` and ``now``, or asked for here."""
        context = super().get_context(value, parent_context)
        listing = value["product"]
        now = context.get("now") or clock.now()
        offers = context.get("offers")
        if offers is None:
            offers = live.offers_by_id([listing.pk] if listing else [], now)
        offer = offers.get(listing.pk) if listing else None
        context["product"] = live.live_product(listing, offer, now)
        return context

    class Meta:
        icon = "tag"
        label = _("Goods to buy")
        template = "cms/blocks/live_product.html"


class LinkBlock(blocks.StructBlock):
    """A button: its words, and where it leads."""

    label = blocks.CharBlock(label=_("Words on it"), max_length=60, required=False)
    page = blocks.PageChooserBlock(label=_("Page"), required=False)
    category = CategoryChooserBlock(label=_("Category"), required=False)
    route = blocks.ChoiceBlock(
        label=_("Part of the shop"), choices=links.Route.choices, required=False
    )

    def clean(self, value: Any) -> Any:
        """Words want one place to lead to; no words, no button."""
        value = super().clean(value)
        places = [name for name in ("page", "category", "route") if value[name]]
        if value["label"] and len(places) != 1:
            raise blocks.StructBlockValidationError(
                {"route": ValidationError(_("Choose exactly one place for the button."))}
            )
        return value

    class Meta:
        icon = "link"
        label = _("Button")
        form_classname = "struct-block link-block"


def link_of(value: Any) -> Link | None:
    """A LinkBlock's value as a component; None when it has no words or leads nowhere."""
    if not value or not value.get("label"):
        return None
    url = links.address_of(
        page=value.get("page"), category=value.get("category"), route=value.get("route") or ""
    )
    return Link(label=value["label"], url=url) if url else None


class HeroBlock(blocks.StructBlock):
    """The first thing on the home page; it brings the page's only main heading."""

    title = blocks.CharBlock(label=_("Title"), max_length=80)
    accent = blocks.CharBlock(label=_("Second line, in lotus"), max_length=60, required=False)
    text = blocks.TextBlock(label=_("Text"), max_length=240, required=False)
    primary = LinkBlock(label=_("First button"))
    secondary = LinkBlock(label=_("Second button"))
    image = ImageChooserBlock(
        label=_("Picture"), required=False, help_text=_("Without one, our own drawing is shown.")
    )

    def get_context(self, value: Any, parent_context: dict | None = None) -> dict:
        """The opening as a component."""
        context = super().get_context(value, parent_context)
        context["hero"] = Hero(
            title=value["title"],
            accent=value["accent"],
            text=value["text"],
            primary=link_of(value["primary"]),
            secondary=link_of(value["secondary"]),
            picture=picture(value["image"], "100vw", loading="eager"),
        )
        return context

    class Meta:
        icon = "pick"
        label = _("Opening")
        template = "cms/blocks/hero.html"


class PromiseBlock(blocks.StructBlock):
    """One short promise with its sign."""

    icon = blocks.ChoiceBlock(
        label=_("Sign"),
        choices=[
            ("shield", _("Shield")),
            ("qr", _("QR code")),
            ("cash", _("Money")),
            ("truck", _("Delivery")),
            ("leaf", _("Leaf")),
            ("check", _("Tick")),
            ("heart", _("Heart")),
            ("user", _("Person")),
            ("camera", _("Camera")),
        ],
    )
    text = blocks.CharBlock(label=_("Text"), max_length=60)

    class Meta:
        icon = "check"
        label = _("Promise")


class PromisesBlock(blocks.StructBlock):
    """The strip of up to four promises under the opening."""

    items = blocks.ListBlock(PromiseBlock(), label=_("Promises"), min_num=1, max_num=4)

    def get_context(self, value: Any, parent_context: dict | None = None) -> dict:
        """Promises as (sign, text)."""
        context = super().get_context(value, parent_context)
        return {**context, "items": [(row["icon"], row["text"]) for row in value["items"]]}

    class Meta:
        icon = "tick-inverse"
        label = _("Promises")
        template = "cms/blocks/promises.html"


class CategoriesBlock(blocks.StructBlock):
    """The first shelves of the shop, or those chosen."""

    title = blocks.CharBlock(label=_("Title"), max_length=60, required=False)
    categories = blocks.ListBlock(
        CategoryChooserBlock(),
        label=_("Categories"),
        required=False,
        default=[],
        help_text=_("Without a choice, the main categories are shown."),
    )

    def get_context(self, value: Any, parent_context: dict | None = None) -> dict:
        """The shelves' tiles, made by the page."""
        context = super().get_context(value, parent_context)
        tiles = context.get("tiles", {}).get(id(value), ())
        return {**context, "title": value["title"], "tiles": tiles}

    class Meta:
        icon = "folder-open-inverse"
        label = _("Categories")
        template = "cms/blocks/categories.html"


class PicksBlock(blocks.StructBlock):
    """A row of goods: chosen by hand, or by a rule that is asked anew each time."""

    RULES = [
        ("chosen", _("Chosen below")),
        ("season", _("In season this month")),
        ("newest", _("Newest")),
        ("category", _("Of one category")),
    ]

    title = blocks.CharBlock(label=_("Title"), max_length=60)
    intro = blocks.CharBlock(label=_("Line under it"), max_length=120, required=False)
    rule = blocks.ChoiceBlock(label=_("Which goods"), choices=RULES, default="season")
    products = blocks.ListBlock(
        ProductChooserBlock(), label=_("Chosen goods"), required=False, default=[]
    )
    category = CategoryChooserBlock(label=_("Category"), required=False)
    limit = blocks.IntegerBlock(
        label=_("How many"), default=8, validators=[MinValueValidator(1), MaxValueValidator(24)]
    )
    more = LinkBlock(label=_("Link to more"))

    def clean(self, value: Any) -> Any:
        """A rule needs what it speaks of."""
        value = super().clean(value)
        if value["rule"] == "chosen" and not value["products"]:
            raise blocks.StructBlockValidationError(
                {"products": ValidationError(_("Choose at least one product."))}
            )
        if value["rule"] == "category" and not value["category"]:
            raise blocks.StructBlockValidationError(
                {"category": ValidationError(_("Choose a category."))}
            )
        return value

    def get_context(self, value: Any, parent_context: dict | None = None) -> dict:
        """The cards, made by the page."""
        context = super().get_context(value, parent_context)
        context |= {
            "title": value["title"],
            "intro": value["intro"],
            "cards": context.get("picks", {}).get(id(value), ()),
            "more": link_of(value["more"]),
        }
        return context

    class Meta:
        icon = "tag"
        label = _("Row of goods")
        template = "cms/blocks/picks.html"


class StoriesBlock(blocks.StructBlock):
    """Cards of stories: chosen by hand, else the newest."""

    title = blocks.CharBlock(label=_("Title"), max_length=60)
    stories = blocks.ListBlock(
        blocks.PageChooserBlock(page_type="cms.StoryPage"),
        label=_("Stories"),
        required=False,
        default=[],
        help_text=_("Without a choice, the newest stories are shown."),
    )
    limit = blocks.IntegerBlock(
        label=_("How many"), default=3, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    more = LinkBlock(label=_("Link to more"))

    def get_context(self, value: Any, parent_context: dict | None = None) -> dict:
        """The cards, made by the page."""
        context = super().get_context(value, parent_context)
        context |= {
            "title": value["title"],
            "cards": context.get("teasers", {}).get(id(value), ()),
            "more": link_of(value["more"]),
        }
        return context

    class Meta:
        icon = "doc-full-inverse"
        label = _("Stories")
        template = "cms/blocks/stories.html"


class TeaserBlock(blocks.StructBlock):
    """A tinted band: picture, a few sentences, one button."""

    title = blocks.CharBlock(label=_("Title"), max_length=60)
    text = blocks.RichTextBlock(label=_("Text"), features=FEATURES)
    image = ImageChooserBlock(label=_("Picture"), required=False)
    link = LinkBlock(label=_("Button"))
    tint = blocks.ChoiceBlock(
        label=_("Colour"),
        choices=[("ma", _("Young rice")), ("xoai", _("Mango")), ("la", _("Lotus leaf"))],
        default="ma",
    )

    def get_context(self, value: Any, parent_context: dict | None = None) -> dict:
        """The parts under the names of the template."""
        context = super().get_context(value, parent_context)
        context |= {
            "title": value["title"],
            "text": shown(value["text"]),
            "picture": picture(value["image"], "(min-width: 900px) 560px, 92vw"),
            "link": link_of(value["link"]),
            "tint": value["tint"],
        }
        return context

    class Meta:
        icon = "form"
        label = _("Band")
        template = "cms/blocks/teaser.html"


class StoryBody(blocks.StreamBlock):
    """What a story is made of."""

    text = TextBlock(features=FEATURES)
    heading = HeadingBlock(max_length=80)
    picture = PictureBlock()
    quote = QuoteBlock()
    product = LiveProductBlock()
    note = TipBlock()
    sources = SourcesBlock()


class HomeBody(blocks.StreamBlock):
    """What the home page is made of."""

    hero = HeroBlock()
    promises = PromisesBlock()
    categories = CategoriesBlock()
    picks = PicksBlock()
    stories = StoriesBlock()
    teaser = TeaserBlock()

    class Meta:
        block_counts = {"hero": {"min_num": 1, "max_num": 1}}


class PlainBody(blocks.StreamBlock):
    """What an ordinary page is made of: mostly text."""

    heading = HeadingBlock(max_length=80)
    text = TextBlock(features=LONG_FEATURES)
    picture = PictureBlock()
    note = TipBlock()


class PersonBlock(blocks.StructBlock):
    """Somebody in a story."""

    name = blocks.CharBlock(label=_("Name"), max_length=80)
    text = blocks.CharBlock(label=_("Who this is"), max_length=160, required=False)
    image = ImageChooserBlock(label=_("Picture"), required=False)

    class Meta:
        icon = "user"
        label = _("Person")
