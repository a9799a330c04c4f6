"""One rule for every key that takes a network: what AWS or Kubernetes would refuse later is refused first."""

import json
from collections.abc import Mapping
from typing import Any, cast

import pytest

from settings import EXAMPLE_DIGEST, SettingsError, StackSettings, parse_settings
from tests.conftest import edited, recorded_with
from tests.test_settings import broken, set_key

KEYS: Mapping[str, tuple[Any, str]] = {
    "network.cidr": ("{}", "flowise:network.cidr"),
    "network.connected_cidrs": (["{}"], "flowise:network.connected_cidrs.0"),
    "cluster.service_cidr": ("{}", "flowise:cluster.service_cidr"),
    "cluster.public_access_cidrs": (["{}"], "flowise:cluster.public_access_cidrs.0"),
    "cluster.api_client_cidrs": (["{}"], "flowise:cluster.api_client_cidrs.0"),
    "edge.admin_cidrs": (["{}"], "flowise:edge.admin_cidrs.0"),
    "internal": ({"client_cidrs": ["{}"]}, "flowise:internal.client_cidrs.0"),
    "app.smtp": (
        {"host": "mail.example.com", "user": "u", "sender": "a@example.com", "private_cidr": "{}"},
        "flowise:app.smtp.private_cidr",
    ),
    "app.proxy": ({"url": "http://proxy.example.com:3128", "cidrs": ["{}"]}, "flowise:app.proxy.cidrs.0"),
    "app.egress": ([{"cidr": "{}", "ports": [6333]}], "flowise:app.egress.0.cidr"),
}
"""Every key that takes a network: how a value stands in it, and how a mistake in it is named."""
MISSPELT = {
    "203.0.113.7": "did you mean 203.0.113.7/32?",
    "10.8.0.5": "did you mean 10.8.0.5/32?",
    "10.8.0.5/16": "did you mean 10.8.0.0/16? For that one address write 10.8.0.5/32",
    "10.8.0.0/255.255.0.0": "did you mean 10.8.0.0/16?",
    "10.8.0.0/016": "did you mean 10.8.0.0/16?",
    " 10.8.0.0/16": "did you mean 10.8.0.0/16?",
    "10.8.0.0/33": "must be an IPv4 network with its prefix",
    "2001:db8::/32": "IPv6 is not supported here",
    "office": "such as 10.20.0.0/16",
}
VPN = "10.8.0.0/16"


def placed(shape: Any, network: str) -> Any:
    return json.loads(json.dumps(shape).replace("{}", network))


def lines(message: str, key: str) -> list[str]:
    return [line for line in message.splitlines() if line.startswith(f"  - {key}: ")]


def parsed(stack: str, edits: Mapping[str, Any], *, deploying: bool = False) -> StackSettings:
    config = edited(stack, edits)
    values = {key: value.replace(EXAMPLE_DIGEST, f"sha256:{'ab' * 32}") for key, value in config.values.items()}
    return parse_settings(values, config.secret_keys, stack, deploying=deploying)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("text", MISSPELT)
def test_a_misspelt_network_is_answered_with_the_right_spelling(key: str, text: str) -> None:
    shape, named = KEYS[key]
    (line,) = lines(broken(set_key(key, placed(shape, text))), named)
    assert MISSPELT[text] in line


def test_the_table_names_every_key_that_takes_a_network() -> None:
    """A new key whose name or examples speak of networks stands in the table above, or this fails."""
    schema = StackSettings.model_json_schema()
    nodes = [schema, *cast(dict[str, Any], schema["$defs"]).values()]
    named = {
        name for node in nodes for name in cast(dict[str, Any], node.get("properties", {})) if "cidr" in name.lower()
    }
    assert named == {place.removesuffix(".0").rpartition(".")[2] for _, place in KEYS.values()}


