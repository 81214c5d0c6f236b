"""What makes the audit a record: the database itself refuses to change it.

Wagtail's logs get the same trigger; a later migration of Wagtail's that rewrites them needs
``SET LOCAL ocop.allow_audit_erase``.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION platform_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Emptying a demonstration or a test database says so: audit.erasure_allowed(reason).
    IF coalesce(current_setting('ocop.allow_audit_erase', true), '') = '' THEN
        RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        RETURN NEW;
    END IF;
    RETURN OLD;
END
$$;
COMMENT ON FUNCTION platform_refuse_change() IS
    'For triggers BEFORE UPDATE OR DELETE (each row) and BEFORE TRUNCATE: append-only tables.';
"""

TABLES = ("platform_auditentry", "wagtailcore_pagelogentry", "wagtailcore_modellogentry")

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
    dependencies = [
        ("platform", "0001_initial"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION platform_refuse_change()"),
        *[
            migrations.RunSQL(PROTECT.format(table), UNPROTECT.format(table))
            for table in TABLES
        ],
        # The transaction that wrote a version, so that a reader knows whether it saw it.
        migrations.RunSQL(
            "ALTER TABLE platform_pageversion"
            " ADD COLUMN changed_in xid8 NOT NULL DEFAULT pg_current_xact_id()",
            "ALTER TABLE platform_pageversion DROP COLUMN changed_in",
        ),
    ]
