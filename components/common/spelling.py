"""Texts of a stack file that a pattern describes, and what a person is told whose text it does not match."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, SchemaValidator, core_schema

_LONGEST_SHOWN: Final = 80
_SPACES: Final = (r"^\s|\s$", "it has spaces at an end")


@dataclass(frozen=True, kw_only=True, eq=False)
class Spelling:
    """How a text is spelled: for `Annotated[str, Spelling(...)]`, in place of pydantic's `Field(pattern=...)`.

    pydantic answers a mismatch with the regular expression. This one answers with words, and hands both to editors
    (`patternErrorMessage` is what the language servers of YAML and JSON show).
    """

    pattern: str
    """What pydantic's own engine takes (the `regex` crate of Rust); `$` is the end of the text."""
    is_: str
    """What the text is, after "must be": `an availability zone by its name`."""
    examples: Sequence[str] = ()
    wrong: Sequence[tuple[str, str]] = ()
    """Mistakes that people make, as a regular expression of Python and what is said of it, the likeliest first."""
    find: str = ""
    """A whole sentence: the command, or the place, that gives the right value."""

    @cached_property
    def _validator(self) -> SchemaValidator:
        return SchemaValidator(core_schema.str_schema(pattern=self.pattern))

    def check(self, text: str) -> str:
        """Return the text; raises `ValueError` for a person."""
        if self._validator.isinstance_python(text):
            return text
        shown = json.dumps(text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}...")
        said = next((words for mistake, words in [_SPACES, *self.wrong] if re.search(mistake, text)), "")
        reason = f"{said}; " if said else ""
        raise ValueError(f"{shown} is not allowed: {reason}{self.message}")

    @property
    def message(self) -> str:
        """What is allowed, an example, and where the right value is found."""
        example = f"; for example {', '.join(self.examples)}" if self.examples else ""
        return f"must be {self.is_}{example}{f'. {self.find}' if self.find else ''}"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check what the type before it lets through."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Add pattern, message and examples to the JSON Schema."""
        more = {"pattern": self.pattern, "patternErrorMessage": self.message}
        return {**handler(schema), **more, **({"examples": [*self.examples]} if self.examples else {})}


ARN: Final = "arn:aws[a-z-]*"
"""How ARNs begin in patterns; the partition is compared with the region's (components/common/regions.py)."""
_CAPITALS: Final = (r"[A-Z]", "it has capitals")
_SCHEME: Final = (r"^\w+://", "it begins with a scheme")
_IMAGE_MISTAKES: Final = (
    (r"^[^@]*$", "it names no digest, and a tag could change under a running stack"),
    (r"@(?!sha256:)", "its digest is not one of SHA-256"),
    (r"@sha256:[0-9a-fA-F]{0,63}$|@sha256:[0-9a-fA-F]{65,}$", "its digest has not 64 digits"),
    _CAPITALS,
)
_IMAGE: Final = r"^[a-z0-9./:_-]+@sha256:[0-9a-f]{64}$"
_DIGEST: Final = f"sha256:{'0123456789abcdef' * 4}"

