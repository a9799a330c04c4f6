"""Requests to the API server of a control plane, as its administrator or as a group that it impersonates."""

import ssl
from collections.abc import Mapping
from typing import Any, Final, cast, final

import httpx

_APPLY: Final = {"Content-Type": "application/apply-patch+yaml"}
_MERGE: Final = {"Content-Type": "application/merge-patch+json"}


@final
class Client:
    """Speaks to one API server. May be used from several threads."""

    def __init__(self, url: str, token: str, certificate: str) -> None:
        """Trust the server's own `certificate` (a file), and no other."""
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            verify=ssl.create_default_context(cafile=certificate),
            timeout=60,
            trust_env=False,
        )

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def get(self, path: str, *, group: str | None = None) -> httpx.Response:
        """Read a path, such as `/api/v1/pods`."""
        return self._http.get(path, headers=_as(group))

    def post(self, path: str, body: Mapping[str, Any], *, group: str | None = None) -> httpx.Response:
        """Create what a path names; `?dryRun=All` at its end makes a dry run of it."""
        return self._http.post(path, json=body, headers=_as(group))

    def merge(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        """Change some fields of an object."""
        return self._http.patch(path, json=body, headers=_MERGE)

    def delete(self, path: str, *, group: str | None = None) -> httpx.Response:
        """Delete an object."""
        return self._http.delete(path, headers=_as(group))

    def apply(self, body: Mapping[str, Any], *, group: str | None = None, dry_run: bool = False) -> httpx.Response:
        """Make or change an object by server-side apply, as Pulumi's provider does."""
        options = {"fieldManager": "pulumi-kubernetes-test"} | ({"dryRun": "All"} if dry_run else {})
        return self._http.patch(self.path(body), params=options, json=body, headers={**_APPLY, **_as(group)})

    def path(self, body: Mapping[str, Any]) -> str:
        """Where an object lies. Raises `LookupError` for a kind that the server does not know."""
        version = str(body["apiVersion"])
        top = f"/api/{version}" if "/" not in version else f"/apis/{version}"
        answer = self._http.get(top)
        known = cast("list[dict[str, Any]]", answer.json().get("resources", []) if answer.is_success else [])
        for resource in known:
            if resource["kind"] == body["kind"] and "/" not in resource["name"]:
                metadata = body["metadata"]
                namespace = f"/namespaces/{metadata.get('namespace', 'default')}" if resource["namespaced"] else ""
                return f"{top}{namespace}/{resource['name']}/{metadata['name']}"
        raise LookupError(f"the API server knows no {body['kind']} in {version}")


def _as(group: str | None) -> dict[str, str]:
    """Headers by which an administrator asks as a member of a group."""
    return {"Impersonate-User": "somebody", "Impersonate-Group": group} if group else {}
