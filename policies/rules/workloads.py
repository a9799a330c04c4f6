"""What stands around pods: namespaces, network policies, budgets, scaling, charts."""

import re
from collections.abc import Iterator

from policies.model import Resource, Stack, at, items, known_text, mapping, number, owner_rule, rule, text
from policies.rules.pods import MAKES_PODS, SECRET_NAME, SECRET_VALUE, SERVERS
from policies.unknown import those

NAMESPACE = "kubernetes:core/v1:Namespace"
NETWORK_POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
SCALED_OBJECT = "kubernetes:keda.sh/v1alpha1:ScaledObject"
_CERTIFICATE = "alb.ingress.kubernetes.io/certificate-arn"
HELM = ("kubernetes:helm.sh/v3:Release", "kubernetes:helm.sh/v4:Chart")
_EXACT_VERSION = re.compile(r"v?\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?")
_NAMESPACED = (
    *MAKES_PODS,
    "kubernetes:core/v1:ConfigMap",
    "kubernetes:core/v1:Secret",
    "kubernetes:core/v1:Service",
    "kubernetes:core/v1:ServiceAccount",
)


@rule(
    NAMESPACE,
    fix="label it pod-security.kubernetes.io/enforce: restricted",
    controls=("CIS-EKS 4.2.1", "CIS-EKS 4.2.5"),
)
def namespace_restricted(namespace: Resource) -> Iterator[str]:
    """The API server then refuses what these rules did not see: pods made by hand, or by a chart."""
    level = mapping(namespace.get("metadata.labels")).get("pod-security.kubernetes.io/enforce")
    if level != "restricted":
        yield f"enforces {level or 'nothing'}"


@owner_rule(
    NAMESPACE,
    fix="add a NetworkPolicy with an empty podSelector and policyTypes Ingress and Egress",
    controls=("CIS-EKS 4.3.2",),
)
def namespace_default_deny(stack: Stack, namespace: Resource) -> Iterator[str]:
    """Without one, pods talk to everything in the VPC and the internet, also those that run people's code."""
    name = text(namespace.get("metadata.name")) or namespace.name

    def denies(policy: Resource, direction: str) -> bool:
        return (
            text(policy.get("metadata.namespace")) == name
            and not policy.get("spec.podSelector.matchLabels")
            and not policy.get("spec.podSelector.matchExpressions")
            and direction in policy.items("spec.policyTypes")
        )

    policies = stack.of(NETWORK_POLICY)
    open_ = [
        direction for direction in ("Ingress", "Egress") if not those(policies, lambda p, d=direction: denies(p, d))
    ]
    if open_:
        yield f"no NetworkPolicy denies {' and '.join(open_).lower()} by default"


@rule(NETWORK_POLICY, fix="say from whom")
def network_policy_names_sources(policy: Resource) -> Iterator[str]:
    """A rule without 'from' admits everything that reaches the VPC."""
    for entry in policy.items("spec.ingress"):
        if isinstance(entry, dict) and not at(entry, "from"):
            yield "an ingress rule has no from"


@rule(*_NAMESPACED, fix="set metadata.namespace", controls=("CIS-EKS 4.5.2",))
def kubernetes_own_namespace(resource: Resource) -> Iterator[str]:
    """The default namespace has no policies, and everybody's leftovers."""
    if resource.get("metadata.namespace") in (None, "", "default"):
        yield f"is in the namespace {resource.get('metadata.namespace') or 'default'}"


@rule("kubernetes:core/v1:ServiceAccount", fix="set automountServiceAccountToken to false", controls=("CIS-EKS 4.1.6",))
def account_no_api_token(account: Resource) -> Iterator[str]:
    """A pod that forgets to say so gets a token for the Kubernetes API."""
    if account.lacks("automountServiceAccountToken", False):
        yield "automountServiceAccountToken is not false"


@rule("kubernetes:core/v1:ConfigMap", fix="put it into a Secret")
def configmap_without_secrets(config: Resource) -> Iterator[str]:
    """ConfigMaps are not encrypted with the stack's key, and everybody who debugs may read them."""
    for key, value in mapping(config.get("data")).items():
        known = known_text(value)
        if known and (SECRET_NAME.search(key) or SECRET_VALUE.search(known)):
            yield f"{key} looks like a secret"


_OPENING = {
    "ALLOW_BUILTIN_DEP": "lets code of flows run outside of Flowise's sandbox",
    "LD_LIBRARY_PATH": "changes what every process of the pod loads",
    "LD_PRELOAD": "changes what every process of the pod loads",
    "NODE_PATH": "changes what every process of the pod loads",
    "NODE_TLS_REJECT_UNAUTHORIZED": "ends the verification of certificates, the database's among them",
    "SSL_CERT_DIR": "changes which certificates are trusted",
    "SSL_CERT_FILE": "changes which certificates are trusted",
    "TOOL_FUNCTION_BUILTIN_DEP": "gives code of flows modules of Node.js, files and processes among them",
    "TOOL_FUNCTION_EXTERNAL_DEP": "gives code of flows modules that run outside of Flowise's sandbox",
}
"""Variables that a stack may add (`app.environment`), with what they open."""
_AUTHORITIES = {
    "SSL_CERT_DIR": "/etc/flowise-authorities",
    "SSL_CERT_FILE": "/etc/flowise-authorities/authorities.pem",
}
"""Where `app.certificate_authorities` is mounted: trusted besides the public ones, and shown in every preview."""


