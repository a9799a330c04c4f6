"""Certificate authorities of a company: checked where they are written, and mounted where something speaks TLS."""

import re
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Final, cast

import pulumi
from pulumi_kubernetes import core
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pydantic import AfterValidator

DIRECTORY: Final = "/etc/flowise-authorities"
"""Where a pod finds the file."""
FILE: Final = "authorities.pem"
NODE_VARIABLES: Final = {
    "NODE_USE_SYSTEM_CA": "1",
    "SSL_CERT_FILE": f"{DIRECTORY}/{FILE}",
    "SSL_CERT_DIR": DIRECTORY,
}
"""For Node 24: with the first it trusts its own roots, those of `NODE_EXTRA_CA_CERTS` (which are RDS's), and those of
OpenSSL's file and directory (nodejs/node#57009 and #59276). The image has none of the latter, so the other two say
where they are; a directory that is not there would be a warning of every start."""
GO_VARIABLES: Final = {"SSL_CERT_DIR": f"/etc/ssl/certs:{DIRECTORY}"}
"""For Go: its own file is read in any case, this list of directories in addition (golang/go, crypto/x509,
root_unix.go)."""
OPENSSL_VARIABLES: Final = {"SSL_CERT_FILE": f"{DIRECTORY}/{FILE}"}
"""For OpenSSL of Debian, as Ruby uses it: the roots of Debian are in its directory, and this file is read besides
(OpenSSL, X509_get_default_cert_file; aws-sdk-core, connection_pool.rb, takes OpenSSL's own paths)."""
_VOLUME: Final = "authorities"
_LARGEST: Final = 64 * 1024
"""All of a stack's configuration has to fit into the environment of Pulumi's language host."""
_BLOCK: Final = re.compile(r"-----BEGIN (?P<label>[A-Z0-9 ]+)-----\s.*?-----END (?P=label)-----", re.DOTALL)
_EXPORT: Final = "`openssl x509 -in FILE -outform PEM` prints a certificate as PEM"


def _authorities(text: str) -> str:
    """Refuse what no TLS library could use; the text itself is never shown, because a key could be in it."""
    if "PRIVATE KEY" in text:
        raise ValueError(
            "there is a private key among the certificates. A stack file is plain text: treat that key as leaked, "
            "replace it, and paste only the blocks that begin with -----BEGIN CERTIFICATE-----"
        )
    if len(text) > _LARGEST:
        raise ValueError(
            f"{len(text):,} characters are too many, at most {_LARGEST:,} are allowed; name your own authorities, not "
            "the public ones, which every program here knows already"
        )
    blocks = [(found["label"], found.group()) for found in _BLOCK.finditer(text)]
    problems = list(_problems(blocks))
    if text.count("-----BEGIN ") > len(blocks):
        problems.append("a block has no end, or stands on one line; keep the line breaks (a `|` after the key in YAML)")
    if not text.count("-----BEGIN "):
        problems.append(
            "there is no certificate; the text of a PEM file is needed (not its name, and not DER), which begins with "
            f"-----BEGIN CERTIFICATE-----. {_EXPORT}"
        )
    if problems:
        raise ValueError("; ".join(problems))
    return "\n".join(block for _, block in blocks) + "\n"


def _problems(blocks: list[tuple[str, str]]) -> Iterator[str]:
    for number, (label, block) in enumerate(blocks, start=1):
        if label != "CERTIFICATE":
            yield f"block {number} is a {label}, and only certificates are of use here. {_EXPORT}"
        elif problem := _problem(block):
            yield f"certificate {number} {problem}"


def _problem(block: str) -> str | None:
    """What is wrong with a certificate; OpenSSL itself reads it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=block)
    except (ssl.SSLError, ValueError):
        return f"cannot be read: it was cut off or changed when it was copied. {_EXPORT}"
    if not (found := context.get_ca_certs()):
        return (
            "is of a server, not of an authority (CA:TRUE is missing); name the certificate of the authority that has "
            "signed it, in most companies the root"
        )
    known = cast(dict[str, Any], found[0])
    ends = ssl.cert_time_to_seconds(known["notAfter"])
    if ends <= time.time():
        day = datetime.fromtimestamp(ends, UTC).date()
        return f"({_name(known)}) expired on {day}; remove it, or name the one that has replaced it"
    return None


def _name(certificate: dict[str, Any]) -> str:
    parts = [pair for part in certificate["subject"] for pair in part]
    return ", ".join(value for key, value in parts if key in {"commonName", "organizationName"}) or "without a name"


def subjects(text: str) -> list[str]:
    """Names of the authorities in a text that was found right."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=text)
    return [_name(cast(dict[str, Any], found)) for found in context.get_ca_certs()]


CertificateAuthorities = Annotated[str, AfterValidator(_authorities)]
"""Certificates of authorities in PEM."""


def authorities_config_map(
    resource_name: str, text: str, metadata: ObjectMetaArgs, opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """Put the certificates into a namespace; returns the name, which changes with the content."""
    config_map = core.v1.ConfigMap(
        f"{resource_name}-authorities", metadata=metadata, data={FILE: text}, immutable=True, opts=opts
    )
    return config_map.metadata.apply(lambda known: str(known.name))


def volumes(config_map: pulumi.Input[str] | None) -> list[core.v1.VolumeArgs]:
    """Volume of a pod; none without authorities."""
    if config_map is None:
        return []
    return [core.v1.VolumeArgs(name=_VOLUME, config_map=core.v1.ConfigMapVolumeSourceArgs(name=config_map))]


def mounts(config_map: pulumi.Input[str] | None) -> list[core.v1.VolumeMountArgs]:
    """Mount of a container; none without authorities."""
    if config_map is None:
        return []
    return [core.v1.VolumeMountArgs(name=_VOLUME, mount_path=DIRECTORY, read_only=True)]


def variables(config_map: pulumi.Input[str] | None, names: dict[str, str]) -> list[core.v1.EnvVarArgs]:
    """Variables of a container; none without authorities."""
    return [core.v1.EnvVarArgs(name=name, value=value) for name, value in names.items()] if config_map else []
