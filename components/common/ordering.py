"""Values that are known from the start, but may be used only when something exists."""

import pulumi


def known_after(value: str, *resources: pulumi.Resource) -> pulumi.Output[str]:
    """`value` as an output that depends on `resources`, and is known in every preview.

    A resource's URN is known before it exists; its id is not, nor while it is about to be replaced. A name taken from
    an id would be unknown then, and whatever is replaced by another name would be shown as replaced for nothing.
    """
    return pulumi.Output.all(*(resource.urn for resource in resources)).apply(lambda _: value)