FlowiseImage = Annotated[
    str,
    Spelling(
        pattern=_IMAGE,
        is_="the image that you built, by its digest",
        examples=[f"123456789012.dkr.ecr.us-east-1.amazonaws.com/flowise@{_DIGEST}"],
        wrong=(
            (
                r"^(docker\.io/)?flowiseai/",
                "it is Flowise's own image, which has neither the migration nor the preload",
            ),
            *_IMAGE_MISTAKES,
        ),
        find="`gh workflow run image` builds one and proposes this line; `make image-digest STACK=NAME "
        "DIGEST=sha256:...` writes it for an image that you pushed",
    ),
]
ImageByDigest = Annotated[
    str,
    Spelling(
        pattern=_IMAGE,
        is_="an image by its digest",
        examples=[f"registry.example.com/collector@{_DIGEST}"],
        wrong=_IMAGE_MISTAKES,
        find="`docker buildx imagetools inspect IMAGE:TAG` prints the digest",
    ),
]
HostName = Annotated[
    str,
    Spelling(
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{0,57}[a-z0-9])$",
        is_="a host name with its domain, in lower case, without scheme, port and path",
        examples=["ai.example.com"],
        wrong=(
            _SCHEME,
            (r"/", "it has a path"),
            (r":\d+$", "it has a port"),
            (r"\*", "it has a wildcard, and people need one name"),
            (r"\.$", "it ends with a dot"),
            _CAPITALS,
            (r"^[^.]*$", "it has no domain"),
            (r"_", "it has an underscore, which certificates do not take"),
            (r"[^\x00-\x7f]", "it has letters beyond a to z; write them as Punycode (xn--)"),
        ),
    ),
]
"""A fully qualified name in lower case, without a scheme or a port."""
HostedZoneId = Annotated[
    str,
    Spelling(
        pattern=r"^Z[A-Z0-9]{1,31}$",
        is_="the id of a hosted zone of Route 53",
        examples=["Z0123456789ABCDEFGHIJ"],
        wrong=(
            (r"^/?hostedzone/", "/hostedzone/ stands before the id"),
            (r"\.", "it is the zone's name, not its id"),
        ),
        find="`aws route53 list-hosted-zones --query 'HostedZones[].[Name,Id]' --output text` prints it, after "
        "/hostedzone/",
    ),
]
CertificateArn = Annotated[
    str,
    Spelling(
        pattern=rf"^{ARN}:acm:[a-z]{{2}}(-[a-z]+)+-\d:\d{{12}}:certificate/[0-9a-z-]+$",
        is_="the ARN of a certificate of ACM",
        examples=["arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef"],
        wrong=(
            (
                r":server-certificate/",
                "it is a server certificate of IAM, whose expiry nobody is told of; import it into ACM",
            ),
            (r":acm-pca:", "it is a certificate authority, not a certificate"),
            (r"^(?!arn:)", "it is no ARN"),
        ),
        find="`aws acm list-certificates --region REGION --query "
        "'CertificateSummaryList[].[DomainName,CertificateArn]' --output text` prints them",
    ),
]
"""ARN of a certificate that somebody else requests or imports."""
EmailAddress = Annotated[
    str,
    Spelling(
        pattern=r"^[!-?A-~]{1,64}@[!-?A-~]+\.[!-?A-~]+$",
        is_="one e-mail address, without a name before it",
        examples=["ops@example.com"],
        wrong=(
            (r"<|>", "it has a name beside the address"),
            (r"[,;]", "it holds more than one"),
            (r"^[^@]*$", "it has no @"),
            (r"@[^.]*$", "it has no domain after the @"),
            (r"[^\x00-\x7f]", "it has letters beyond a to z, with which neither Amazon SNS nor Flowise sends"),
            (r"^[^@]{65}", "it has more than 64 characters before the @"),
        ),
    ),
]
HttpsUrl = Annotated[
    str,
    Spelling(
        pattern=r"^https://[^\s/]+(/\S*)?$",
        is_="an HTTPS URL",
        examples=["https://login.example.com/authorize"],
        wrong=((r"^http://", "it is not encrypted (http)"), (r"^(?!\w+://)", "it has no https:// before it")),
    ),
]
_IAM_MISTAKES: Final = (
    (rf"^{ARN}:sts::", "it is the session of somebody who took a role, not the role"),
    (rf"^{ARN}:iam::\d*:(user|root|group)", "it is a user, a group or the account"),
    (rf"^{ARN}:iam::(?!\d{{12}}:)", "it has no account of 12 digits"),
    (r"^(?!arn:)", "it is a name, not an ARN"),
)
RoleArn = Annotated[
    str,
    Spelling(
        pattern=rf"^{ARN}:iam::\d{{12}}:role/[\w+=,.@/-]+$",
        is_="the ARN of an IAM role",
        examples=["arn:aws:iam::123456789012:role/platform-admin"],
        wrong=_IAM_MISTAKES,
        find="`aws iam get-role --role-name NAME --query Role.Arn --output text` prints it",
    ),
]
"""ARN of an IAM role."""
PolicyArn = Annotated[
    str,
    Spelling(
        pattern=rf"^{ARN}:iam::\d{{12}}:policy/[\w+=,.@/-]+$",
        is_="the ARN of a managed policy of this account",
        examples=["arn:aws:iam::123456789012:policy/flowise-bootstrap/flowise-bootstrap-account-boundary-dev"],
        wrong=((rf"^{ARN}:iam::aws:", "it is a policy of AWS, which is no boundary"), *_IAM_MISTAKES),
        find="`pulumi stack output permissions_boundary_arns` in bootstrap/ prints it",
    ),
]
"""ARN of a managed policy of this account."""
ConnectionArn = Annotated[
    str,
    Spelling(
        pattern=rf"^{ARN}:codeconnections:[a-z]{{2}}(-[a-z]+)+-\d:\d{{12}}:connection/[0-9a-f-]{{36}}$",
        is_="the ARN of a connection of AWS CodeConnections",
        examples=["arn:aws:codeconnections:us-east-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef"],
        wrong=(
            (rf"^{ARN}:codestar-connections:", "it has the service's old name, which has other actions in IAM"),
            (r"^(?!arn:)", "it is a name, not an ARN"),
        ),
        find="`aws codeconnections list-connections --query 'Connections[].[ConnectionName,ConnectionArn]' --output "
        "text` prints it",
    ),
]
"""ARN of a connection to GitHub that a person has made."""
RepositoryName = Annotated[
    str,
    Spelling(
        pattern=r"^[A-Za-z0-9](-?[A-Za-z0-9]){0,38}/[A-Za-z0-9._-]{1,100}$",
        is_="a repository of GitHub: owner, slash, name",
        examples=["acme/flowise-on-aws"],
        wrong=(
            (r"^(\w+://|git@)", "it is an address"),
            (r"^[^/]*$", "it has no owner and slash before the name"),
            (r"/.*/", "it has more than one slash"),
        ),
        find="`gh repo view --json nameWithOwner --jq .nameWithOwner` prints it",
    ),
]
