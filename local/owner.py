"""The owner account's credentials, for the person who started the environment."""

from pathlib import Path

from local.cluster.environment import PodIdentity, render_environment
from local.cluster.store import Store, items_of
from local.errors import LocalError
from local.layout import write_private

_EMAIL = "FLOWISE_OWNER_EMAIL"
_PASSWORD = "FLOWISE_OWNER_PASSWORD"  # noqa: S105  # the variable's name


def write_owner(store: Store, url: str, path: Path) -> bool:
    """Write URL, e-mail and first password as the owner Job got them; return whether there is such a Job."""
    for job in store.of_kind("Job"):
        pod = PodIdentity(
            name=job.name, namespace=job.namespace, uid="", ip="", service_account="", labels={}, annotations={}
        )
        for container in items_of(job.spec["template"]["spec"], "containers"):
            try:
                values = render_environment(container, pod, store)
            except LocalError:
                continue
            if _EMAIL in values and _PASSWORD in values:
                note = "The first password; if you changed it in Flowise, yours counts."
                write_private(
                    path, f"url       {url}\nemail     {values[_EMAIL]}\npassword  {values[_PASSWORD]}\n\n{note}\n"
                )
                return True
    return False
