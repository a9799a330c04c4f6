"""Zones that EKS or CloudFront does not serve are refused by their ids, before anything is registered."""

import pytest

from analysis import program
from analysis.recorder import Created, Request, record
from analysis.stackfiles import override, read_stack
from analysis.synthetic import SyntheticProvider
from analysis.wire import Properties
from components.network.zones import ClosedZoneError, refusals

ZONES = "aws:index/getAvailabilityZones:getAvailabilityZones"
EAST = {"a": "use1-az6", "b": "use1-az3", "c": "use1-az1", "d": "use1-az2"}


class Account(SyntheticProvider):
    """An account with these zones, which notes whatever it is asked to make."""

    def __init__(self, zones: dict[str, str]) -> None:
        super().__init__()
        self._zones = zones
        self.made: list[str] = []

    def create(self, request: Request) -> Created:
        """Note that something is made."""
        self.made.append(request.type)
        return super().create(request)

    def call(self, token: str, args: Properties) -> Properties:
        """Answer the look-up of zones."""
        if token != ZONES:
            return super().call(token, args)
        names = [f"us-east-1{letter}" for letter in self._zones]
        return {"id": "us-east-1", "names": names, "zoneIds": list(self._zones.values())}


def deploy(account: Account, *changes: str) -> None:
    """Run the program of prod, which names a, b and c, in an account."""
    config = override(read_stack("prod"), changes)
    record(
        program.run_main,
        account,
        config=config.values,
        secret_keys=config.secret_keys,
        stack_name="prod",
        preview=False,
        expansions={},
    )


def test_a_zone_that_eks_does_not_serve_is_refused_before_anything_is_made() -> None:
    account = Account(EAST)
    with pytest.raises(ClosedZoneError) as refused:
        deploy(account)
    assert str(refused.value).splitlines() == [
        "1 of the zones cannot hold the stack; nothing has been made:",
        (
            "  - flowise:network.zones: us-east-1b is use1-az3 in this account, which EKS does not serve; "
            "put one of us-east-1d in its place"
        ),
    ]
    assert set(account.made) <= {"pulumi:providers:aws"}


def test_every_wrong_zone_is_told_at_once() -> None:
    with pytest.raises(ClosedZoneError, match=r"2 of the zones.*\n.*us-east-1a.*\n.*us-east-1c is not in this account"):
        deploy(Account({"a": "use1-az3", "b": "use1-az1", "d": "use1-az2"}))


@pytest.mark.parametrize(
    ("zone_id", "behind_cloudfront", "says"),
    [
        ("use1-az3", False, "EKS"),
        ("usw1-az2", False, "EKS"),
        ("cac1-az3", True, "EKS"),
        ("apne1-az3", True, "CloudFront's VPC origins"),
        ("apne1-az3", False, ""),
        ("use1-az1", True, ""),
    ],
)
def test_what_each_service_leaves_out(zone_id: str, behind_cloudfront: bool, says: str) -> None:
    """AWS's pages: EKS user guide, network requirements; CloudFront developer guide, regions of VPC origins."""
    told = list(refusals(["x-1a"], {"x-1a": zone_id, "x-1b": "x1-az9"}, behind_cloudfront=behind_cloudfront))
    expected = [(f"x-1a is {zone_id} in this account, which {says} does not serve", "put one of x-1b in its place")]
    assert told == (expected if says else [])


def test_without_another_zone_it_says_so() -> None:
    ((_, instead),) = refusals(["x-1a"], {"x-1a": "use1-az3"}, behind_cloudfront=True)
    assert instead == "choose another region: no zone is left"
