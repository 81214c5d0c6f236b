from __future__ import annotations

from dataclasses import fields
from typing import Any

from laces.components import Component


class Part(Component):
    """Base of all components: the template sees the fields and the component itself.

    The token against forged requests is handed down, so that a form deep inside a group has it.
    Only parts of private pages print it; on public pages, which are cached whole, none may.
    """

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        context = {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]
        context["self"] = self
        if parent_context is not None and "csrf_token" in parent_context:
            context["csrf_token"] = parent_context["csrf_token"]
        return context
