"""The types of resources that the program may register, and what is lost with each; other lists are derived from it.

The policy pack refuses a type that is not here. Types of AWS are those of `components.common.aws_names`, which also
says what AWS takes as their names and tags.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from components.common.aws_names import TYPES

Kept = Literal["irreplaceable", "protected", "recreated"]
"""What is lost with a resource that holds data or keys.

- `irreplaceable`: what people made, or the only key to it;
- `protected`: copies, or work in progress, that a protected stack does not delete either;
- `recreated`: what the program can create again, with an interruption or another value.
"""

DATA: Final[Mapping[str, Kept]] = MappingProxyType(
    {
        "aws:backup/vault:Vault": "protected",
        "aws:eks/cluster:Cluster": "recreated",
        "aws:elasticache/replicationGroup:ReplicationGroup": "protected",
        "aws:kms/key:Key": "irreplaceable",
        "aws:rds/instance:Instance": "irreplaceable",
        "aws:s3/bucket:Bucket": "irreplaceable",
        "aws:secretsmanager/secret:Secret": "irreplaceable",
        "aws:secretsmanager/secretVersion:SecretVersion": "irreplaceable",
        "random:index/randomBytes:RandomBytes": "irreplaceable",
        "random:index/randomPassword:RandomPassword": "recreated",
    }
)
"""Types that hold data or keys."""

IRREPLACEABLE: Final = frozenset(type_ for type_, kept in DATA.items() if kept == "irreplaceable")
PROTECTED: Final = tuple(type_ for type_, kept in DATA.items() if kept != "recreated")
"""Types whose resources a protected stack refuses to delete."""

_KUBERNETES: Final = (
    "admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy",
    "admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding",
    "apps/v1:DaemonSet",
    "apps/v1:Deployment",
    "autoscaling/v2:HorizontalPodAutoscaler",
    "batch/v1:CronJob",
    "batch/v1:Job",
    "core/v1:ConfigMap",
    "core/v1:ConfigMapPatch",
    "core/v1:Namespace",
    "core/v1:Secret",
    "core/v1:Service",
    "core/v1:ServiceAccount",
    "eks.amazonaws.com/v1:NodeClass",
    "eks.amazonaws.com/v1:TargetGroupBinding",
    "elbv2.k8s.aws/v1beta1:TargetGroupBinding",
    "helm.sh/v3:Release",
    "karpenter.sh/v1:NodePool",
    "keda.sh/v1alpha1:ClusterTriggerAuthentication",
    "keda.sh/v1alpha1:ScaledObject",
    "keda.sh/v1alpha1:TriggerAuthentication",
    "networking.k8s.io/v1:Ingress",
    "networking.k8s.io/v1:NetworkPolicy",
    "policy/v1:PodDisruptionBudget",
    "rbac.authorization.k8s.io/v1:ClusterRole",
    "rbac.authorization.k8s.io/v1:ClusterRoleBinding",
    "rbac.authorization.k8s.io/v1:Role",
    "rbac.authorization.k8s.io/v1:RoleBinding",
    "scheduling.k8s.io/v1:PriorityClass",
)
"""None holds data: there is no StatefulSet and no PersistentVolumeClaim among them."""
_RANDOM: Final = ("randomBytes:RandomBytes", "randomId:RandomId", "randomPassword:RandomPassword")
_CLOUD_PACKAGES: Final = ("aws:", "kubernetes:", "random:")

KNOWN: Final = frozenset(
    {
        *TYPES,
        *(f"kubernetes:{type_}" for type_ in _KUBERNETES),
        *(f"random:index/{type_}" for type_ in _RANDOM),
    }
)
"""Every type of these packages that the program may register."""


def is_known(type_: str) -> bool:
    """Whether a type is in the catalogue; components and provider objects of other packages hold nothing themselves."""
    return not type_.startswith(_CLOUD_PACKAGES) or type_ in KNOWN
