"""Load balancer, listener with its rules, and target group."""

from collections.abc import Mapping
from typing import Any

from analysis.recorder import Created
from local.aws.resource_request import Handler, ResourceRequest, made
from local.aws.translate import given

_HEALTH_CHECK = {
    "protocol": "HealthCheckProtocol",
    "port": "HealthCheckPort",
    "path": "HealthCheckPath",
    "interval": "HealthCheckIntervalSeconds",
    "timeout": "HealthCheckTimeoutSeconds",
    "healthyThreshold": "HealthyThresholdCount",
    "unhealthyThreshold": "UnhealthyThresholdCount",
}
_ACTIONS = {"authenticateOidc": "AuthenticateOidcConfig", "fixedResponse": "FixedResponseConfig"}
_CONDITIONS = {
    "pathPattern": ("path-pattern", "PathPatternConfig"),
    "sourceIp": ("source-ip", "SourceIpConfig"),
}
_HEADERS = {
    "routingHttpResponseStrictTransportSecurityHeaderValue": (
        "routing.http.response.strict_transport_security.header_value"
    ),
    "routingHttpResponseXContentTypeOptionsHeaderValue": "routing.http.response.x_content_type_options.header_value",
    "routingHttpResponseServerEnabled": "routing.http.response.server.enabled",
}
_ATTRIBUTES = {
    "idleTimeout": "idle_timeout.timeout_seconds",
    "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
    "desyncMitigationMode": "routing.http.desync_mitigation_mode",
    "enableDeletionProtection": "deletion_protection.enabled",
}


def _load_balancer(request: ResourceRequest) -> Created:
    elb, inputs = request.client("elbv2", request.region), request.inputs
    name = request.physical_name()
    answer = elb.create_load_balancer(
        Name=name,
        Scheme="internal" if inputs.get("internal", False) else "internet-facing",
        **inputs.pascal("loadBalancerType", "subnets", "securityGroups", words={"loadBalancerType": "Type"}),
        Tags=request.tag_list(),
    )
    balancer: Any = answer["LoadBalancers"][0]
    arn = balancer["LoadBalancerArn"]
    attributes = {key: value for name, key in _ATTRIBUTES.items() if (value := inputs.get(name)) is not None}
    attributes |= {f"access_logs.s3.{key}": value for key, value in inputs.get("accessLogs", {}).items()}
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=_pairs(attributes))
    return made(arn, arn=arn, name=name, dnsName=balancer["DNSName"], zoneId=balancer["CanonicalHostedZoneId"])


def _target_group(request: ResourceRequest) -> Created:
    elb, inputs = request.client("elbv2", request.region), request.inputs
    name, check = request.physical_name(), dict(inputs["healthCheck"])
    matcher = check.pop("matcher", None)
    answer = elb.create_target_group(
        Name=name,
        **inputs.pascal("vpcId", "targetType", "port", "protocol"),
        **{_HEALTH_CHECK[key]: value for key, value in check.items()},
        **given(Matcher={"HttpCode": matcher} if matcher else None),
        Tags=request.tag_list(),
    )
    arn = answer["TargetGroups"][0].get("TargetGroupArn", "")
    delay = {"deregistration_delay.timeout_seconds": inputs.get("deregistrationDelay", 300)}
    elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=_pairs(delay))
    return made(arn, arn=arn, name=name)


def _certificate(request: ResourceRequest) -> str | None:
    """Certificate of a listener; for one that its owner has brought, and moto does not know, another stands in."""
    arn: str | None = request.inputs.get("certificateArn")
    if arn is None:
        return None
    acm: Any = request.client("acm", request.region)
    try:
        acm.describe_certificate(CertificateArn=arn)
    except acm.exceptions.ResourceNotFoundException:
        return acm.request_certificate(DomainName="brought.example.com")["CertificateArn"]
    return arn


def _listener(request: ResourceRequest) -> Created:
    elb, inputs = request.client("elbv2", request.region), request.inputs
    certificate = _certificate(request)
    answer = elb.create_listener(
        **inputs.pascal("loadBalancerArn", "port", "protocol", "sslPolicy", "defaultActions", words=_ACTIONS),
        **given(Certificates=[{"CertificateArn": certificate}] if certificate else None),
        Tags=request.tag_list(),
    )
    arn = answer["Listeners"][0].get("ListenerArn", "")
    headers = {key: value for name, key in _HEADERS.items() if (value := inputs.get(name)) is not None}
    if headers:
        elb.modify_listener_attributes(ListenerArn=arn, Attributes=_pairs(headers))
    return made(arn, arn=arn)


def _listener_rule(request: ResourceRequest) -> Created:
    elb, inputs = request.client("elbv2", request.region), request.inputs
    conditions: list[Any] = [
        {"Field": field, config: {"Values": condition[key]["values"]}}
        for condition in inputs["conditions"]
        for key, (field, config) in _CONDITIONS.items()
        if condition.get(key)
    ]
    answer = elb.create_rule(
        **inputs.pascal("listenerArn", "priority", "actions", words=_ACTIONS),
        Conditions=conditions,
        Tags=request.tag_list(),
    )
    arn = answer["Rules"][0].get("RuleArn", "")
    return made(arn, arn=arn)


def _pairs(attributes: Mapping[str, Any]) -> list[Any]:
    """Attributes are text, also those that are numbers or truth values."""
    return [
        {"Key": key, "Value": str(value).lower() if isinstance(value, bool) else str(value)}
        for key, value in attributes.items()
    ]


HANDLERS: Mapping[str, Handler] = {
    "aws:lb/loadBalancer:LoadBalancer": _load_balancer,
    "aws:lb/targetGroup:TargetGroup": _target_group,
    "aws:lb/listener:Listener": _listener,
    "aws:lb/listenerRule:ListenerRule": _listener_rule,
}
