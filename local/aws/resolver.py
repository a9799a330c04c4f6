"""Query logs of Route 53 Resolver."""

from collections.abc import Mapping

from analysis.recorder import Created
from local.aws.resource_request import Handler, ResourceRequest, made


def _config(request: ResourceRequest) -> Created:
    name: str = request.physical_name()
    answer = request.client("route53resolver", request.region).create_resolver_query_log_config(
        Name=name, DestinationArn=request.inputs["destinationArn"], CreatorRequestId=name, Tags=request.tag_list()
    )
    config = answer["ResolverQueryLogConfig"]
    return made(config["Id"], arn=config["Arn"], name=name)


def _association(request: ResourceRequest) -> Created:
    answer = request.client("route53resolver", request.region).associate_resolver_query_log_config(
        ResolverQueryLogConfigId=request.inputs["resolverQueryLogConfigId"], ResourceId=request.inputs["resourceId"]
    )
    return made(answer["ResolverQueryLogConfigAssociation"]["Id"])


HANDLERS: Mapping[str, Handler] = {
    "aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig": _config,
    "aws:route53/resolverQueryLogConfigAssociation:ResolverQueryLogConfigAssociation": _association,
}
