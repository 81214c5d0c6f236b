"""Oscar's admin of the catalogue, for superusers."""

from oscar.apps.catalogue.admin import *  # noqa: F403
