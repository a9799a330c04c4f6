"""What the account must be able to hold: who asks, quotas, zones, versions, CloudFront."""

from collections.abc import Iterator
from typing import Any

from components.network.zones import refusals
from delivery.preflight.model import Answer, Subject, code

QUOTAS = {
    "vcpu": ("ec2", "L-1216C47A", "vCPU of running on-demand instances"),
    "vpc": ("vpc", "L-F678F1CE", "VPCs"),
    "address": ("ec2", "L-0263D0A3", "Elastic IP addresses"),
}
"""Service Quotas' codes (Service Quotas API, ListServiceQuotas; EC2 User Guide, On-Demand Instance quotas)."""


def identity(subject: Subject) -> Iterator[Answer]:
    """Who asks, and whether the stack file names this account."""
    me = subject.ask("sts").get_caller_identity()
    account = str(me["Account"])
    cfg = subject.settings
    named = {
        "app.image": cfg.app.image.partition(".")[0] if ".dkr.ecr." in cfg.app.image else account,
        "permissions_boundary_arn": (cfg.permissions_boundary_arn or f"::::{account}").split(":")[4],
    }
    for number, arn in enumerate(cfg.cluster.admin_role_arns):
        named[f"cluster.admin_role_arns.{number}"] = arn.split(":")[4]
    wrong = [f"flowise:{key} names {number}" for key, number in named.items() if number != account]
    yield Answer(
        about="account",
        good=not wrong,
        text=f"{account} as {me['Arn']}" + (f"; {', '.join(wrong)}" if wrong else ""),
        todo="log in to the stack's account, or correct the stack file",
    )


def quotas(subject: Subject) -> Iterator[Answer]:
    """Room for the stack; one that is there has what it needs already."""
    ec2 = subject.ask("ec2")
    cfg = subject.settings
    if subject.is_deployed():
        yield Answer(about="quotas", good=True, text=f"{subject.cluster} is there; only its vCPU are looked at")
        yield _quota(subject, "vcpu", used=0, wanted=subject.vcpus)
        return
    running = sum(
        instance["CpuOptions"]["CoreCount"] * instance["CpuOptions"]["ThreadsPerCore"]
        for page in ec2.get_paginator("describe_instances").paginate(
            Filters=[{"Name": "instance-state-name", "Values": ["pending", "running"]}]
        )
        for reservation in page["Reservations"]
        for instance in reservation["Instances"]
        if instance.get("InstanceLifecycle") != "spot" and "CpuOptions" in instance
    )
    yield _quota(subject, "vcpu", used=running, wanted=subject.vcpus)
    if cfg.network.existing is None:
        yield _quota(subject, "vpc", used=len(ec2.describe_vpcs()["Vpcs"]), wanted=1)
        gateways = len(cfg.network.zones) if cfg.network.nat == "per-zone" else 1
        yield _quota(subject, "address", used=len(ec2.describe_addresses()["Addresses"]), wanted=gateways)


def _quota(subject: Subject, name: str, *, used: int, wanted: int) -> Answer:
    service, quota, what = QUOTAS[name]
    limit = int(subject.ask("service-quotas").get_service_quota(ServiceCode=service, QuotaCode=quota)["Quota"]["Value"])
    ask_for = max(used + 2 * wanted, limit + 1)
    return Answer(
        about="quotas",
        good=used + wanted <= limit,
        text=f"{what}: {used} used and {wanted} needed of {limit}",
        todo=(
            f"`aws service-quotas request-service-quota-increase --service-code {service} --quota-code {quota} "
            f"--desired-value {ask_for} --region {subject.settings.region}`; AWS answers within minutes to days"
        ),
    )


