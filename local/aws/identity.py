"""IAM roles and their policies."""

from collections.abc import Mapping

from analysis.recorder import Created
from local.aws.resource_request import Handler, ResourceRequest, made


def _role(request: ResourceRequest) -> Created:
    name = request.physical_name()
    answer = request.client("iam").create_role(
        RoleName=name,
        **request.inputs.pascal(
            "path",
            "description",
            "assumeRolePolicy",
            "maxSessionDuration",
            "permissionsBoundary",
            words={"assumeRolePolicy": "AssumeRolePolicyDocument"},
        ),
        Tags=request.tag_list(),
    )
    return made(name, arn=answer["Role"]["Arn"], name=name, uniqueId=answer["Role"]["RoleId"])


def _inline_policy(request: ResourceRequest) -> Created:
    role, name = request.inputs["role"], request.physical_name()
    request.client("iam").put_role_policy(
        RoleName=role, PolicyName=name, **request.inputs.pascal("policy", words={"policy": "PolicyDocument"})
    )
    return made(f"{role}:{name}", name=name)


def _attachment(request: ResourceRequest) -> Created:
    role, policy_arn = request.inputs["role"], request.inputs["policyArn"]
    request.client("iam").attach_role_policy(RoleName=role, PolicyArn=policy_arn)
    return made(f"{role}/{policy_arn}")


def _policy(request: ResourceRequest) -> Created:
    answer = request.client("iam").create_policy(
        PolicyName=request.physical_name(),
        **request.inputs.pascal("path", "description", "policy", words={"policy": "PolicyDocument"}),
        Tags=request.tag_list(),
    )
    arn = answer["Policy"].get("Arn", "")
    return made(arn, arn=arn, name=answer["Policy"].get("PolicyName"))


def _issuer(request: ResourceRequest) -> Created:
    arn = request.client("iam").create_open_id_connect_provider(
        Url=request.inputs["url"], ClientIDList=request.inputs["clientIdLists"], Tags=request.tag_list()
    )["OpenIDConnectProviderArn"]
    return made(arn, arn=arn)


HANDLERS: Mapping[str, Handler] = {
    "aws:iam/role:Role": _role,
    "aws:iam/rolePolicy:RolePolicy": _inline_policy,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _attachment,
    "aws:iam/policy:Policy": _policy,
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": _issuer,
}
