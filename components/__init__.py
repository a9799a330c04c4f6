"""The parts of the environment: one file a component. Components never import each other; `__main__.py` wires them."""
