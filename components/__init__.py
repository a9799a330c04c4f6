"""The parts of the environment: one file or one folder for each component.

Components never import each other; `__main__.py` wires them.
"""
