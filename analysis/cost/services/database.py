"""The database, on RDS for PostgreSQL."""

from typing import Final

from analysis.cost.service import Amount, Amounts, Price, Resource, Service

_INFRATALLY: Final = "infratally.com/articles/aws-rds-pricing-explained-2026.html"
_OF_MYSQL: Final = f"db_instance_test, of MySQL; {_INFRATALLY} has the same of PostgreSQL"
_HALF_OF_LARGE: Final = f"half of large; {_INFRATALLY} doubles the rounded 0.065"
_NABLE: Final = "table of the project nable, checked against AWS's offer files of 2026-09-24"


def _database(resource: Resource) -> Amounts:
    inputs = resource.inputs
    zones = "multi" if inputs.get("multiAz") else "single"
    shown = "two zones" if zones == "multi" else "one zone"
    yield Amount(what=f"{inputs['instanceClass']}, {shown}", price=f"rds.{inputs['instanceClass']}.{zones}", quantity=1)
    yield Amount(what=f"storage, {shown}", price=f"rds.storage.{zones}", quantity=inputs["allocatedStorage"])
    if inputs.get("manageMasterUserPassword"):
        yield Amount(what="administrator's secret", price="secrets.secret", quantity=1)


SERVICE: Final = Service(
    prices={
        "rds.db.t4g.micro.single": Price(0.016, "hour", "article", at=_INFRATALLY),
        "rds.db.t4g.micro.multi": Price(0.032, "hour", "article", at=_INFRATALLY),
        "rds.db.t4g.small.single": Price(0.032, "hour", "infracost", at=_OF_MYSQL),
        "rds.db.t4g.small.multi": Price(0.064, "hour", "article", at=_INFRATALLY),
        "rds.db.t4g.medium.single": Price(0.065, "hour", "article", at=_INFRATALLY),
        "rds.db.t4g.medium.multi": Price(0.129, "hour", "derived", at=_HALF_OF_LARGE),
        "rds.db.t4g.large.single": Price(0.129, "hour", "article", at=_NABLE),
        "rds.db.t4g.large.multi": Price(0.258, "hour", "derived", at="twice the single one"),
        "rds.db.m7g.large.single": Price(0.168, "hour", "known"),
        "rds.db.m7g.large.multi": Price(0.337, "hour", "derived", at="twice the single one, rounded as AWS does"),
        "rds.db.r7g.large.single": Price(0.239, "hour", "article", at=_NABLE),
        "rds.db.r7g.large.multi": Price(0.478, "hour", "derived", at="twice the single one"),
        "rds.storage.single": Price(0.115, "GB", "infracost", at="db_instance_test"),
        "rds.storage.multi": Price(0.23, "GB", "infracost", at="db_instance_test"),
    },
    rules={"aws:rds/instance:Instance": _database},
)
