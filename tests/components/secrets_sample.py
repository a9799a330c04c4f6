"""Secrets of 36 kinds, made up, each as a line of a log or a value of a span has them."""

from typing import NamedTuple


class Sample(NamedTuple):
    """A text, and the parts of it that must not come out."""

    kind: str
    text: str
    secrets: tuple[str, ...]


_HEX = "0123456789abcdef0123456789abcdef"
_ALNUM = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0"
_JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
_PEM = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7"


def _plain(kind: str, before: str, secret: str, after: str = "") -> Sample:
    return Sample(kind, before + secret + after, (secret,))


SAMPLES: tuple[Sample, ...] = (
    _plain("bearer token", "Authorization: Bearer ", "zZ9-Flowise_key.123456"),
    _plain("bearer in JSON headers", '{"authorization":"Bearer ', _ALNUM, '","host":"x"}'),
    _plain("bearer in escaped JSON", 'headers: {\\"authorization\\":\\"Bearer ', _ALNUM, '\\"}'),
    _plain("basic credentials", "authorization=Basic ", "Zmxvd2lzZTpzdXBlcnNlY3JldA=="),
    _plain("JSON Web Token", "token is ", _JWT),
    _plain("cookie header", "cookie: token=1; connect.sid=", "s%3Aabcdef.ghijkl", "; theme=dark"),
    _plain("set-cookie in JSON", '{"set-cookie":["refreshToken=', _ALNUM, '; HttpOnly"]}'),
    _plain("session id", "connect.sid=", "s%3AZ9y8X7w6", " path=/"),
    _plain("password in a body", '{"email":"a@example.com","password":"', "correct horse battery", '"}'),
    _plain("password in a form", "user=a&password=", "hunter2hunter2", "&next=/"),
    _plain("password in YAML", "dbPassword: '", "it is a secret", "'"),
    _plain("PostgreSQL URL", "postgres://flowise:", "p4ss:w@rd", "@db.example.com:5432/flowise"),
    _plain("Redis URL", "rediss://:", "q-token-123", "@cache.example.com:6379"),
    _plain("variable of a pod", "FLOWISE_SECRETKEY_OVERWRITE=", "0f1e2d3c4b5a"),
    _plain("API key header", "x-api-key: ", "abcDEF123"),
    _plain("API key in an object", "{ openAIApiKey: '", "any-thing-at-all", "' }"),
    _plain("client secret", '"client_secret": "', "GOCSPX-abcdefghijklmno", '"'),
    _plain("AWS access key id", "using key ", "AKIA" + "IOSFODNN7EXAMPLE", " now"),
    _plain("AWS secret access key", "aws_secret_access_key = ", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    _plain("AWS session token", '"SessionToken":"', "IQoJb3JpZ2luX2VjEJr//////////wEaCXVz", '"'),
    _plain("signature of a signed URL", "https://b.s3.amazonaws.com/k?X-Amz-Signature=", _HEX),
    _plain("credential of a signed URL", "?X-Amz-Credential=", "ASIA" + "IOSFODNN7EXAMPLE", "%2F20261123"),
    Sample(
        "private key",
        f"-----BEGIN RSA PRIVATE KEY-----\n{_PEM}\nAbCd==\n-----END RSA PRIVATE KEY-----",
        (_PEM, "AbCd=="),
    ),
    Sample("half a private key", f"key: -----BEGIN PRIVATE KEY-----\\n{_PEM}", (_PEM,)),
    _plain("OpenAI", "invalid key sk-", f"proj-{_ALNUM}"),
    _plain("Anthropic", "sent sk-", f"ant-api03-{_ALNUM}"),
    _plain("Google", "key=AI", "zaSyA1234567890abcdefghijklmnopqrstuv"),
    _plain("GitHub", "clone with gh", f"p_{_ALNUM}"),
    _plain("GitLab", "pull with gl", "pat-abcdefghij0123456789"),
    _plain("Slack", "posting as xo", "xb-123456789012-abcdefABCDEF"),
    _plain("Slack web hook", "https://hooks.slack.com/services/", "T000/B000/XXXXXXXX"),
    _plain("Stripe", "charge with sk_", f"live_{_ALNUM}"),
    _plain("Hugging Face", "model from h", f"f_{_ALNUM}"),
    _plain("Groq", "called with gs", f"k_{_ALNUM}"),
    _plain("SendGrid", "mail by S", "G.abcdefghijklmnop.qrstuvwxyz0123456789"),
    _plain("npm", "publish np", f"m_{_ALNUM}"),
    _plain("Azure storage", "DefaultEndpointsProtocol=https;AccountKey=", "abc/def+ghi==", ";EndpointSuffix=core"),
    _plain("Telegram", "bot 123456789:", "AAabcdefghijklmnopqrstuvwxyz0123456"),
    _plain("Vault", "login hv", "s.CAESIJabcdefghijklmnop"),
    _plain("Pinecone", "index with pc", f"sk_{_ALNUM}"),
)

HARMLESS: tuple[str, ...] = (
    "POST /api/v1/prediction/2f1c8a5e-41d2-4b4e-9a0f-4bd0a5f0c001 200 in 152 ms",
    "used 1532 tokens, totalTokens: 1532, max_tokens=4096",
    "[server]: Flowise Server is listening at :3000",
    "job 17 of flowise-queue-prediction waits since 2026-11-23T23:48:19.123Z",
    "TypeError: Cannot read properties of undefined (reading 'id')",
    "basic flow loaded; bearer of news",
    "commit 76543210fedcba9876543210fedcba9876543210",
    "https://example.com/path?page=2#part",
)
"""What people need to read, and must come out as it went in."""