def zones(subject: Subject) -> Iterator[Answer]:
    """Zones by their id: which letter has which id differs from account to account."""
    names = subject.settings.network.zones
    found = subject.ask("ec2").describe_availability_zones()["AvailabilityZones"]
    ids = {str(zone["ZoneName"]): str(zone["ZoneId"]) for zone in found}
    refused = list(refusals(names, ids, behind_cloudfront=bool(subject.settings.cloudfront)))
    for why, instead in refused:
        yield Answer(about="zones", good=False, text=why, todo=f"{instead} in flowise:network.zones")
    if not refused:
        yield Answer(about="zones", good=True, text=", ".join(f"{name} is {ids[name]}" for name in names))


def regions(subject: Subject) -> Iterator[Answer]:
    """Whether the region of the copies is on: some must be switched on first (EC2 API reference, DescribeRegions)."""
    recovery = subject.settings.recovery
    if recovery is None:
        return
    named = [{"Name": "region-name", "Values": [recovery.region]}]
    found = subject.ask("ec2").describe_regions(AllRegions=True, Filters=named)["Regions"]
    status = str(found[0].get("OptInStatus", "not known")) if found else "not known"
    yield Answer(
        about="regions",
        good=status in {"opt-in-not-required", "opted-in"},
        text=f"{recovery.region}, the region of recovery, is {status}",
        todo=(
            f"`aws account enable-region --region-name {recovery.region}`, which takes minutes to hours, or name "
            "another one in flowise:recovery.region"
        ),
    )


def versions(subject: Subject) -> Iterator[Answer]:
    """Versions and sizes that the region offers."""
    cfg = subject.settings
    if cfg.cluster.existing is None:  # that of another's cluster is checked by each preview
        wanted = cfg.cluster.kubernetes_version
        offered = subject.ask("eks").describe_cluster_versions()["clusterVersions"]
        standard = sorted(v["clusterVersion"] for v in offered if v.get("versionStatus") == "STANDARD_SUPPORT")
        yield Answer(
            about="versions",
            good=wanted in standard,
            text=f"Kubernetes {wanted}; EKS supports {', '.join(standard)} without extra charge",
            todo="choose one of them in flowise:cluster.kubernetes_version",
        )
    pages = (
        subject.ask("rds")
        .get_paginator("describe_orderable_db_instance_options")
        .paginate(Engine="postgres", DBInstanceClass=cfg.database.instance_class, Vpc=True)
    )
    options: list[dict[str, Any]] = [option for page in pages for option in page["OrderableDBInstanceOptions"]]
    major = cfg.database.postgres_version
    right = [o for o in options if o["EngineVersion"].partition(".")[0] == major and o.get("StorageType") == "gp3"]
    places = {zone["Name"] for option in right for zone in option.get("AvailabilityZones", [])}
    missing = [zone for zone in cfg.network.zones if zone not in places]
    yield Answer(
        about="versions",
        good=bool(right) and len(missing) < len(cfg.network.zones) - int(cfg.database.multi_az),
        text=f"PostgreSQL {major} on {cfg.database.instance_class}"
        + (f" is not offered in {', '.join(missing)}" if missing else " is offered in every zone"),
        todo="choose another flowise:database.instance_class, postgres_version or zones",
    )


def cloudfront(subject: Subject) -> Iterator[Answer]:
    """Whether the account may make distributions. No call of the API says so; having one does."""
    if subject.settings.cloudfront is None:
        return
    client = subject.ask("cloudfront", "us-east-1")
    try:
        listed = client.list_distributions(MaxItems="1")["DistributionList"]
    except client.exceptions.ClientError as error:
        if code(error) != "AccessDenied":
            raise
        yield Answer(about="cloudfront", good=None, text="this role may not list distributions")
        return
    if listed.get("Quantity"):
        yield Answer(about="cloudfront", good=True, text="the account has distributions, so it may make them")
        return
    yield Answer(
        about="cloudfront",
        good=None,
        text="the account has no distribution, and a new account may have to be verified before it can make one",
        todo=(
            "ask AWS before the rest is paid for: https://console.aws.amazon.com/support/home#/case/create, Account "
            "and billing, 'Please verify this account for CloudFront'. The refusal would say: Your account must be "
            "verified before you can add new CloudFront resources"
        ),
    )
