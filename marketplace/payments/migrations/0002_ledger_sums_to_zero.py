"""Each transaction of the ledger sums to zero, judged at the commit."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION payments_ledger_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked bigint;
    total numeric;
    entries bigint;
BEGIN
    IF TG_TABLE_NAME = 'payments_ledgertransaction' THEN
        checked := NEW.id;
    ELSE
        checked := NEW.transaction_id;
    END IF;
    SELECT COALESCE(sum(amount), 0), count(*) INTO total, entries
    FROM payments_ledgerrow WHERE transaction_id = checked;
    IF total <> 0 OR entries < 2 THEN
        RAISE EXCEPTION 'ledger transaction % has % rows that sum to %', checked, entries, total
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_ledger_sums_to_zero';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_ledgerrow_balances
    AFTER INSERT OR UPDATE ON payments_ledgerrow
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION payments_ledger_balances();
CREATE CONSTRAINT TRIGGER payments_ledgertransaction_balances
    AFTER INSERT ON payments_ledgertransaction
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION payments_ledger_balances();
"""

BACKWARD = """
DROP TRIGGER payments_ledgerrow_balances ON payments_ledgerrow;
DROP TRIGGER payments_ledgertransaction_balances ON payments_ledgertransaction;
DROP FUNCTION payments_ledger_balances();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
