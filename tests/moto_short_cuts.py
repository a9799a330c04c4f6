"""What moto and botocore make for each account and request again, and the tests only once."""

import os
from functools import cache
from socketserver import BaseServer
from typing import Any, cast
from unittest import mock

import botocore.hooks
import botocore.session
import botocore.utils
import moto.utilities.utils
from cryptography.hazmat.primitives.asymmetric import rsa
from moto.core.loaders import create_loader
from moto.core.utils import method_names_from_class
from moto.iam.models import IAMBackend, ManagedPolicy
from moto.settings import load_iam_aws_managed_policies

from ops.clients import parse_moment

_make_policies = cast("Any", IAMBackend)._init_aws_policies
_alias_event_name = cast("Any", botocore.hooks.EventAliaser)._alias_event_name
_load_resource = moto.utilities.utils.load_resource
_serve = BaseServer.serve_forever
_policies: dict[tuple[str, str], list[ManagedPolicy]] = {}
_aliases: dict[str, str] = {}


def _copied_policies(backend: IAMBackend) -> list[ManagedPolicy]:
    """AWS's own 1,400 policies; how often one is attached is its own."""
    if not load_iam_aws_managed_policies() or backend.region_name != "aws":  # China's and others: no stack is there
        return []
    key = backend.account_id, backend.region_name
    if key not in _policies:
        _policies[key] = _make_policies(backend)
    return [_copied(policy) for policy in _policies[key]]


def _copied(policy: ManagedPolicy) -> ManagedPolicy:
    """As copy.copy, which asks each object how it is pickled."""
    own = object.__new__(type(policy))
    vars(own).update(vars(policy))
    return own


def _alias(emitter: Any, name: str) -> str:
    """The aliases of services are the same in every client."""
    if name not in _aliases:
        _aliases[name] = _alias_event_name(emitter, name)
    return _aliases[name]


def _without_offers(resource: str) -> Any:
    return [] if "instance_type_offerings" in resource else _load_resource(resource)


def _serve_to_the_end(server: BaseServer, poll_interval: float = 0.5) -> None:
    """Look more often whether it is to end."""
    _serve(server, min(poll_interval, 0.02))


# Each session would read the same descriptions of services from disk.
mock.patch.object(botocore.session, "create_loader", cache(botocore.session.create_loader)).start()
mock.patch.object(botocore.hooks.EventAliaser, "_alias_event_name", _alias).start()
mock.patch.object(IAMBackend, "_init_aws_policies", _copied_policies).start()
# moto reads the list of all services anew for each that it answers for, and a class's methods for each request.
mock.patch("moto.core.utils.create_loader", cache(create_loader)).start()
mock.patch("moto.core.responses.method_names_from_class", cache(method_names_from_class)).start()
# moto reads at its start which types of instances each zone of each region offers: 50 MiB that nothing here asks for.
mock.patch.object(moto.utilities.utils, "load_resource", _without_offers).start()
# A key of KMS or ACM encrypts nothing here, and two primes for each take longer than all the rest of it.
mock.patch.object(rsa, "generate_private_key", cache(rsa.generate_private_key)).start()
# Nothing here starts an instance, and moto makes 600 images with a snapshot each for every region of every account.
os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
# moto reads each moment that it answers with from its own text; botocore tries every form that there is.
mock.patch.object(botocore.utils, "parse_timestamp", parse_moment).start()
# A server of moto's would look only twice a second whether it is to end.
mock.patch.object(BaseServer, "serve_forever", _serve_to_the_end).start()
