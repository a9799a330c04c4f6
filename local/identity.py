"""The EKS Pod Identity agent: gives a pod the credentials of its service account's role."""

import asyncio
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import final

from local.backends.aws import AwsClients
from local.layout import write_private

_PATH = "/v1/credentials"
_LIFETIME = 3600
"""Seconds a set of credentials is good for; the SDK comes back before it ends."""


@final
class PodIdentityAgent:
    """Answers on loopback with credentials from STS, one role for each pod's token."""

    def __init__(self, aws: AwsClients, region: str) -> None:
        self._aws = aws
        self._region = region
        self._roles: dict[tuple[str, str], str] = {}
        self._tokens: dict[str, str] = {}
        self._server: asyncio.Server | None = None
        self._port = 0

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._port = self._server.sockets[0].getsockname()[1]

    def associate(self, namespace: str, service_account: str, role_arn: str) -> None:
        """Pods of this service account that start from now on get this role."""
        self._roles[namespace, service_account] = role_arn

    def variables(self, namespace: str, service_account: str, directory: Path, owner: int | None) -> Mapping[str, str]:
        """Return what the webhook adds to a pod, and write the pod's token below `directory`.

        Empty without an association, as on EKS: there too it must exist before the pod.
        """
        role = self._roles.get((namespace, service_account))
        if role is None:
            return {}
        token, file = secrets.token_urlsafe(32), directory / "eks-pod-identity-token"
        write_private(file, token)
        if owner is not None:
            os.chown(file, owner, owner)
        self._tokens[token] = role
        return {
            "AWS_REGION": self._region,
            "AWS_DEFAULT_REGION": self._region,
            "AWS_STS_REGIONAL_ENDPOINTS": "regional",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{self._port}{_PATH}",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(file),
        }

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(10):
                request = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            lines = request.split("\r\n")
            headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in lines[1:])}
            role = self._tokens.get(headers.get("authorization", ""))
            if not lines[0].startswith(f"GET {_PATH} "):
                status, body = "404 Not Found", {}
            elif role is None:
                status, body = "401 Unauthorized", {"code": "AccessDenied", "message": "unknown token"}
            else:
                status, body = "200 OK", await asyncio.to_thread(self._assume, role)
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            status, body = "400 Bad Request", {}
        payload = json.dumps(body).encode()
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(payload)}\r\n"
        writer.write(f"{head}Connection: close\r\n\r\n".encode() + payload)
        try:
            await writer.drain()
        except ConnectionError:
            return  # the pod was stopped meanwhile
        writer.close()

    def _assume(self, role: str) -> dict[str, str]:
        assumed = self._aws.sts().assume_role(RoleArn=role, RoleSessionName="pod", DurationSeconds=_LIFETIME)
        got = assumed["Credentials"]
        return {
            "AccessKeyId": got["AccessKeyId"],
            "SecretAccessKey": got["SecretAccessKey"],
            "Token": got["SessionToken"],
            "Expiration": got["Expiration"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        }

    async def stop(self) -> None:
        """Stop listening."""
        if self._server:
            self._server.close()
