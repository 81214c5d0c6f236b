"""The page above all pages, which editors see in their paths, is named in Vietnamese."""

from django.db import migrations

RENAME = """
    UPDATE wagtailcore_page SET title = '{new}', draft_title = '{new}'
    WHERE depth = 1 AND title = '{old}'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0002_route_to_apply"),
    ]

    operations = [
        migrations.RunSQL(
            RENAME.format(old="Root", new="Trang gốc"), RENAME.format(old="Trang gốc", new="Root")
        ),
    ]
