"""AWS IAM."""

from typing import Final

from components.common.catalogue.entry import (
    Actions,
    Automatic,
    AwsEntry,
    Call,
    Given,
    InUse,
    Moto,
    NameRule,
    Reference,
    Replacement,
    Service,
    TagRule,
    Unique,
)

IAM: Final = Service(name="iam", reference="IAM/latest/APIReference", tags=TagRule(source="iam TagRole Tags.Key"))

ENTRIES = (
    AwsEntry(
        type="aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        unnamed="the address of the issuer",
        tags=IAM,
        replacement=Replacement(
            properties="url", source="iam/openid_connect_provider.go", cloudformation="AWS::IAM::OIDCProvider"
        ),
        price="free",
        actions=Actions(
            read="iam:GetOpenIDConnectProvider",
            create="iam:CreateOpenIDConnectProvider iam:TagOpenIDConnectProvider",
            update=(
                "iam:AddClientIDToOpenIDConnectProvider iam:RemoveClientIDFromOpenIDConnectProvider "
                "iam:UpdateOpenIDConnectProviderThumbprint iam:TagOpenIDConnectProvider "
                "iam:UntagOpenIDConnectProvider"
            ),
            delete="iam:DeleteOpenIDConnectProvider",
        ),
        moto=Moto(
            delete=Call(
                service="iam", operation="delete_open_id_connect_provider", arguments={"OpenIDConnectProviderArn": "id"}
            )
        ),
    ),
    AwsEntry(
        type="aws:iam/policy:Policy",
        names=(NameRule(longest=128, pattern=r"[\w+=,.@-]+", source="iam CreatePolicy PolicyName"),),
        tags=IAM,
        replacement=Replacement(
            properties="description name namePrefix path",
            source="iam/policy.go",
            cloudformation="AWS::IAM::ManagedPolicy",
            in_place={"ManagedPolicyName": "name here"},
        ),
        price="free",
        actions=Actions(
            read="iam:GetPolicy iam:GetPolicyVersion",
            create="iam:CreatePolicy iam:TagPolicy",
            update=(
                "iam:CreatePolicyVersion iam:DeletePolicyVersion iam:ListPolicyVersions iam:TagPolicy iam:UntagPolicy"
            ),
            delete="iam:ListPolicyVersions iam:DeletePolicyVersion iam:DeletePolicy",
        ),
        moto=Moto(
            delete=Call(service="iam", operation="delete_policy", arguments={"PolicyArn": "id"}),
            read=Call(service="iam", operation="get_policy", arguments={"PolicyArn": "id"}),
        ),
        unique=Unique(code="EntityAlreadyExists", status=409, everywhere=True, source=IAM.api("CreatePolicy")),
        used_by=(
            InUse(
                user="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
                path="policyArn",
                code="DeleteConflict",
                status=409,
                source=IAM.api("DeletePolicy"),
            ),
        ),
    ),
    AwsEntry(
        type="aws:iam/role:Role",
        names=(NameRule(longest=64, pattern=r"[\w+=,.@-]+", source="iam CreateRole RoleName"),),
        autoname="limited",
        tags=IAM,
        given=Given(kind="iam-role", forbidden=r"[^\w+=,.@-]"),
        automatic=Automatic(pattern="flowise-${stack}-${name}-${hex(7)}", longest="telemetry-archive-write"),
        reference=Reference(key="role", name="name"),
        replacement=Replacement(
            properties="name namePrefix path",
            source="iam/role.go",
            cloudformation="AWS::IAM::Role",
            in_place={"RoleName": "name here"},
        ),
        price="free",
        actions=Actions(
            read="iam:GetRole iam:ListRolePolicies iam:GetRolePolicy iam:ListAttachedRolePolicies",
            create="iam:CreateRole iam:TagRole",
            update=(
                "iam:UpdateAssumeRolePolicy iam:UpdateRole iam:UpdateRoleDescription "
                "iam:PutRolePermissionsBoundary iam:TagRole iam:UntagRole"
            ),
            delete="iam:DeleteRole iam:ListInstanceProfilesForRole",
        ),
        moto=Moto(
            delete=Call(service="iam", operation="delete_role", arguments={"RoleName": "id"}),
            read=Call(service="iam", operation="get_role", arguments={"RoleName": "id"}),
        ),
        unique=Unique(code="EntityAlreadyExists", status=409, everywhere=True, source=IAM.api("CreateRole")),
        used_by=(
            InUse(
                user="aws:iam/rolePolicy:RolePolicy",
                path="role",
                code="DeleteConflict",
                status=409,
                source=IAM.api("DeleteRole"),
            ),
            InUse(
                user="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
                path="role",
                code="DeleteConflict",
                status=409,
                source=IAM.api("DeleteRole"),
            ),
        ),
    ),
    AwsEntry(
        type="aws:iam/rolePolicy:RolePolicy",
        names=(NameRule(longest=128, pattern=r"[\w+=,.@-]+", source="iam PutRolePolicy PolicyName"),),
        replacement=Replacement(
            properties="name namePrefix role",
            source="iam/role_policy.go",
            cloudformation="AWS::IAM::RolePolicy",
            in_place={
                "PolicyName": "name here",
                "RoleName": "role here",
            },
        ),
        price="free",
        actions=Actions(
            read="iam:GetRolePolicy",
            create="iam:PutRolePolicy",
            update="iam:PutRolePolicy",
            delete="iam:DeleteRolePolicy",
        ),
        moto=Moto(
            delete=Call(
                service="iam",
                operation="delete_role_policy",
                arguments={
                    "RoleName": "role",
                    "PolicyName": "name",
                },
            ),
            read=Call(
                service="iam",
                operation="get_role_policy",
                arguments={
                    "RoleName": "role",
                    "PolicyName": "name",
                },
            ),
            put=True,
        ),
    ),
    AwsEntry(
        type="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        unnamed="its role and policy",
        replacement=Replacement(properties="policyArn role", source="iam/role_policy_attachment.go"),
        price="free",
        actions=Actions(
            read="iam:ListAttachedRolePolicies", create="iam:AttachRolePolicy", delete="iam:DetachRolePolicy"
        ),
        moto=Moto(
            delete=Call(
                service="iam",
                operation="detach_role_policy",
                arguments={
                    "RoleName": "role",
                    "PolicyArn": "policyArn",
                },
            )
        ),
    ),
)
