"""Amazon EC2: the machine of a NAT instance, and the interface that it has."""

from typing import Final

from components.common.catalogue.entry import (
    ABSENT,
    AT_CHANGE,
    UNKNOWN,
    Actions,
    AwsEntry,
    Call,
    InUse,
    Moto,
    Replacement,
    Service,
    TagRule,
)

EC2: Final = Service(
    name="ec2",
    reference="AWSEC2/latest/APIReference",
    tags=TagRule(
        longest_key=127,
        source="ec2 CreateTags Tags.Key",
        says="Tag keys are case-sensitive and accept a maximum of 127 Unicode characters",
    ),
)

ENTRIES = (
    AwsEntry(
        type="aws:ec2/instance:Instance",
        unnamed="an id that AWS gives",
        tags=EC2,
        replacement=Replacement(
            properties=(
                "ami associatePublicIpAddress availabilityZone ebsOptimized enclaveOptions hibernation keyName "
                "launchTemplate networkInterfaces placementGroup primaryNetworkInterface privateIp "
                "rootBlockDevice.encrypted rootBlockDevice.kmsKeyId securityGroups subnetId tenancy userData"
            ),
            source="ec2/ec2_instance.go",
        ),
        price="rule",
        actions=Actions(
            read=(
                "ec2:DescribeInstances ec2:DescribeInstanceAttribute ec2:DescribeInstanceTypes ec2:DescribeVolumes "
                "ec2:DescribeTags ec2:DescribeInstanceCreditSpecifications ec2:DescribeNetworkInterfaces"
            ),
            create=(
                "ec2:RunInstances ec2:CreateTags ec2:DescribeImages kms:CreateGrant kms:DescribeKey "
                "kms:GenerateDataKeyWithoutPlaintext kms:ReEncryptFrom kms:ReEncryptTo"
            ),
            update=(
                "ec2:ModifyInstanceAttribute ec2:ModifyInstanceMetadataOptions ec2:ModifyInstanceMaintenanceOptions "
                "ec2:ModifyVolume ec2:StopInstances ec2:StartInstances ec2:CreateTags ec2:DeleteTags"
            ),
            delete="ec2:TerminateInstances",
        ),
        moto=Moto(
            lost={
                "userDataReplaceOnChange": AT_CHANGE,
                "maintenanceOptions": UNKNOWN,
            },
            delete=Call(service="ec2", operation="terminate_instances", arguments={"InstanceIds[]": "id"}),
        ),
    ),
    AwsEntry(
        type="aws:ec2/networkInterface:NetworkInterface",
        unnamed="an id that AWS gives",
        tags=EC2,
        replacement=Replacement(
            properties="interfaceType subnetId",
            source="ec2/vpc_network_interface.go",
            cloudformation="AWS::EC2::NetworkInterface",
            in_place={"PrivateIpAddress": ABSENT},
        ),
        price="free",
        actions=Actions(
            read="ec2:DescribeNetworkInterfaces",
            create="ec2:CreateNetworkInterface ec2:ModifyNetworkInterfaceAttribute ec2:CreateTags",
            update=(
                "ec2:ModifyNetworkInterfaceAttribute ec2:AssignPrivateIpAddresses ec2:UnassignPrivateIpAddresses "
                "ec2:CreateTags ec2:DeleteTags"
            ),
            delete="ec2:DetachNetworkInterface ec2:DeleteNetworkInterface",
        ),
        moto=Moto(
            delete=Call(service="ec2", operation="delete_network_interface", arguments={"NetworkInterfaceId": "id"})
        ),
        used_by=(
            InUse(
                user="aws:ec2/instance:Instance",
                path="primaryNetworkInterface",
                code="InvalidParameterValue",
                source=EC2.api("DeleteNetworkInterface"),
            ),
        ),
    ),
)
