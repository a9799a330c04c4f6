"""The cloud whose AWS resources live in moto."""

import importlib
import json
import pkgutil
import threading
from collections.abc import Mapping
from typing import Any, cast, final

from analysis.recorder import Created, Request
from analysis.synthetic import SyntheticProvider
from analysis.wire import Properties
from local.aws import __path__
from local.aws.clients import Clients
from local.aws.gaps import UNSUPPORTED_PROPERTIES, UNSUPPORTED_TYPES
from local.aws.network import route_table_of
from local.aws.resource_request import Handler, ResourceRequest

_PROVIDER = "pulumi:providers:aws"

HANDLERS: Mapping[str, Handler] = {
    type_: handler
    for module in pkgutil.iter_modules(__path__, f"{__package__}.")
    if module.name != __name__
    for type_, handler in getattr(importlib.import_module(module.name), "HANDLERS", {}).items()
}
"""Those of every module beside this one."""


class CannotMakeError(Exception):
    """A resource of the program has no counterpart in moto, or loses something on the way there."""


@final
class MotoCloud:
    """A `Provider` that makes AWS resources in moto. May be used from several threads."""

    def __init__(self, region: str, endpoint_url: str | None = None, *, complete: bool = True) -> None:
        """`endpoint_url` is that of a moto server; without it boto3 must be inside `moto.mock_aws()`.

        `complete`: refuse to make a resource of which an input does not reach moto.

        Moto must have AWS's own IAM policies: `MOTO_IAM_LOAD_MANAGED_POLICIES=true` in a server's environment,
        `config={"iam": {"load_aws_managed_policies": True}}` for `mock_aws`.
        """
        self._region = region
        self._complete = complete
        self._synthetic = SyntheticProvider(region)
        self._default_tags: dict[str, str] = {}
        self._lock = threading.Lock()
        """Held while moto is asked: it walks dictionaries that another thread's request would change."""
        self.client = Clients(region, endpoint_url)
        """Clients by service, and by region if it is not the stack's."""

    def create(self, request: Request) -> Created:
        """Make one resource. Raises `CannotMakeError`, or what boto3 raises when moto refuses it."""
        if request.type == _PROVIDER:
            self._default_tags = _default_tags(request.inputs)
        elif request.type in HANDLERS:
            return self._make(request, HANDLERS[request.type])
        elif request.type.startswith("aws:") and request.type not in UNSUPPORTED_TYPES:
            raise CannotMakeError(
                f"nothing makes {request.type} ({request.name}) in moto: add a handler to the module of its area in "
                "local/aws, or say why not in the type's entry of components/common/catalogue, `recorded_only`"
            )
        recorded = self._synthetic.create(request)
        return Created(id=recorded.id, outputs={"name": recorded.id, **recorded.outputs})

    def call(self, token: str, args: Properties) -> Properties:
        """Answer a provider function from moto, or invent the answer."""
        with self._lock:
            return self._call(token, args)

    def _call(self, token: str, args: Properties) -> Properties:
        match token:
            case "aws:index/getCallerIdentity:getCallerIdentity":
                caller = self.client("sts").get_caller_identity()
                account = caller["Account"]
                return {"accountId": account, "arn": caller["Arn"], "id": account, "userId": caller["UserId"]}
            case "aws:ec2/getManagedPrefixList:getManagedPrefixList":
                filters: Any = [{"Name": "prefix-list-name", "Values": [args["name"]]}]
                found = self.client("ec2").describe_managed_prefix_lists(Filters=filters)["PrefixLists"][0]
                return {
                    "id": found.get("PrefixListId"),
                    "arn": found.get("PrefixListArn"),
                    "name": found.get("PrefixListName"),
                }
            case "aws:ec2/getRouteTable:getRouteTable":
                return route_table_of(self.client, str(args["subnetId"]))
            case _:
                return self._synthetic.call(token, args)

    def _make(self, request: Request, handler: Handler) -> Created:
        resource = ResourceRequest(request, self.client, self._region, self._default_tags)
        with self._lock:
            made = handler(resource)
        dropped = resource.inputs.unread - UNSUPPORTED_PROPERTIES.get(request.type, {}).keys()
        if dropped and self._complete:
            raise CannotMakeError(
                f"{request.type} ({request.name}) has inputs that never reach moto: {', '.join(sorted(dropped))}. "
                "Translate them in the handler (local/aws), or say why not in the catalogue's entry of the type "
                "(components/common/catalogue), `lost`"
            )
        return Created(id=made.id, outputs={"region": resource.region, **made.outputs}, backing=made.backing)


def _default_tags(inputs: Properties) -> dict[str, str]:
    """Read the tags of a provider, whose structured inputs cross the wire as JSON text."""
    declared: Any = inputs.get("defaultTags") or {}
    if isinstance(declared, str):
        declared = json.loads(declared)
    return dict(cast("Mapping[str, Mapping[str, str]]", declared).get("tags") or {})
