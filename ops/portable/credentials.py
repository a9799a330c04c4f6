"""Credentials: encrypted as Flowise stores them, and on request decrypted into a sealed file.

Flowise encrypts with crypto-js (`AES.encrypt(text, passphrase)`): base64 of OpenSSL's salted form, AES-256 in CBC, key
and vector by OpenSSL's EVP_BytesToKey with one round of MD5 (`openssl enc -d -aes-256-cbc -md md5 -base64 -A`).
The sealed file is ours: one line of JSON that says how the key is derived (scrypt, RFC 7914), then a Fernet token
(github.com/fernet/spec), which refuses a wrong passphrase and a changed byte.
"""

import base64
import binascii
import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.padding import PKCS7

from ops.errors import OpsError

TABLE = "credential"
ENCRYPTED = "encryptedData"

_MAGIC = b"Salted__"
_SCRYPT = {"n": 2**15, "r": 8, "p": 3}
"""32 MiB and three rounds: OWASP Password Storage Cheat Sheet, scrypt."""
_BLOCK = 16


class WrongKeyError(Exception):
    """The key does not open this value."""


def decrypt(value: str, key: str) -> str:
    """The JSON that Flowise encrypted. Raises `WrongKeyError`."""
    try:
        raw = base64.b64decode(value, validate=True)
        if raw[: len(_MAGIC)] != _MAGIC:
            raise WrongKeyError
        decryptor = _cipher(key, raw[len(_MAGIC) : _BLOCK]).decryptor()
        unpadder = PKCS7(8 * _BLOCK).unpadder()
        padded = decryptor.update(raw[_BLOCK:]) + decryptor.finalize()
        text = (unpadder.update(padded) + unpadder.finalize()).decode("utf-8")
        json.loads(text)
    except (binascii.Error, ValueError):
        raise WrongKeyError from None
    return text


def encrypt(text: str, key: str) -> str:
    """Encrypt as Flowise does."""
    salt = secrets.token_bytes(8)
    encryptor = _cipher(key, salt).encryptor()
    padder = PKCS7(8 * _BLOCK).padder()
    padded = padder.update(text.encode("utf-8")) + padder.finalize()
    return base64.b64encode(_MAGIC + salt + encryptor.update(padded) + encryptor.finalize()).decode("ascii")


def _cipher(key: str, salt: bytes) -> "Cipher[modes.CBC]":
    derived, block = b"", b""
    while len(derived) < 32 + _BLOCK:
        block = hashlib.md5(block + key.encode("utf-8") + salt, usedforsecurity=False).digest()
        derived += block
    return Cipher(algorithms.AES(derived[:32]), modes.CBC(derived[32 : 32 + _BLOCK]))


def seal(rows: Iterable[Mapping[str, Any]], key: str, passphrase: str) -> bytes:
    """Decrypt every credential and seal them with a passphrase."""
    found: list[dict[str, Any]] = []
    for row in rows:
        try:
            plain = json.loads(decrypt(row[ENCRYPTED], key))
        except WrongKeyError:
            raise OpsError(
                f"the key of --key-file does not open the credential {row['name']} ({row['id']})",
                hint="It is FLOWISE_SECRETKEY_OVERWRITE of the stack that is exported (docs/keys.md).",
            ) from None
        kept = {name: row[name] for name in ("id", "name", "credentialName")}
        found.append({**kept, "data": plain})
    salt = secrets.token_bytes(16)
    header = {"kdf": "scrypt", **_SCRYPT, "salt": salt.hex()}
    token = Fernet(_derived(passphrase, salt)).encrypt(json.dumps(found, ensure_ascii=False).encode("utf-8"))
    return json.dumps(header).encode("ascii") + b"\n" + token + b"\n"


def unseal(content: bytes, passphrase: str) -> list[dict[str, Any]]:
    """Open a sealed file. Raises `OpsError` for another passphrase or a changed file."""
    header, _, token = content.partition(b"\n")
    try:
        salt = bytes.fromhex(json.loads(header)["salt"])
        return json.loads(Fernet(_derived(passphrase, salt)).decrypt(token.strip()))
    except (InvalidToken, ValueError, KeyError):
        raise OpsError(
            "the passphrase does not open credentials.sealed",
            hint="Give the passphrase of the export with --passphrase-file. Nothing was imported.",
        ) from None


def to_json(data: Any) -> str:
    """JSON as JavaScript's `JSON.stringify` writes it, which is what Flowise encrypts."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _derived(passphrase: str, salt: bytes) -> bytes:
    derived = Scrypt(salt=salt, length=32, **_SCRYPT).derive(passphrase.encode("utf-8"))
    return base64.urlsafe_b64encode(derived)
