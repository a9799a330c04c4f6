"""Faults that a recorder cannot see, because it asks no provider, runs once and keeps no state; the engine sees each.

Each is one edit of the program. The claim that fails is one of `engine.proofs.life_cycle`.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from analysis.stackfiles import ROOT

PROGRAM: Final = (
    *(path.name for path in ROOT.glob("*.py")),
    *("VERSION", "Pulumi.yaml", "components", "cross_checks", "policies"),
)
"""What a stack's program consists of, besides its stack files."""

PREVIEW = "the first preview passes"
UPDATE = "the first update passes"
SAME = "the update does what the preview showed"
AGAIN = "a second update changes nothing"
ORDER = "the order of a list changes nothing"
NEEDS = "everything is created after what it names"
SECRETS = "no secret is in clear in state, output or event log"
NOTHING_LEFT = "a destroy leaves nothing but what is retained"

_NOW = "__import__('time').time_ns()"


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """One fault."""

    name: str
    file: str
    old: str
    """Stands once in the file."""
    new: str
    claim: str
    """The first claim that fails."""
    race: str = ""
    """The claim that fails before it, when the engine happens to create things in the wrong order."""
    unseen: str
    """Why a recording shows nothing wrong."""

    def apply(self, checkout: Path) -> None:
        """Change the file below `checkout`."""
        path = checkout / self.file
        path.write_text(path.read_text("utf-8").replace(self.old, self.new), "utf-8")


def copy_program(target: Path) -> None:
    """Copy what a stack's program consists of, and its stack files, into a new folder."""
    target.mkdir()
    for name in (*PROGRAM, *(path.name for path in ROOT.glob("Pulumi.*.yaml"))):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, target / name)


