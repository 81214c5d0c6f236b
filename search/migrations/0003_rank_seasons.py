"""The season ranks and places of the documents that are there, as ``search.seasons`` has them."""

from django.db import migrations

RANK = """
    UPDATE search_productdocument AS document
    SET spread = document.product_id * 648055 % 1048576
            - coalesce(listing.priority, 0) * 1048576::bigint,
        season_ranks = (
            SELECT sum(
                CASE
                    WHEN NOT document.can_be_bought THEN 3
                    WHEN month = ANY(listing.harvest_main) THEN 0
                    WHEN month = ANY(listing.harvest_side) THEN 1
                    WHEN listing.harvest_main || listing.harvest_side = '{}' THEN 1
                    ELSE 2
                END << (2 * (month - 1))
            )
            FROM generate_series(1, 12) AS month
        )
    FROM catalogue_product AS listing
    WHERE listing.id = document.product_id
"""


class Migration(migrations.Migration):
    dependencies = [("search", "0002_seasons")]

    operations = [migrations.RunSQL(RANK, migrations.RunSQL.noop)]
