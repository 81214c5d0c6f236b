"""The ledger is never rewritten: what was wrong is reversed by another transaction.

The database itself refuses (``platform_refuse_change``).
"""

from django.db import migrations

TABLES = ("payments_ledgertransaction", "payments_ledgerrow")

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
    dependencies = [("payments", "0002_ledger_sums_to_zero"), ("platform", "0002_append_only")]

    operations = [
        migrations.RunSQL(PROTECT.format(table), UNPROTECT.format(table)) for table in TABLES
    ]
