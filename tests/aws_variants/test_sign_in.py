"""Sign-in at the load balancer as AWS would show it."""

from typing import Any, cast

from moto import mock_aws

from analysis.program import run_main
from analysis.recorder import record
from analysis.remote import EXPANSIONS
from local.aws import MotoCloud
from tests.aws.environment import REGION
from tests.components.test_sign_in import SECRET, SIGN_IN, rules
from tests.conftest import edited


@mock_aws(config={"iam": {"load_aws_managed_policies": True}})
def test_the_listener_asks_for_a_session_and_its_rules_let_the_public_plane_through() -> None:
    cloud = MotoCloud(REGION)
    config = edited("prod", {"load_balancer.sign_in": SIGN_IN}, {"oidc_client_secret": SECRET})
    recording = record(
        run_main,
        cloud,
        config=config.values,
        secret_keys=config.secret_keys,
        stack_name="sign-in",
        expansions=EXPANSIONS,
    )
    elb = cast("Any", cloud.client("elbv2"))
    arn = recording.only("aws:lb/listener:Listener").id
    (listener,) = elb.describe_listeners(ListenerArns=[arn])["Listeners"]
    authenticate, forward = sorted(listener["DefaultActions"], key=lambda action: action["Order"])
    assert (authenticate["Type"], forward["Type"]) == ("authenticate-oidc", "forward")
    assert (
        authenticate["AuthenticateOidcConfig"].items()
        >= {
            "Issuer": "https://login.example.com",
            "ClientId": "flowise",
            "Scope": "openid email",
            "SessionTimeout": 43_200,
            "OnUnauthenticatedRequest": "authenticate",
        }.items()
    )
    made = [rule for rule in elb.describe_rules(ListenerArn=arn)["Rules"] if not rule["IsDefault"]]
    made.sort(key=lambda rule: int(rule["Priority"]))
    wanted = [rule["conditions"][0]["pathPattern"]["values"] for rule in rules()]
    assert [rule["Conditions"][0]["PathPatternConfig"]["Values"] for rule in made] == wanted
    assert [[action["Type"] for action in rule["Actions"]] for rule in made[:-1]] == [["forward"]] * (len(made) - 1)
    denied, _ = sorted(made[-1]["Actions"], key=lambda action: action["Order"])
    assert denied["AuthenticateOidcConfig"]["OnUnauthenticatedRequest"] == "deny"
