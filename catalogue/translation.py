"""Which words of the catalogue exist in Vietnamese and English."""

from modeltranslation.translator import TranslationOptions, register

from catalogue.models import Category, Product, ProductClass


@register(Product)
class ProductTranslation(TranslationOptions):
    fields = (
        "title", "summary", "description", "ingredients", "may_contain", "storage", "usage",
        "warnings", "count_unit",
    )


@register(Category)
class CategoryTranslation(TranslationOptions):
    fields = ("name", "description")


@register(ProductClass)
class ProductClassTranslation(TranslationOptions):
    fields = ("name",)
