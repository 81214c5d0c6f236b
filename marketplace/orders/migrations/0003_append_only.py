"""What happened to a consignment, and what was agreed to, is never rewritten.

The database itself refuses (``platform_refuse_change``).
"""

from django.db import migrations

TABLES = ("orders_consignmentevent", "orders_consentrecord")

PROTECT = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {0}
    FOR EACH ROW EXECUTE FUNCTION platform_refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {0}
    FOR EACH STATEMENT EXECUTE FUNCTION platform_refuse_change();
"""

UNPROTECT = """
DROP TRIGGER append_only ON {0};
DROP TRIGGER append_only_truncate ON {0};
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_checks_on_oscars_tables"), ("platform", "0002_append_only")]

    operations = [
        migrations.RunSQL(PROTECT.format(table), UNPROTECT.format(table)) for table in TABLES
    ]
