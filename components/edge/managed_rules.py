"""Every rule of AWS's managed groups that looks at what people send, with our decision and the reason.

Names: AWS WAF Developer Guide, "Baseline rule groups" and "Use-case specific rule groups" (AWS publishes what a rule
looks at, not its patterns). A rule that counts lets the request through and writes it into the firewall's log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from components.common.validation_errors import nearest

Part = Literal["body", "query string", "cookies", "path", "headers", "method", "address"]


@dataclass(frozen=True, kw_only=True)
class ManagedRule:
    """A rule of a managed group."""

    group: str
    name: str
    looks_at: Part
    counted: bool
    why: str


_COMMON, _BAD_INPUTS = "AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"
_SQL, _LINUX = "AWSManagedRulesSQLiRuleSet", "AWSManagedRulesLinuxRuleSet"
_REPUTATION, _ANONYMOUS = "AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesAnonymousIpList"
_PROMPTS = "prompts, flows and documents hold"
_SHORT = "no request of Flowise needs it"
_LONG_CODES = (
    "sign-in returns to /oauth2/idpresponse, and a credential to /api/v1/oauth2-credential/callback, with a code "
    "that is longer than 2,048 bytes for people with many groups; CloudFront ends every URL at 8,192 bytes"
)
_LONG_COOKIES = (
    "the load balancer keeps a sign-in in up to four cookies of 4 KB, together more than 10,240 bytes for people with "
    "many groups; CloudFront ends a request's head at 20,480 bytes"
)
_DECIDED: Final[Mapping[str, Mapping[str, tuple[Part, bool, str]]]] = {
    _COMMON: {
        "SizeRestrictions_BODY": ("body", True, "flows, documents and long prompts are larger than 8 KB"),
        "EC2MetaDataSSRF_BODY": ("body", True, f"{_PROMPTS} addresses; the pods cannot reach the metadata service"),
        "GenericLFI_BODY": ("body", True, f"{_PROMPTS} paths"),
        "GenericRFI_BODY": ("body", True, f"{_PROMPTS} URLs with addresses"),
        "CrossSiteScripting_BODY": ("body", True, f"{_PROMPTS} markup"),
        "SizeRestrictions_QUERYSTRING": (
            "query string",
            True,
            _LONG_CODES,
        ),
        "RestrictedExtensions_QUERYARGUMENTS": (
            "query string",
            True,
            "a file of a chat is fetched by its name (get-upload-file?fileName=app.log)",
        ),
        "EC2MetaDataSSRF_QUERYARGUMENTS": ("query string", False, _SHORT),
        "GenericLFI_QUERYARGUMENTS": ("query string", False, _SHORT),
        "GenericRFI_QUERYARGUMENTS": ("query string", False, "only the links of a site that has no name are lost"),
        "CrossSiteScripting_QUERYARGUMENTS": ("query string", False, _SHORT),
        "SizeRestrictions_Cookie_HEADER": (
            "cookies",
            True,
            _LONG_COOKIES,
        ),
        "EC2MetaDataSSRF_COOKIE": ("cookies", False, _SHORT),
        "CrossSiteScripting_COOKIE": ("cookies", False, _SHORT),
    },
    _BAD_INPUTS: {
        "JavaDeserializationRCE_BODY": ("body", True, f"{_PROMPTS} code, and Flowise runs no Java"),
        "Log4JRCE_BODY": ("body", True, f"{_PROMPTS} code, and Flowise runs no Java"),
        "ReactJSRCE_BODY": ("body", True, f"{_PROMPTS} code, and no React runs on the servers"),
        "JavaDeserializationRCE_QUERYSTRING": ("query string", False, _SHORT),
        "Log4JRCE_QUERYSTRING": ("query string", False, _SHORT),
    },
    _SQL: {
        "SQLi_BODY": ("body", True, f"{_PROMPTS} SQL; Flowise's own queries have parameters"),
        "SQLiExtendedPatterns_BODY": ("body", True, f"{_PROMPTS} SQL; Flowise's own queries have parameters"),
        "SQLi_QUERYARGUMENTS": ("query string", False, _SHORT),
        "SQLiExtendedPatterns_QUERYARGUMENTS": ("query string", False, _SHORT),
        "SQLi_COOKIE": ("cookies", False, _SHORT),
    },
    _LINUX: {"LFI_QUERYSTRING": ("query string", False, _SHORT)},
}
DECISIONS: Final[Sequence[ManagedRule]] = [
    ManagedRule(group=group, name=name, looks_at=part, counted=counted, why=why)
    for group, rules in _DECIDED.items()
    for name, (part, counted, why) in rules.items()
]
"""Every rule that looks at bodies, query strings and cookies; all others of the groups block, as AWS made them."""
_OTHERS: Final[Mapping[str, Sequence[str]]] = {
    _COMMON: (
        *("NoUserAgent_HEADER", "UserAgent_BadBots_HEADER", "SizeRestrictions_URIPATH", "EC2MetaDataSSRF_URIPATH"),
        *("GenericLFI_URIPATH", "RestrictedExtensions_URIPATH", "GenericRFI_URIPATH", "CrossSiteScripting_URIPATH"),
    ),
    _BAD_INPUTS: (
        *("JavaDeserializationRCE_HEADER", "JavaDeserializationRCE_URIPATH", "Log4JRCE_HEADER", "Log4JRCE_URIPATH"),
        *("Host_localhost_HEADER", "PROPFIND_METHOD", "ExploitablePaths_URIPATH"),
    ),
    _LINUX: ("LFI_URIPATH", "LFI_HEADER"),
    _REPUTATION: ("AWSManagedIPReputationList", "AWSManagedReconnaissanceList", "AWSManagedIPDDoSList"),
    _ANONYMOUS: ("AnonymousIPList", "HostingProviderIPList"),
}
GROUP_OF: Final[Mapping[str, str]] = {rule.name: rule.group for rule in DECISIONS} | {
    name: group for group, names in _OTHERS.items() for name in names
}
"""Group of each rule that the program knows."""


def counted_rules(group: str, further: Sequence[str]) -> list[str]:
    """Rules of a group that only count: our decisions, then those that the stack names."""
    ours = [rule.name for rule in DECISIONS if rule.group == group and rule.counted]
    named = [name for group_of, name in map(_split, further) if group_of == group and name not in ours]
    return [*ours, *named]


def _split(text: str) -> tuple[str, str]:
    group, _, name = text.rpartition("/")
    return (group or GROUP_OF[name], name)


def _known(text: str) -> str:
    """A rule by its name; with its group before it also one that AWS has added since."""
    group, _, name = text.rpartition("/")
    if (group and group not in GROUP_OF.values()) or (not group and name not in GROUP_OF):
        known = set(GROUP_OF.values()) if group else set(GROUP_OF)
        raise ValueError(
            f"{text} is no rule of the groups that are on{nearest(group or name, known)} (docs/edge.md). A rule that "
            f"AWS has added since is named with its group: {_SQL}/NAME"
        )
    return text


CountedRules = Annotated[
    list[Annotated[str, AfterValidator(_known), Field(examples=["GenericRFI_QUERYARGUMENTS"])]],
    Field(max_length=50),
]
"""Names of rules."""
