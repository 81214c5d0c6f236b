"""What is public is published; what was published once and is not any more is off sale."""

from django.db import migrations


def say_states(apps, schema_editor):
    listings = apps.get_model("catalogue", "Product").objects.filter(parent__isnull=True)
    listings.filter(is_public=True).update(state="published")
    listings.filter(is_public=False, published_at__isnull=False).update(state="suspended")


def forget_states(apps, schema_editor):
    apps.get_model("catalogue", "Product").objects.update(state="draft")


class Migration(migrations.Migration):

    dependencies = [("catalogue", "1004_listing_states")]

    operations = [migrations.RunPython(say_states, forget_states)]
