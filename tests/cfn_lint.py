"""The lists of AWS that cfn-lint carries: read without importing it, which loads a whole algebra system."""

from importlib.util import find_spec
from pathlib import Path

_SPEC = find_spec("cfnlint")
assert _SPEC
assert _SPEC.origin
SCHEMAS = Path(_SPEC.origin).parent / "data" / "schemas"
"""By region the types of CloudFormation, their properties, and the sizes that are sold."""
