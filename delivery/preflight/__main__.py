"""Command line of `make preflight`."""

from typing import Annotated, Any, cast

import boto3
import typer

from analysis.cost.nodes import nodes_of
from analysis.plan import record_stack
from analysis.stackfiles import StackFileError, read_stack
from delivery.aws import asking_aws
from delivery.preflight import account, domain, firewall, stack
from delivery.preflight.model import Answer, Check, Subject, run
from settings import SettingsError, parse_settings

ACCOUNT: dict[str, Check] = {
    "account": account.identity,
    "quotas": account.quotas,
    "zones": account.zones,
    "regions": account.regions,
    "versions": account.versions,
    "cloudfront": account.cloudfront,
    "firewall": firewall.firewall,
}
STACK: dict[str, Check] = {"names": stack.names, "image": stack.image, "domain": domain.domain, "roles": stack.roles}
_VCPUS = {"medium": 2, "large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "8xlarge": 32}
_NAT_VCPUS = 2
"""Of the NAT instance, in each of its sizes (EC2 User Guide, T4g)."""


def show(answers: list[Answer]) -> str:
    """A line for each answer, and what to do under those that are not good."""
    marks = {True: "ok", False: "NO", None: "??"}
    lines: list[str] = []
    for answer in answers:
        lines.append(f"{marks[answer.good]}  {answer.about}: {answer.text}")
        if answer.good is not True and answer.todo:
            lines.append(f"      {answer.todo}")
    return "\n".join(lines)


def main(
    name: Annotated[str, typer.Argument(metavar="STACK", help="Name of the stack: Pulumi.<stack>.yaml")],
    *,
    account_only: Annotated[bool, typer.Option(help="Leave out what bootstrap and the image make")] = False,
) -> None:
    """Ask AWS for everything that would stop a deployment of STACK half way; nothing is made or changed."""
    try:
        config = read_stack(name)
        settings = parse_settings(config.values, config.secret_keys, name)
        groups = list(nodes_of(record_stack(config)))
    except (StackFileError, SettingsError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    vcpus = sum(group.count * _VCPUS[group.instance.partition(".")[2]] for group in groups if not group.spot)
    vcpus += _NAT_VCPUS if settings.network.nat == "instance" and settings.network.existing is None else 0

    def client(service: str, region: str) -> Any:
        return cast("Any", boto3).client(service, region_name=region)

    subject = Subject(stack=name, settings=settings, vcpus=vcpus, client=client)
    with asking_aws():
        answers = run(ACCOUNT if account_only else {**ACCOUNT, **STACK}, subject)
    typer.echo(show(answers))
    if any(answer.good is False for answer in answers):
        typer.echo("nothing has been made; what is marked NO would stop the deployment", err=True)
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
