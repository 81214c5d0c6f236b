from __future__ import annotations

from dataclasses import fields
from typing import Any, ClassVar

from laces.components import Component

TINTS = ("la", "xoai", "sen", "ma", "phusa", "nuoc")


class Part(Component):
    """Base of all components: the template sees the fields and the component itself.

    `needs_csrf` marks parts with a form on private pages; on cached public pages no token may
    appear, so the others never pass it on.
    """

    needs_csrf: ClassVar[bool] = False

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        context = {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]
        context["self"] = self
        if self.needs_csrf and parent_context is not None:
            context["csrf_token"] = parent_context.get("csrf_token", "")
        return context
