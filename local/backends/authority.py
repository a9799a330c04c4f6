"""The local certificate authority: stands for Amazon's, so that every client verifies as it does on AWS."""

from pathlib import Path
from typing import final

import trustme

from local.layout import write_private


@final
class Authority:
    """Issues server certificates for `localhost`; the same authority from start to start."""

    def __init__(self, directory: Path) -> None:
        """Load the authority in `directory`, or make one there."""
        directory.mkdir(parents=True, exist_ok=True)
        self.bundle = directory / "ca.pem"
        """Certificate of the authority; what RDS's bundle is in the image."""
        key = directory / "ca.key"
        if self.bundle.exists() and key.exists():
            self._ca = trustme.CA.from_pem(self.bundle.read_bytes(), key.read_bytes())
        else:
            self._ca = trustme.CA(organization_name="Flowise local environment")
            write_private(key, self._ca.private_key_pem.bytes().decode())
            self.bundle.write_bytes(self._ca.cert_pem.bytes())
        self.bundle.chmod(0o644)

    def issue(self, directory: Path) -> tuple[Path, Path]:
        """Write a fresh certificate for localhost (`tls.crt`) and its key (`tls.key`, 0600); return both paths."""
        issued = self._ca.issue_cert("localhost", "127.0.0.1")
        certificate, key = directory / "tls.crt", directory / "tls.key"
        certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        write_private(key, issued.private_key_pem.bytes().decode())
        return certificate, key