MUTATIONS: Final = (
    Mutation(
        name="a resource created inside of apply, from an unknown id",
        file="components/database/__init__.py",
        old='final_snapshot_suffix=random.RandomId(f"{resource_name}-final-snapshot", byte_length=4, opts=child).hex,',
        new="final_snapshot_suffix=security_group.id.apply("
        'lambda _: random.RandomId(f"{resource_name}-final-snapshot", byte_length=4, opts=child).hex),',
        claim=SAME,
        unseen="its monitor knows every id at once, so the function runs and the resource is recorded",
    ),
    Mutation(
        name="a rule that no preview shows",
        file="components/database/__init__.py",
        old="in args.tier.allowed_security_group_ids.items():",
        new="in ({} if pulumi.runtime.is_dry_run() else args.tier.allowed_security_group_ids).items():",
        claim=SAME,
        unseen="it compares no preview with the update after it",
    ),
    Mutation(
        name="a rule that only a preview shows",
        file="components/load_balancer/__init__.py",
        old="        if args.settings.sign_in:\n            aws.vpc.SecurityGroupEgressRule(",
        new="        if pulumi.runtime.is_dry_run():\n            aws.vpc.SecurityGroupEgressRule(",
        claim=SAME,
        unseen="it compares no preview with the update after it",
    ),
    Mutation(
        name="three log groups of one physical name",
        file="components/database/instance.py",
        old='name=f"/aws/rds/instance/{identifier}/{export}",',
        new='name=f"/aws/rds/instance/{identifier}",',
        claim=UPDATE,
        unseen="their logical names differ, and no account says that the name is taken",
    ),
    Mutation(
        name="two pod identities of one service account",
        file="components/app/__init__.py",
        old='self._identity(resource_name, "flowise", statements)',
        new='self._identity(resource_name, "flowise-migration", statements)',
        claim=UPDATE,
        unseen="their logical names differ, and EKS does not say that the service account has one already",
    ),
    Mutation(
        name="a wrong selector",
        file="components/app/workload.py",
        old="selector=meta.v1.LabelSelectorArgs(match_labels=labels(component)),\n            strategy",
        new='selector=meta.v1.LabelSelectorArgs(match_labels={"app": component}),\n            strategy',
        claim=UPDATE,
        unseen="no API server compares the selector with the labels of the pods",
    ),
    Mutation(
        name="an object through no provider of the cluster",
        file="components/app/__init__.py",
        old="readiness_gate(args.cluster)}},\n"
        "            opts=pulumi.ResourceOptions(parent=self, provider=args.cluster.provider),",
        new="readiness_gate(args.cluster)}},\n            opts=pulumi.ResourceOptions(parent=self),",
        claim=UPDATE,
        unseen="it answers for every provider, whether that is configured or not",
    ),
    Mutation(
        name="an input of the wrong type",
        file="components/network/__init__.py",
        old="max_aggregation_interval=600,",
        new='max_aggregation_interval="ten minutes",  # pyright: ignore',
        claim=PREVIEW,
        unseen="it records whatever the SDK passes on; the provider's schema is asked by Check alone",
    ),
    Mutation(
        name="the time among the inputs",
        file="components/cluster.py",
        old='data={"enable-network-policy-controller": "true"},',
        new=f'data={{"enable-network-policy-controller": "true", "checked": str({_NOW})}},',
        claim=AGAIN,
        unseen="it runs once, and compares no inputs with those of the run before",
    ),
    Mutation(
        name="a database that every update replaces",
        file="components/database/instance.py",
        old="identifier=identifier,",
        new=f'identifier=f"{{identifier}}-{{{_NOW} % 10000}}",',
        claim=AGAIN,
        unseen="it runs once, and knows no replacement",
    ),
    Mutation(
        name="a password that every update changes",
        file="components/database/__init__.py",
        old='keepers = {"generation": str(turn)} if turn > 1 else None',
        new=f'keepers = {{"generation": str({_NOW} + turn)}}',
        claim=AGAIN,
        unseen="it runs once, and keeps no random value from one run to the next",
    ),
    Mutation(
        name="subscriptions named after their position",
        file="components/observability/topics.py",
        old='    for recipient in recipients:\n        aws.sns.TopicSubscription(\n            f"{name}-{recipient}",',
        new="    for number, recipient in enumerate(recipients):\n        aws.sns.TopicSubscription(\n"
        '            f"{name}-{number}",',
        claim=ORDER,
        unseen="each recording by itself is right; only the step from one list to another is not",
    ),
    Mutation(
        name="access entries named after their position",
        file="components/cluster_entries.py",
        old='            f"{self._name}-{kind}-{role_key(role_arn)}",',
        new='            f"{self._name}-{kind}-{number}",',
        claim=ORDER,
        unseen="each recording by itself is right; only the step from one list to another is not",
    ),
    Mutation(
        name="a namespace by text instead of by its output",
        file="components/app/__init__.py",
        old="self.namespace = name_of(namespace.metadata)",
        new="self.namespace = pulumi.Output.from_input(args.stack.namespace)",
        claim=NEEDS,
        race=UPDATE,
        unseen="its inputs are the same, and nothing is created too early",
    ),
    Mutation(
        name="a cluster that does not wait for the group of its logs",
        file="components/cluster.py",
        old="depends_on=[logs],",
        new="depends_on=[],",
        claim=NEEDS,
        unseen="no service creates a log group of its own",
    ),
    Mutation(
        name="what is in a cluster does not wait for it",
        file="components/cluster.py",
        old="known_name = known_after(name, cluster)",
        new="known_name = pulumi.Output.from_input(name)",
        claim=NEEDS,
        unseen="its inputs are the same, and nothing is created too early",
    ),
    Mutation(
        name="a password in base64 in a message",
        file="components/database/__init__.py",
        old="self.identifier = instance.identifier\n",
        new="self.identifier = instance.identifier\n        self.connection.password.apply(\n"
        "            lambda value: pulumi.log.info(__import__('base64').b64encode(value.encode()).decode())\n"
        "        )\n",
        claim=SECRETS,
        unseen="its inputs are the same, and it keeps no messages",
    ),
    Mutation(
        name="a secret among the outputs of a component",
        file="components/keys.py",
        old='self.register_outputs({"secret_arn": self.secret_arn})',
        new='self.register_outputs({"secret_arn": self.secret_arn, "owner": pulumi.Output.unsecret(owner_password)})',
        claim=SECRETS,
        unseen="it does not keep the outputs of components",
    ),
    Mutation(
        name="a database that stays when its stack is destroyed",
        file="components/database/instance.py",
        old="retain_on_delete=stack.protected,",
        new="retain_on_delete=True,",
        claim=NOTHING_LEFT,
        unseen="it destroys nothing",
    ),
    Mutation(
        name="deletion protection on a stack that is not protected",
        file="components/load_balancer/__init__.py",
        old="enable_deletion_protection=args.stack.protected,",
        new="enable_deletion_protection=True,",
        claim=NOTHING_LEFT,
        unseen="it destroys nothing, and AWS does not refuse",
    ),
)
