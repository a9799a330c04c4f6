"""HTTP clients for what runs on this machine."""

import ssl
from typing import Final

import httpx

_VERIFIES_NOTHING: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_VERIFIES_NOTHING.check_hostname, _VERIFIES_NOTHING.verify_mode = False, ssl.CERT_NONE


def loopback_client(seconds: float, *, retries: int = 0) -> httpx.AsyncClient:
    """A client that no proxy is between, and that verifies no certificate, as the kubelet's probes do not.

    Seconds: how long each step of a request may take; `retries`: of connections. httpx itself would read the
    authorities of the whole world for each client, which took half of the time of a probe.
    """
    transport = httpx.AsyncHTTPTransport(verify=_VERIFIES_NOTHING, retries=retries, trust_env=False)
    return httpx.AsyncClient(trust_env=False, timeout=seconds, transport=transport)
