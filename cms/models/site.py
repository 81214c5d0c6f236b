"""What the frame of every page says: who runs the site, menus, footer; in both languages."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    TabbedInterface,
)
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.models import Orderable

from cms.choosers import category_chooser
from cms.links import Route, address_of
from marketplace.accounts.phones import normalise


def in_language(row: models.Model, name: str) -> str:
    """A text of ``row`` in the reader's language; Vietnamese when it has not been translated."""
    english = getattr(row, f"{name}_en") if get_language() == "en" else ""
    return english or getattr(row, f"{name}_vi")


@register_setting(icon="cog")
class SiteSettings(ClusterableModel, BaseSiteSetting):
    """Who runs the market, and what header and footer say, for one site.

    The operator's name, address, registration and contacts must stand on the site
    (e-commerce law 122/2025/QH15; Decree 52/2013/NĐ-CP art. 29, as amended).
    """

    tagline_vi = models.CharField(_("line under the name (Vietnamese)"), max_length=60, blank=True)
    tagline_en = models.CharField(_("line under the name (English)"), max_length=60, blank=True)
    strip_vi = models.CharField(_("topmost line (Vietnamese)"), max_length=90, blank=True)
    strip_en = models.CharField(_("topmost line (English)"), max_length=90, blank=True)
    about_vi = models.TextField(_("about us, in the footer (Vietnamese)"), blank=True)
    about_en = models.TextField(_("about us, in the footer (English)"), blank=True)

    operator_vi = models.CharField(_("operator (Vietnamese)"), max_length=160, blank=True)
    operator_en = models.CharField(_("operator (English)"), max_length=160, blank=True)
    responsible_person = models.CharField(_("responsible person"), max_length=120, blank=True)
    registration_vi = models.CharField(
        _("registration (Vietnamese)"),
        max_length=200,
        blank=True,
        help_text=_("Number, date and issuing authority of the enterprise's registration."),
    )
    registration_en = models.CharField(_("registration (English)"), max_length=200, blank=True)
    tax_code = models.CharField(_("tax code"), max_length=14, blank=True)
    address_vi = models.CharField(_("address (Vietnamese)"), max_length=200, blank=True)
    address_en = models.CharField(_("address (English)"), max_length=200, blank=True)
    phone = models.CharField(
        _("phone"), max_length=16, blank=True, help_text=_("Like +84912345678.")
    )
    phone_hours_vi = models.CharField(_("answered (Vietnamese)"), max_length=60, blank=True)
    phone_hours_en = models.CharField(_("answered (English)"), max_length=60, blank=True)
    zalo = models.URLField(_("Zalo"), blank=True)
    email = models.EmailField(_("email address"), blank=True)
    seal_vi = models.CharField(_("notification seal (Vietnamese)"), max_length=90, blank=True)
    seal_en = models.CharField(_("notification seal (English)"), max_length=90, blank=True)
    seal_url = models.URLField(
        _("address of the seal"),
        blank=True,
        help_text=_("Of the notification at online.gov.vn; leave empty until there is one."),
    )

    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    FieldRowPanel([FieldPanel("tagline_vi"), FieldPanel("tagline_en")]),
                    FieldRowPanel([FieldPanel("strip_vi"), FieldPanel("strip_en")]),
                    InlinePanel("menu_entries", heading=_("Main menu"), label=_("Entry")),
                    InlinePanel("strip_links", heading=_("Topmost line"), label=_("Entry")),
                ],
                heading=_("Header"),
            ),
            ObjectList(
                [
                    FieldRowPanel([FieldPanel("about_vi"), FieldPanel("about_en")]),
                    InlinePanel(
                        "footer_columns", heading=_("Columns"), label=_("Column"), max_num=3
                    ),
                    MultiFieldPanel(
                        [
                            FieldRowPanel([FieldPanel("seal_vi"), FieldPanel("seal_en")]),
                            FieldPanel("seal_url"),
                        ],
                        heading=_("Seal"),
                    ),
                ],
                heading=_("Footer"),
            ),
            ObjectList(
                [
                    FieldRowPanel([FieldPanel("operator_vi"), FieldPanel("operator_en")]),
                    FieldPanel("responsible_person"),
                    FieldRowPanel([FieldPanel("registration_vi"), FieldPanel("registration_en")]),
                    FieldPanel("tax_code"),
                    FieldRowPanel([FieldPanel("address_vi"), FieldPanel("address_en")]),
                    FieldPanel("phone"),
                    FieldRowPanel([FieldPanel("phone_hours_vi"), FieldPanel("phone_hours_en")]),
                    FieldPanel("zalo"),
                    FieldPanel("email"),
                ],
                heading=_("Operator"),
            ),
        ]
    )

    class Meta:
        verbose_name = _("site: menus, footer, operator")
        verbose_name_plural = verbose_name

    def clean(self) -> None:
        """The phone as it is dialled from anywhere."""
        super().clean()
        if self.phone:
            self.phone = normalise(self.phone)


