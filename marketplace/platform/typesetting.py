"""Papers as PDF, set by typst from templates in ``theme/typst``.

What is written on a paper is handed over as data and never becomes part of the template: typst
sees it as text, whatever it holds.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import fontpkg_be_vietnam_pro
import typst
from django.core.serializers.json import DjangoJSONEncoder

import theme

TEMPLATES = Path(theme.__file__).parent / "typst"
FONTS = Path(fontpkg_be_vietnam_pro.__file__).parent / "files"


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """The house's letters and nothing else: a paper looks the same on every machine."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )


def pdf(template_name: str, data: dict[str, Any]) -> bytes:
    """The paper ``theme/typst/<template_name>.typ`` with ``data`` (JSON, or what Django makes
    it), which the template reads by ``json(bytes(sys.inputs.data))``."""
    return typst.compile(
        str(TEMPLATES / f"{template_name}.typ"),
        root=str(TEMPLATES),
        font_paths=_fonts(),
        format="pdf",
        sys_inputs={"data": json.dumps(data, cls=DjangoJSONEncoder)},
    )