@pytest.mark.parametrize("key", ["edge.admin_cidrs", "cluster.public_access_cidrs"])
@pytest.mark.parametrize("network", [VPN, "192.168.1.0/24", "172.20.0.0/24", "100.64.3.0/24", "169.254.0.0/16"])
def test_a_private_network_is_refused_where_only_public_ones_are_seen(key: str, network: str) -> None:
    (line,) = lines(broken(set_key(key, [network])), f"flowise:{key}.0")
    assert f"{network} is private" in line
    assert "public address of your office, VPN gateway or NAT gateway" in line


@pytest.mark.parametrize("key", ["edge.admin_cidrs", "cluster.public_access_cidrs"])
def test_this_machine_is_admitted_locally_and_refused_on_aws(key: str) -> None:
    assert parsed("dev", {key: ["127.0.0.1/32"]})
    with pytest.raises(SettingsError, match=f"{key}: 127.0.0.1/32 is the machine itself"):
        parsed("dev", {key: ["127.0.0.1/32"]}, deploying=True)


def test_a_public_network_is_refused_where_only_private_ones_are_seen() -> None:
    office = "198.51.100.0/24"
    (line,) = lines(broken(set_key("cluster.api_client_cidrs", [office])), "flowise:cluster.api_client_cidrs")
    assert "name it in cluster.public_access_cidrs" in line
    own = parsed("prod", {"cluster.api_client_cidrs": [office], "network.connected_cidrs": [office]})
    assert own.cluster.api_client_cidrs == [office]


def test_everybody_is_no_network_of_an_office() -> None:
    """An empty list admits everybody too, so the answer must not propose it as the way to close the admin plane."""
    (line,) = lines(broken(set_key("edge.admin_cidrs", ["0.0.0.0/0"])), "flowise:edge.admin_cidrs.0")
    assert "Name the networks" in line
    assert "leave the list empty" not in line


EXISTING = {
    "vpc_id": "vpc-0123456789abcdef0",
    "private_subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    "data_subnet_ids": ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
}


@pytest.mark.parametrize("cidr", ["10.61.0.0/22", "10.61.0.0/26", "100.64.8.0/21", "198.51.100.0/24"])
def test_a_vpc_that_exists_has_the_size_that_it_has(cidr: str) -> None:
    """Room for the pods of four zones, and a private block, are asked of a VPC that the program makes."""
    assert parsed("prod", {"network.existing": EXISTING, "network.cidr": cidr}).network.cidr == cidr
    (line,) = lines(broken(set_key("network.cidr", cidr)), "flowise:network.cidr")
    assert "network.existing" in line or "must be private" in line


@pytest.mark.parametrize(("cidr", "says"), [("10.61.0.0/29", "between /16 and /28"), ("127.1.0.0/16", "describe-vpcs")])
def test_what_no_vpc_has_is_refused_with_an_existing_one_too(cidr: str, says: str) -> None:
    def edit(document: dict[str, Any]) -> None:
        document["flowise:network"] |= {"existing": EXISTING, "cidr": cidr}

    (line,) = lines(broken(edit), "flowise:network.cidr")
    assert says in line


def test_a_subnet_for_pods_and_for_data_is_refused() -> None:
    """The network policies tell pods from data by the addresses of the subnets."""
    shared = EXISTING | {"data_subnet_ids": ["subnet-0123456789abcdef1", "subnet-0123456789abcdef3"]}
    (line,) = lines(broken(set_key("network.existing", shared)), "flowise:network.existing")
    assert "subnet-0123456789abcdef1 stands in private_subnet_ids and in data_subnet_ids" in line
    assert "subnet-0123456789abcdef3" not in line


def test_a_small_existing_vpc_is_deployed() -> None:
    edits = {"network.existing": EXISTING, "network.cidr": "10.61.0.0/22"}
    named = [made.type for made in recorded_with("prod", edits).records]
    assert "awsx:ec2:Vpc" not in named
    assert "aws:cloudfront/distribution:Distribution" in named