class LinkRow(Orderable):
    """One entry of a menu: its words in both languages, and one place it leads to."""

    label_vi = models.CharField(_("words (Vietnamese)"), max_length=40)
    label_en = models.CharField(_("words (English)"), max_length=40)
    page = models.ForeignKey(
        "wagtailcore.Page",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("page"),
    )
    category = models.ForeignKey(
        "catalogue.Category",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
    )
    route = models.CharField(_("part of the shop"), max_length=40, choices=Route, blank=True)

    panels = [
        FieldRowPanel([FieldPanel("label_vi"), FieldPanel("label_en")]),
        FieldPanel("page"),
        FieldPanel("category", widget=category_chooser.widget_class),
        FieldPanel("route"),
    ]

    class Meta(Orderable.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.label_vi

    def clean(self) -> None:
        """Exactly one place."""
        super().clean()
        if sum(map(bool, (self.page_id, self.category_id, self.route))) != 1:
            raise ValidationError({"route": _("Choose exactly one place for this entry.")})

    @property
    def address(self) -> str:
        """The path in the reader's language; empty when the page is not live."""
        return address_of(page=self.page, category=self.category, route=self.route)


class MenuEntry(LinkRow):
    """An entry of the main menu."""

    settings = ParentalKey(SiteSettings, on_delete=models.CASCADE, related_name="menu_entries")
    is_hot = models.BooleanField(_("stands out"), default=False)

    panels = [*LinkRow.panels, FieldPanel("is_hot")]

    class Meta(LinkRow.Meta):
        verbose_name = _("menu entry")
        verbose_name_plural = _("menu entries")


class StripLink(LinkRow):
    """An entry of the line above the header."""

    settings = ParentalKey(SiteSettings, on_delete=models.CASCADE, related_name="strip_links")

    class Meta(LinkRow.Meta):
        verbose_name = _("entry of the topmost line")
        verbose_name_plural = _("entries of the topmost line")


class FooterColumn(ClusterableModel, Orderable):
    """A column of the footer."""

    settings = ParentalKey(SiteSettings, on_delete=models.CASCADE, related_name="footer_columns")
    title_vi = models.CharField(_("title (Vietnamese)"), max_length=40)
    title_en = models.CharField(_("title (English)"), max_length=40)

    panels = [
        FieldRowPanel([FieldPanel("title_vi"), FieldPanel("title_en")]),
        InlinePanel("links", label=_("Entry")),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("footer column")
        verbose_name_plural = _("footer columns")

    def __str__(self) -> str:
        return self.title_vi


class FooterLink(LinkRow):
    """An entry of a column."""

    column = ParentalKey(FooterColumn, on_delete=models.CASCADE, related_name="links")

    class Meta(LinkRow.Meta):
        verbose_name = _("footer entry")
        verbose_name_plural = _("footer entries")
