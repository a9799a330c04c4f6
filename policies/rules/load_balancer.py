"""The load balancer, behind CloudFront or as the entry point of an internal stack."""

from collections.abc import Iterator

from policies.model import Resource, Stack, at, owner_rule, rule, text

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
_TLS_POLICIES = ("ELBSecurityPolicy-TLS13-1-2-", "ELBSecurityPolicy-TLS13-1-3-")


@rule(BALANCER, fix="set internal to True")
def alb_internal(balancer: Resource) -> Iterator[str]:
    """A public load balancer is a way past CloudFront and its firewall."""
    if balancer.lacks("internal", True):
        yield "internal is not true"


@rule(BALANCER, fix="set drop_invalid_header_fields to True", controls=("AWS ELB.4",))
def alb_drops_invalid_headers(balancer: Resource) -> Iterator[str]:
    """Malformed headers are how a request is smuggled past a firewall."""
    if balancer.lacks("dropInvalidHeaderFields", True):
        yield "dropInvalidHeaderFields is not true"


@rule(BALANCER, fix="set desync_mitigation_mode to defensive or strictest", controls=("AWS ELB.12",))
def alb_desync_mitigated(balancer: Resource) -> Iterator[str]:
    """Two servers that disagree where a request ends can be made to answer the wrong person."""
    if balancer.lacks("desyncMitigationMode", "defensive", "strictest", None):
        yield f"desyncMitigationMode is {balancer.get('desyncMitigationMode')}"


@rule(BALANCER, fix="set enable_deletion_protection to True", controls=("AWS ELB.6",), protected_only=True)
def alb_deletion_protection(balancer: Resource) -> Iterator[str]:
    """Without the load balancer nobody reaches Flowise, and CloudFront's origin must be recreated."""
    if balancer.lacks("enableDeletionProtection", True):
        yield "enableDeletionProtection is not true"


@rule(BALANCER, fix="set access_logs to the log bucket", controls=("AWS ELB.5",))
def alb_logged(balancer: Resource) -> Iterator[str]:
    """It is the one log with every request that reached Flowise."""
    if balancer.lacks("accessLogs.enabled", True):
        yield "accessLogs.enabled is not true"


@rule(BALANCER, fix="name subnets in two zones", controls=("AWS ELB.13",))
def alb_several_zones(balancer: Resource) -> Iterator[str]:
    """A zone that fails must not take the entry point with it."""
    if isinstance(balancer.get("subnets"), list) and len(balancer.items("subnets")) == 1:
        yield "has one subnet"


@rule(
    LISTENER,
    fix="set protocol to HTTPS with a certificate (flowise:domain brings one)",
    controls=("AWS ELB.18", "CIS-EKS 5.4.5"),
    protected_only=True,
)
def alb_https(listener: Resource) -> Iterator[str]:
    """Inside the VPC, too, somebody may listen."""
    redirects = any(action.get("type") == "redirect" for action in listener.items("defaultActions"))
    if listener.lacks("protocol", "HTTPS") and not redirects:
        yield f"protocol is {listener.get('protocol')}"


@rule(LISTENER, fix="set ssl_policy to ELBSecurityPolicy-TLS13-1-2-2021-06 or later", controls=("AWS ELB.17",))
def alb_tls(listener: Resource) -> Iterator[str]:
    """AWS's default policy still speaks TLS 1.0."""
    if listener.get("protocol") == "HTTPS" and not text(listener.get("sslPolicy")).startswith(_TLS_POLICIES):
        yield f"sslPolicy is {listener.get('sslPolicy') or 'not set'}"


@owner_rule(LISTENER, fix="set internal.admin_cidrs to the networks of those who build flows, or load_balancer.sign_in")
def alb_admin_plane_closed(stack: Stack, listener: Resource) -> Iterator[str]:
    """Without CloudFront's firewall the listener alone keeps a network from Flowise's login and management API."""
    if stack.of("aws:wafv2/webAcl:WebAcl"):
        return
    kinds = [text(at(action, "type")) for action in listener.items("defaultActions")]
    if kinds == ["forward"]:
        yield "forwards everything that no rule matches: everybody who reaches it reaches the login"
