"""What documents answer besides searches."""

from __future__ import annotations

from marketplace.platform import statements
from search.models import ProductDocument

_RELATED = f"""
    WITH own AS (
        SELECT producer_id, ARRAY(
            SELECT category_id FROM catalogue_productcategory WHERE product_id = %(pk)s
        ) AS shelves
        FROM {ProductDocument._meta.db_table} WHERE product_id = %(pk)s
    )
    (SELECT product_id, 1 FROM {ProductDocument._meta.db_table}
     WHERE category_ids && (SELECT shelves FROM own) AND product_id <> %(pk)s
     ORDER BY can_be_bought DESC, popularity DESC, product_id DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT product_id, 2 FROM {ProductDocument._meta.db_table}
     WHERE producer_id = (SELECT producer_id FROM own) AND product_id <> %(pk)s
     ORDER BY can_be_bought DESC, popularity DESC, product_id DESC LIMIT %(limit)s)
    ORDER BY 2
"""  # noqa: S608


def related_ids(listing_id: int, limit: int) -> list[int]:
    """Listings to show beside one: of its own shelves first, then the grower's others."""
    rows = statements.rows(_RELATED, {"pk": listing_id, "limit": limit})
    found = dict.fromkeys(row[0] for row in rows)
    return list(found)[:limit]
