"""AWS in moto: every AWS resource of the program, made through boto3 so that it can be read back.

One module an area holds its handlers, a handler a type; `cloud.py` finds them. The catalogue says what moto cannot
hold.
"""

from local.aws.cloud import MotoCloud
from local.aws.gaps import UNSUPPORTED_PROPERTIES, UNSUPPORTED_TYPES

__all__ = ["UNSUPPORTED_PROPERTIES", "UNSUPPORTED_TYPES", "MotoCloud"]
