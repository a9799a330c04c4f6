"""The rules, a file a theme. A rule's id is the name of its function."""

import importlib
import pkgutil

from policies.model import REGISTERED, Rule

THEMES = tuple(importlib.import_module(module.name) for module in pkgutil.iter_modules(__path__, f"{__name__}."))
"""Every file of this folder, by its name."""

RULES: tuple[Rule, ...] = tuple(sorted(REGISTERED, key=lambda rule: rule.theme))
"""Every rule, by theme."""

BY_ID = {rule.id: rule for rule in RULES}
