"""A buyer's wish for a VAT invoice, and what each seller says of the one it has issued."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.orders.models.orders import Consignment

#: Form and symbol of an e-invoice: 1C26TAA (Decree 123/2020/NĐ-CP and 70/2025/NĐ-CP; the form's
#: digit may be left out).
SYMBOL = r"^[1-9]?[CK][0-9]{2}[TDLMNBGHX][A-Z]{2}$"
NUMBER = r"^[0-9]{1,8}$"


class InvoiceWish(models.Model):
    """To whom the sellers of one order are asked to issue their invoices.

    The seller issues the e-invoice in its own system (Decree 123/2020/NĐ-CP, art. 4); here only
    the wish and the reference are kept.
    """

    order = models.OneToOneField(
        "order.Order", models.CASCADE, primary_key=True, related_name="invoice_wish"
    )
    company = models.CharField(_("company or name"), max_length=200)
    #: Ten digits, ten and three for a branch, or the twelve of a citizen's number.
    tax_code = models.CharField(_("tax code"), max_length=13)
    address = models.CharField(_("address"), max_length=300)
    email = models.EmailField(_("email address"), blank=True)

    class Meta:
        verbose_name = _("wish for a VAT invoice")
        verbose_name_plural = _("wishes for VAT invoices")
        constraints = [
            models.CheckConstraint(
                condition=Q(tax_code__regex=r"^([0-9]{10}|[0-9]{12}|[0-9]{13})$"),
                name="orders_invoicewish_tax_code_is_digits",
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.company}"

    @property
    def tax_code_words(self) -> str:
        """As it is written: 0301234567-001 for a branch."""
        code = self.tax_code
        return f"{code[:10]}-{code[10:]}" if len(code) == 13 else code


class InvoiceReference(models.Model):
    """The invoice that one producer has issued for its consignment: where it is found."""

    consignment = models.OneToOneField(
        Consignment, models.PROTECT, primary_key=True, related_name="invoice"
    )
    symbol = models.CharField(
        _("symbol"), max_length=7, validators=[RegexValidator(SYMBOL)]
    )
    number = models.CharField(_("number"), max_length=8, validators=[RegexValidator(NUMBER)])
    issued_on = models.DateField(_("issued on"))
    lookup_url = models.URLField(_("page to look it up"), blank=True, max_length=300)
    lookup_code = models.CharField(_("code to look it up"), max_length=60, blank=True)
    noted_at = models.DateTimeField(_("noted at"))
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("VAT invoice")
        verbose_name_plural = _("VAT invoices")
        constraints = [
            models.CheckConstraint(
                condition=Q(symbol__regex=SYMBOL, number__regex=NUMBER),
                name="orders_invoicereference_names_an_invoice",
            ),
            models.CheckConstraint(
                condition=Q(lookup_url="") | Q(lookup_url__startswith="https://"),
                name="orders_invoicereference_link_is_https",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.symbol} {self.number}"
