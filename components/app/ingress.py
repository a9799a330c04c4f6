"""What a stack decides about an ingress of the cluster's own controller."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from components.common.model import Settings
from components.common.spelling import HostName, Spelling

NAME_MISTAKES: Final = ((r"[A-Z]", "it has capitals"), (r"_", "it has an underscore"))
"""Of names that Kubernetes takes."""
ObjectName = Annotated[
    str,
    Field(max_length=253),
    Spelling(
        pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$",
        is_="the name of a Kubernetes object: small letters, digits, - and .",
        examples=["flowise-tls"],
        wrong=((r"/", "it has a namespace or a kind before it"), *NAME_MISTAKES),
        find="`kubectl -n flowise get secret` lists secrets",
    ),
]
"""Name of a Kubernetes object (DNS subdomain, RFC 1123)."""
AnnotationKey = Annotated[
    str,
    Spelling(
        pattern=r"^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$",
        is_="the name of an annotation, at most one / after a domain and 63 characters after that",
        examples=["nginx.ingress.kubernetes.io/proxy-body-size"],
        wrong=((r"/.*/", "it has more than one slash"), (r"\s", "it has spaces")),
    ),
]


_ALB: Final = "alb"
_ALB_ANNOTATIONS: Final = {
    "alb.ingress.kubernetes.io/target-type": "ip",
    "alb.ingress.kubernetes.io/scheme": "internal",
}
"""AWS Load Balancer Controller, "Ingress annotations"; EKS User Guide, "Create an IngressClass to configure an ALB"."""
_ALB_REASONS: Final = {
    "alb.ingress.kubernetes.io/target-type": (
        "with `instance` requests go to a port of a node, and the Service has none"
    ),
    "alb.ingress.kubernetes.io/scheme": (
        "a public load balancer lies in the public subnets, from which the pods take nothing; for the internet leave "
        "flowise:ingress out and use CloudFront"
    ),
}


class IngressSettings(Settings):
    """An ingress controller that the cluster already has, in place of CloudFront and load balancer.

    The controller must bring what the edge brings otherwise: TLS, a firewall, limits for logins.
    """

    class_name: Annotated[
        str,
        Field(max_length=253),
        Spelling(
            pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$",
            is_="the name of an ingress class",
            examples=["nginx"],
            wrong=NAME_MISTAKES,
            find="`kubectl get ingressclass` lists them",
        ),
    ]
    """Ingress class of the controller (`kubectl get ingressclass`)."""
    controller_namespace: Annotated[
        str,
        Spelling(
            pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
            is_="a namespace of the cluster",
            examples=["ingress-nginx"],
            wrong=((r"\.", "it has a dot"), *NAME_MISTAKES),
            find="`kubectl get namespaces` lists them",
        ),
    ] = "ingress-nginx"
    """Namespace of the controller's pods: no other may send requests to the servers."""
    traffic_from: Literal["controller", "subnets"] | None = None
    """Whose addresses the servers see: the controller's pods, or a load balancer's in the private subnets, as AWS's
    load balancer controller and EKS Auto Mode make one. None: `subnets` for class `alb`, else `controller`."""
    host: HostName
    """Host name under which people reach Flowise, always with HTTPS: Flowise's session cookie is Secure.

    Its DNS record leads to the controller and is yours to make.
    """
    tls_secret_name: ObjectName | None = None
    """Secret in namespace `flowise` with the certificate; none: the controller, or what is before it, has its own."""
    annotations: dict[AnnotationKey, str] = {}
    """Annotations for the controller: bodies of 1.4 times `app.file_size_limit_mib`, 120 s without a byte, unbuffered.

    A controller that never writes an address into the ingress needs `pulumi.com/skipAwait: "true"`.
    """

    @property
    def from_subnets(self) -> bool:
        """Whether a load balancer in the private subnets sends the requests, and no pod."""
        return self.traffic_from == "subnets" or (self.traffic_from is None and self.class_name == _ALB)

    @property
    def all_annotations(self) -> dict[str, str]:
        """Annotations, with those without which a load balancer of AWS's controller would not reach the pods."""
        return ({**_ALB_ANNOTATIONS} if self.from_subnets else {}) | self.annotations

    @model_validator(mode="after")
    def _check_alb(self) -> Self:
        if not self.from_subnets:
            if self.class_name == _ALB:
                raise ValueError(
                    "traffic_from controller: class alb is AWS's load balancer controller, whose load balancer sends "
                    "from the addresses of its subnets; the pods would refuse it. Remove traffic_from"
                )
            return self
        for key, wanted in _ALB_ANNOTATIONS.items():
            if (given := self.annotations.get(key, wanted)) != wanted:
                raise ValueError(f"annotations {key}: {given} is not allowed, only {wanted}: {_ALB_REASONS[key]}")
        if self.tls_secret_name:
            raise ValueError(
                f"tls_secret_name {self.tls_secret_name}: a load balancer of AWS reads no Secret. Name a certificate "
                "of ACM in the annotation alb.ingress.kubernetes.io/certificate-arn, or in certificateARNs of the "
                "class (IngressClassParams)"
            )
        return self
