"""How Oscar finds the classes that we put in place of its own.

``search`` is ours alone: Oscar's module would import haystack, which is not installed as an
app. Single classes are replaced here, so that an app need not be forked for one of them.
Oscar falls back silently on a misspelt name: ``tests/architecture`` asks ``get_class`` for each.
"""

from importlib import import_module

from django.utils.module_loading import import_string
from oscar.core.loading import _pluck_classes, default_class_loader

#: (Oscar's module label, class name) → dotted path of ours.
OVERRIDES: dict[tuple[str, str], str] = {
    ("partner.strategy", "Selector"): "catalogue.strategy.Selector",
}


def class_loader(label: str, names: list[str], prefix: str) -> list[type]:
    """Return the classes called ``names`` for Oscar's module ``label``, ours first."""
    if label.split(".")[0] == "search" and label != "search.signals":
        return _pluck_classes([import_module(label)], names)
    return [
        import_string(OVERRIDES[label, name])
        if (label, name) in OVERRIDES
        else default_class_loader(label, [name], prefix)[0]
        for name in names
    ]
