"""Django's PostgreSQL backend, keeping plans and not asking idle connections how they are."""