@rule("kubernetes:core/v1:ConfigMap", "kubernetes:core/v1:Secret", fix="leave the variable out of app.environment")
def flowise_sandbox_closed(source: Resource) -> Iterator[str]:
    """Some variables of Flowise and Node.js let whoever may edit a flow take over the pod."""
    for field in ("data", "stringData"):
        values = mapping(source.get(field))
        for name in sorted(_OPENING.keys() & values.keys()):
            if known_text(values[name]) != _AUTHORITIES.get(name):
                yield f"{name} {_OPENING[name]}"


@owner_rule(*SERVERS, fix="add a PodDisruptionBudget with the Deployment's labels")
def deployment_disruption_budget(stack: Stack, server: Resource) -> Iterator[str]:
    """Auto Mode replaces nodes all the time; without a budget it may stop all pods at once."""
    labels = mapping(server.get("spec.selector.matchLabels"))
    budgets = stack.of("kubernetes:policy/v1:PodDisruptionBudget")
    if _smallest_count(stack, server) > 1 and not those(
        budgets, lambda b: mapping(b.get("spec.selector.matchLabels")) == labels
    ):
        yield "no PodDisruptionBudget has its labels"


@owner_rule(*SERVERS, fix="add topologySpreadConstraints over topology.kubernetes.io/zone")
def deployment_spread(stack: Stack, server: Resource) -> Iterator[str]:
    """Two pods on one node, or in one zone, fail together."""
    keys = [at(c, "topologyKey") for c in server.items("spec.template.spec.topologySpreadConstraints")]
    if _smallest_count(stack, server) > 1 and "topology.kubernetes.io/zone" not in keys:
        yield "is not spread over zones"


def _smallest_count(stack: Stack, server: Resource) -> float:
    scalers = [
        number(scaler.get(key))
        for type_, key in (
            ("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "spec.minReplicas"),
            (SCALED_OBJECT, "spec.minReplicaCount"),
        )
        for scaler in stack.of(type_)
        if scaler.get("spec.scaleTargetRef.name") == server.get("metadata.name")
    ]
    return max((count for count in [number(server.get("spec.replicas")), *scalers] if count is not None), default=1)


@rule("kubernetes:batch/v1:Job", fix="set activeDeadlineSeconds and backoffLimit")
def job_bounded(job: Resource) -> Iterator[str]:
    """A job that hangs blocks the deployment until somebody looks."""
    for key in ("activeDeadlineSeconds", "backoffLimit"):
        if job.get(f"spec.{key}") is None:
            yield f"{key} is not set"


@rule("kubernetes:core/v1:Service", fix="use ClusterIP; people come through CloudFront")
def service_internal(service: Resource) -> Iterator[str]:
    """A service of another type opens ports of nodes, or buys a public load balancer."""
    if service.lacks("spec.type", "ClusterIP", "ExternalName", None):
        yield f"type is {service.get('spec.type')}"


@rule(
    "kubernetes:networking.k8s.io/v1:Ingress",
    fix="set ingress.tls_secret_name, or for class alb the annotation alb.ingress.kubernetes.io/certificate-arn",
    controls=("CIS-EKS 5.4.5",),
    severity="advisory",
)
def ingress_https(ingress: Resource) -> Iterator[str]:
    """Without a certificate the controller answers in plain text; one may have its own, or its class one."""
    if ingress.without("spec.tls") and _CERTIFICATE not in mapping(ingress.get("metadata.annotations")):
        yield f"neither spec.tls nor the annotation {_CERTIFICATE} is set"


@rule(*HELM, fix="set version to one exact version")
def helm_pinned(release: Resource) -> Iterator[str]:
    """Without an exact version the next deployment installs what was published last night."""
    if not _EXACT_VERSION.fullmatch(text(release.get("version"))):
        yield f"version is {release.get('version') or 'not set'}"


@rule(*HELM, fix="use https:// or oci://")
def helm_from_safe_source(release: Resource) -> Iterator[str]:
    """A chart runs with the deployer's rights; over plain HTTP anybody on the way writes it."""
    sources = (release.get("repositoryOpts.repo"), release.get("chart"))
    if any(known_text(source).startswith("http://") for source in sources):
        yield "comes over plain HTTP"


@rule(SCALED_OBJECT, fix="refer to a TriggerAuthentication")
def scaled_object_without_secrets(scaled: Resource) -> Iterator[str]:
    """A password in a trigger can be read by whoever may list ScaledObjects."""
    for trigger in scaled.items("spec.triggers"):
        for key, value in mapping(at(trigger, "metadata")).items():
            if known_text(value) and not key.endswith("FromEnv") and SECRET_NAME.search(key):
                yield f"{key} is a literal"


@rule("kubernetes:scheduling.k8s.io/v1:PriorityClass", fix="remove globalDefault")
def priority_class_chosen(priority: Resource) -> Iterator[str]:
    """A default for the whole cluster lets what comes later push Flowise aside, or the other way round."""
    if priority.get("globalDefault") is True:
        yield "globalDefault is true"


@rule(NETWORK_POLICY, fix="name the ports, or the networks")
def network_policy_bounded_egress(policy: Resource) -> Iterator[str]:
    """A rule without 'to' and 'ports' takes the default denial back."""
    for entry in policy.items("spec.egress"):
        if isinstance(entry, dict) and not items(entry, "to") and not items(entry, "ports"):
            yield "an egress rule allows everything"
