"""An internal stack as AWS would show it."""

from analysis.stackfiles import read_stack
from tests.aws_variants.made import made


def test_the_listener_forwards_by_path_and_source_and_refuses_the_rest() -> None:
    with made(read_stack("internal"), "internal", "eu-west-1") as internal:
        elb = internal.client("elbv2")
        arn = internal.recording.only("aws:lb/listener:Listener").id
        (listener,) = elb.describe_listeners(ListenerArns=[arn])["Listeners"]
        (default,) = listener["DefaultActions"]
        assert (default["Type"], default["FixedResponseConfig"]["StatusCode"]) == ("fixed-response", "403")
        assert listener["Certificates"]
        attributes = {
            each["Key"]: each["Value"] for each in elb.describe_listener_attributes(ListenerArn=arn)["Attributes"]
        }
        assert attributes["routing.http.response.server.enabled"] == "false"
        rules = [rule for rule in elb.describe_rules(ListenerArn=arn)["Rules"] if not rule["IsDefault"]]
        last = max(rules, key=lambda rule: int(rule["Priority"]))
        assert last["Conditions"][0]["SourceIpConfig"]["Values"] == ["10.8.4.0/24"]
        ec2 = internal.client("ec2")
        group = internal.recording.only("aws:ec2/securityGroup:SecurityGroup", "load-balancer").id
        found = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])[
            "SecurityGroupRules"
        ]
        let_in = {(rule["CidrIpv4"], rule["FromPort"]) for rule in found if not rule["IsEgress"]}
        assert let_in == {("10.64.0.0/16", 443), ("10.8.0.0/16", 443), ("10.9.0.0/16", 443)}
