"""Filters that write money, measures and days as ``marketplace.kernel.formats`` does."""

from django import template

from marketplace.kernel import formats

register = template.Library()

register.filter("money", formats.money)
register.filter("weight", formats.weight)
register.filter("vnumber", formats.number)
register.filter("vdate", formats.date)
register.filter("vdatetime", formats.datetime_)
register.filter("day_month", formats.day_month)
register.filter("weekday_date", formats.weekday_date)
register.filter("phone", formats.phone)
register.filter("ago", formats.ago)


@register.filter
def vdecimal(value: object, places: int | None = None) -> str:
    """A number with its decimals: ``{{ rating|vdecimal:1 }}`` is 4,8."""
    return formats.decimal(value, places)
