"""Where the Kubernetes objects of Flowise go: their parent, provider, namespace and labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import core, meta

from components.common.connections import ClusterAccess

_APPLICATION = {"app.kubernetes.io/name": "flowise", "app.kubernetes.io/part-of": "flowise"}


def labels(component: str | None = None) -> dict[str, str]:
    """Labels of all objects, or those that select the pods of one component."""
    return _APPLICATION | ({"app.kubernetes.io/component": component} if component else {})


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What all objects of the application share."""

    parent: pulumi.Resource
    cluster: ClusterAccess
    namespace: pulumi.Output[str]

    def options(
        self,
        *,
        depends_on: Sequence[pulumi.Resource] = (),
        ignore_changes: Sequence[str] = (),
        timeout: str | None = None,
    ) -> pulumi.ResourceOptions:
        """Options of an object; `timeout` (such as `15m`) bounds how long its creation or update is awaited."""
        return pulumi.ResourceOptions(
            parent=self.parent,
            provider=self.cluster.provider,
            depends_on=list(depends_on),
            ignore_changes=list(ignore_changes),
            custom_timeouts=pulumi.CustomTimeouts(create=timeout, update=timeout) if timeout else None,
        )

    def metadata(
        self, name: str | None = None, component: str | None = None, annotations: Mapping[str, str] | None = None
    ) -> meta.v1.ObjectMetaArgs:
        """Metadata of an object.

        Without a name Pulumi makes one up that changes with the content, so that pods which refer to it roll.
        """
        return meta.v1.ObjectMetaArgs(
            name=name, namespace=self.namespace, labels=labels(component), annotations=annotations
        )

    def config(
        self, resource_name: str, config: Mapping[str, pulumi.Input[str]], secrets: Mapping[str, pulumi.Input[str]]
    ) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
        """Make the ConfigMap and the Secret of some pods; returns their names."""
        config_map = core.v1.ConfigMap(
            resource_name, metadata=self.metadata(), data=config, immutable=True, opts=self.options()
        )
        secret = core.v1.Secret(
            resource_name,
            metadata=self.metadata(),
            string_data=secrets,
            immutable=True,
            opts=pulumi.ResourceOptions(parent=self.parent, provider=self.cluster.private_provider),
        )
        return name_of(config_map.metadata), name_of(secret.metadata)

    def service_account(self, resource_name: str, name: str) -> pulumi.Output[str]:
        """Make an account whose pods get no token for the Kubernetes API; returns its name."""
        account = core.v1.ServiceAccount(
            resource_name, metadata=self.metadata(name), automount_service_account_token=False, opts=self.options()
        )
        return name_of(account.metadata)


def name_of(metadata: pulumi.Output[meta.v1.outputs.ObjectMeta]) -> pulumi.Output[str]:
    """Name of an object, known once the object is there."""
    return metadata.apply(lambda known: str(known.name))
