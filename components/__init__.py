"""The parts of the estate: one file a component. Components never import each other; `__main__.py` wires them."""
