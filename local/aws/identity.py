"""IAM roles and their policies."""

from collections.abc import Mapping

from analysis.recorder import Created
from local.aws.making import Maker, Making, made

_LONGEST_ROLE = 64
_LONGEST_POLICY = 128


def _role(making: Making) -> Created:
    name = making.physical_name(limit=_LONGEST_ROLE)
    answer = making.client("iam").create_role(
        RoleName=name,
        **making.inputs.pascal(
            "path",
            "description",
            "assumeRolePolicy",
            "maxSessionDuration",
            "permissionsBoundary",
            words={"assumeRolePolicy": "AssumeRolePolicyDocument"},
        ),
        Tags=making.tag_list(),
    )
    return made(name, arn=answer["Role"]["Arn"], name=name, uniqueId=answer["Role"]["RoleId"])


def _inline_policy(making: Making) -> Created:
    role, name = making.inputs["role"], making.physical_name(limit=_LONGEST_POLICY)
    making.client("iam").put_role_policy(
        RoleName=role, PolicyName=name, **making.inputs.pascal("policy", words={"policy": "PolicyDocument"})
    )
    return made(f"{role}:{name}", name=name)


def _attachment(making: Making) -> Created:
    role, policy_arn = making.inputs["role"], making.inputs["policyArn"]
    making.client("iam").attach_role_policy(RoleName=role, PolicyArn=policy_arn)
    return made(f"{role}/{policy_arn}")


def _policy(making: Making) -> Created:
    answer = making.client("iam").create_policy(
        PolicyName=making.physical_name(limit=_LONGEST_POLICY),
        **making.inputs.pascal("path", "description", "policy", words={"policy": "PolicyDocument"}),
        Tags=making.tag_list(),
    )
    arn = answer["Policy"].get("Arn", "")
    return made(arn, arn=arn, name=answer["Policy"].get("PolicyName"))


def _issuer(making: Making) -> Created:
    arn = making.client("iam").create_open_id_connect_provider(
        Url=making.inputs["url"], ClientIDList=making.inputs["clientIdLists"], Tags=making.tag_list()
    )["OpenIDConnectProviderArn"]
    return made(arn, arn=arn)


MAKERS: Mapping[str, Maker] = {
    "aws:iam/role:Role": _role,
    "aws:iam/rolePolicy:RolePolicy": _inline_policy,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _attachment,
    "aws:iam/policy:Policy": _policy,
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": _issuer,
}
