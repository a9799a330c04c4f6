"""OpenSearch with k-NN and its security plugin, made of packages of Maven Central, outside of the checkout."""

import hashlib
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final
from zipfile import ZipFile

from engine.go_builds import cache_directory, fingerprint

_SOURCE: Final = Path(__file__).parent / "server"
_GOAL: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_PAINLESS: Final = re.compile(r"(lang-painless|opensearch-scripting-painless-spi|antlr4-runtime|asm(-\w+)?)-\d")
_DESCRIPTOR: Final = """\
description=Painless
version={version}
name=lang-painless
classname=org.opensearch.painless.PainlessPlugin
java.version=11
opensearch.version={version}
extended.plugins=
has.native.controller=false
"""
"""Maven Central has the module's classes, without this file; k-NN extends the module."""
_POLICY: Final = """\
grant {
  permission java.lang.RuntimePermission "createClassLoader";
  permission java.lang.RuntimePermission "getClassLoader";
  permission java.lang.RuntimePermission "accessDeclaredMembers";
};
"""


def find_java() -> str:
    """Java that this server runs on. Fails with what to install."""
    java = shutil.which("java")
    assert java, "Java 17 or 21 is needed to run OpenSearch, and Maven to fetch it: install both (on Debian: maven)"
    said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=True).stderr
    found = re.search(r'version "(\d+)', said)
    assert found, said
    assert 17 <= int(found[1]) <= 23, (
        f"OpenSearch 2 needs Java 17 to 23 (later ones have no security manager), and this is {found[1]}"
    )
    return java


def find_server() -> Path:
    """Directory with `lib`, `modules` and `plugins`; the first call fetches some 110 MB."""
    made_of = [(_SOURCE / "pom.xml").read_bytes(), (_SOURCE / "SHA256SUMS").read_bytes(), Path(__file__).read_bytes()]
    place = cache_directory() / f"opensearch-{fingerprint(made_of)}"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent) as draft:
            _assemble(_fetched(Path(draft) / "packages"), Path(draft) / "home")
            (Path(draft) / "home").replace(place)
    return place


def _fetched(into: Path) -> Path:
    maven = shutil.which("mvn")
    assert maven, "Maven is needed to fetch OpenSearch: install it (on Debian: maven)"
    command = [maven, "--batch-mode", "--quiet", "--file", _SOURCE / "pom.xml", _GOAL, f"-DoutputDirectory={into}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line.split() for line in (_SOURCE / "SHA256SUMS").read_text("utf-8").splitlines()]
    pinned = {name: checksum for checksum, name in lines}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in into.iterdir()}
    assert found == pinned, "other packages than server/SHA256SUMS pins"
    return into


def _assemble(packages: Path, home: Path) -> None:
    painless = home / "modules" / "lang-painless"
    for directory in (home / "lib", painless, home / "plugins"):
        directory.mkdir(parents=True)
    for package in packages.glob("*.jar"):
        shutil.move(package, painless if _PAINLESS.match(package.name) else home / "lib")
    (version,) = (path.stem.removeprefix("lang-painless-") for path in painless.glob("lang-painless-*.jar"))
    (painless / "plugin-descriptor.properties").write_text(_DESCRIPTOR.format(version=version))
    (painless / "plugin-security.policy").write_text(_POLICY)
    for name in ("opensearch-knn", "opensearch-security"):
        (plugin,) = packages.glob(f"{name}-*.zip")
        with ZipFile(plugin) as archive:
            archive.extractall(home / "plugins" / name)
    # The server refuses a plugin with a folder of settings that it was not installed with.
    security = home / "plugins" / "opensearch-security"
    (security / "config").rename(home / "security-defaults")
    shutil.rmtree(security / "tools")
