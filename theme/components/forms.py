"""Fields and their errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from theme.components.base import Part


@dataclass(frozen=True)
class Field(Part):
    """One form field: label, hint, errors above the control, joined for screen readers.

    The widget keeps its own attributes (autocomplete, inputmode, maxlength). `look`: "" by the
    widget; "picks" shows radio choices as large rows with `notes` and `icons` by value; "opts"
    as small buttons. `attrs` are added to the control (e.g. data-url for the type-ahead).
    """

    template_name = "components/field.html"

    bound: BoundField
    look: str = ""
    label: str = ""
    hint: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    icons: Mapping[str, str] = field(default_factory=dict)
    attrs: Mapping[str, str] = field(default_factory=dict)
    hide_label: bool = False

    @property
    def widget(self) -> forms.Widget:
        return self.bound.field.widget

    @property
    def kind(self) -> str:
        """hidden, check, group (several controls) or single."""
        if self.bound.is_hidden:
            return "hidden"
        if isinstance(self.widget, forms.CheckboxInput):
            return "check"
        if isinstance(self.widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
            return "group"
        return "single"

    @property
    def control_id(self) -> str:
        return self.bound.auto_id or self.bound.html_name

    @property
    def shown_label(self) -> str:
        return self.label or self.bound.label

    @property
    def shown_hint(self) -> str:
        return self.hint or self.bound.help_text

    @property
    def errors(self) -> list[str]:
        return [str(error) for error in self.bound.errors]

    @property
    def is_optional(self) -> bool:
        """Whether it may stay empty; a form may need a field later that it does not ask for now."""
        return not (self.bound.field.required or getattr(self.bound.field, "is_needed", False))

    @property
    def described_by(self) -> str:
        ids = []
        if self.errors:
            ids.append(f"{self.control_id}-error")
        if self.shown_hint:
            ids.append(f"{self.control_id}-hint")
        return " ".join(ids)

    def _control_attrs(self) -> dict[str, Any]:
        attrs: dict[str, Any] = dict(self.attrs)
        if self.described_by:
            attrs["aria-describedby"] = self.described_by
        if self.errors:
            attrs["aria-invalid"] = "true"
        return attrs

    @property
    def control(self) -> SafeString:
        return self.bound.as_widget(attrs=self._control_attrs())

    @property
    def choices(self) -> list[dict[str, Any]]:
        """The choices of a group, each with its own input, note and icon."""
        rows = []
        for at, widget in enumerate(self.bound.subwidgets):
            value = str(widget.data["value"])
            attrs = widget.data["attrs"]
            if self.errors:
                attrs["aria-invalid"] = "true"
            rows.append(
                {
                    # The error summary links to the field's own id: the first control takes it.
                    "id": self.control_id if at == 0 else widget.id_for_label,
                    "name": widget.data["name"],
                    "type": widget.data.get("type", "radio"),
                    "value": value,
                    "label": widget.choice_label,
                    "is_chosen": widget.data["selected"],
                    "is_disabled": bool(attrs.get("disabled")),
                    "note": (self.notes or {}).get(value, ""),
                    "icon": (self.icons or {}).get(value, ""),
                    "required": bool(attrs.get("required")),
                }
            )
        return rows


_UNNAMED = {
    "required",
    "invalid",
    "invalid_choice",
    "invalid_list",
    "max_length",
    "min_length",
    "max_value",
    "min_value",
    "null_characters_not_allowed",
}


@dataclass(frozen=True)
class ErrorSummary(Part):
    """All errors at the top of the page, each linked to its field; (control id, text) pairs."""

    template_name = "components/error_summary.html"

    items: Sequence[tuple[str, str]]
    kept_note: bool = True

    @property
    def title(self) -> str:
        count = len(self.items)
        return ngettext("%(count)s thing needs mending", "%(count)s things need mending", count) % {
            "count": count
        }

    @classmethod
    def of(cls, *bound_forms: forms.BaseForm, kept_note: bool = True) -> ErrorSummary | None:
        """Collect the errors of forms; None when there are none."""
        items: list[tuple[str, str]] = []
        for form in bound_forms:
            items += [("", str(error)) for error in form.non_field_errors()]
            for bound in form:
                target = "" if bound.is_hidden else (bound.auto_id or bound.html_name)
                for error in bound.errors.as_data():
                    text = " ".join(str(message) for message in error.messages)
                    # Django's own words ("This field is required.") do not name the field.
                    if error.code in _UNNAMED and not bound.is_hidden:
                        text = f"{str(bound.label).rstrip('.:?!')}: {text}"
                    items.append((target, text))
        return cls(items=tuple(items), kept_note=kept_note) if items else None
