"""No order is refunded, and no consignment paid out, beyond what the ledger owes for it.

Judged at the commit over all rows of the order or the consignment.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION payments_never_more_than_owed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    total numeric;
BEGIN
    IF NEW.account = 'refund_owed' THEN
        SELECT sum(r.amount) INTO total
        FROM payments_ledgerrow r JOIN payments_ledgertransaction t ON t.id = r.transaction_id
        WHERE r.account = 'refund_owed' AND t.order_id = (
            SELECT order_id FROM payments_ledgertransaction WHERE id = NEW.transaction_id
        );
        IF total > 0 THEN
            RAISE EXCEPTION 'refunded % more than was owed', total
                USING ERRCODE = 'check_violation',
                      CONSTRAINT = 'payments_refund_not_more_than_owed';
        END IF;
    ELSIF NEW.account = 'producer_payable' AND NEW.consignment_id IS NOT NULL THEN
        SELECT sum(amount) INTO total FROM payments_ledgerrow
        WHERE account = 'producer_payable' AND consignment_id = NEW.consignment_id;
        IF total > 0 THEN
            RAISE EXCEPTION 'paid out % more than was owed', total
                USING ERRCODE = 'check_violation',
                      CONSTRAINT = 'payments_payout_not_more_than_owed';
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_ledgerrow_never_more_than_owed
    AFTER INSERT ON payments_ledgerrow
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.account IN ('refund_owed', 'producer_payable') AND NEW.amount > 0)
    EXECUTE FUNCTION payments_never_more_than_owed();
"""

BACKWARD = """
DROP TRIGGER payments_ledgerrow_never_more_than_owed ON payments_ledgerrow;
DROP FUNCTION payments_never_more_than_owed();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0004_transfers_and_settling")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
