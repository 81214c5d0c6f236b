"""Writing pages from files: the site's tree, its texts, menus and workflow."""

from cms.actions.material import Material
from cms.actions.site import build_site
from cms.actions.stories import build_stories
from cms.actions.workflow import ensure_workflow

__all__ = ["Material", "build_site", "build_stories", "ensure_workflow"]
