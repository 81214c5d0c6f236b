"""The words and facts by which a listing is found: a derived copy, made by ``indexing``."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F


class ProductDocument(models.Model):
    """One public listing as search sees it; whatever is not public has no row.

    Words are folded (``kernel.fold``), so PostgreSQL's "simple" configuration is all that is
    needed. Prices and whether it can be bought hold until ``valid_until``; whoever reads later
    refreshes the row first.
    """

    product = models.OneToOneField(
        "catalogue.Product", models.CASCADE, primary_key=True, related_name="document"
    )
    #: Folded titles, Vietnamese and English, for "begins with" and "contains the phrase".
    title = models.CharField(max_length=600)
    title_en = models.CharField(max_length=600, blank=True)
    words_title = models.TextField()
    words_names = models.TextField(blank=True)
    words_body = models.TextField(blank=True)
    vector = models.GeneratedField(
        expression=SearchVector("words_title", weight="A", config="simple")
        + SearchVector("words_names", weight="B", config="simple")
        + SearchVector("words_body", weight="D", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    #: The listing's shelves and all shelves above them.
    category_ids = ArrayField(models.BigIntegerField())
    commune_id = models.BigIntegerField()
    producer_id = models.BigIntegerField()
    #: Whole đồng, VAT included: the cheapest unit that can be bought, else the cheapest.
    price_from = models.BigIntegerField()
    #: Bit n is month n of the main or side crop; 0 for goods without seasons.
    season_months = models.PositiveSmallIntegerField(default=0)
    #: Two bits for each month, January lowest; see ``seasons``.
    season_ranks = models.IntegerField(default=0)
    #: A fixed place among its equals: what an editor prefers first, neighbours far apart.
    spread = models.BigIntegerField(default=0)
    can_be_bought = models.BooleanField()
    popularity = models.IntegerField(default=0)
    published_at = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        verbose_name = "search document"
        verbose_name_plural = "search documents"
        indexes = [
            GinIndex(fields=["vector"], name="search_document_words"),
            GinIndex(fields=["category_ids"], name="search_document_categories"),
            models.Index(
                fields=["-can_be_bought", "-popularity", "-product"], name="search_document_best"
            ),
            *(
                models.Index(
                    F("season_ranks").bitrightshift(2 * (month - 1)).bitand(3), "spread",
                    name=f"search_document_month_{month}",
                )
                for month in range(1, 13)
            ),
            models.Index(fields=["-published_at", "-product"], name="search_document_newest"),
            models.Index(fields=["price_from", "-product"], name="search_document_price"),
            models.Index(fields=["producer_id"], name="search_document_producer"),
            models.Index(fields=["commune_id"], name="search_document_commune"),
        ]

    def __str__(self) -> str:
        return self.title
