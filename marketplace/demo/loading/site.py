"""The Wagtail site: home, stories, legal pages, menus, in both languages."""

import tomllib

from cms.actions import Material, build_site
from marketplace.demo.loading import CONTENT, Tracker, drawings, read


def load(track: Tracker) -> None:
    """Everything that the editors' files describe."""
    for pages in track([read("pages.toml")], 1, "Pages and stories"):
        build_site(
            content=pages,
            stories=[
                tomllib.loads(path.read_text(encoding="utf-8"))
                for path in sorted((CONTENT / "stories").glob("*.toml"))
            ],
            material=Material.at_hand(drawings.by_file()),
        )
