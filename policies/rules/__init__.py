"""The rules, a file a theme. A rule's id is the name of its function."""

from policies.model import REGISTERED, Rule
from policies.rules import (
    backup,
    cache,
    cluster,
    cost,
    database,
    delivery,
    edge,
    hygiene,
    iam,
    keys,
    load_balancer,
    logs,
    network,
    pods,
    storage,
    workloads,
)

THEMES = (
    database, cache, storage, backup, keys, logs, network, iam, edge, load_balancer, cluster, pods, workloads,
    delivery, cost, hygiene,
)  # fmt: skip

RULES: tuple[Rule, ...] = tuple(
    sorted(REGISTERED, key=lambda r: [theme.__name__.rpartition(".")[2] for theme in THEMES].index(r.theme))
)
"""Every rule, by theme."""

BY_ID = {rule.id: rule for rule in RULES}
