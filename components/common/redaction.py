"""What no log line and no span may hold: secrets, as expressions that mean the same everywhere.

Go's RE2 (the Collector), Ruby (Fluentd) and Python (the tests) read them: so there are no look-arounds, and no
anchors, which mean those of lines in Ruby.
"""

from typing import Final

MASK: Final = "****"

_NAMES: Final = (
    r"pass(?:word|wd|phrase|code)?|pwd|secret|token|api[_-]?keys?|app[_-]?key|access[_-]?key|private[_-]?key"
    r"|account[_-]?key|signing[_-]?key|encryption[_-]?key|secret[_-]?(?:access[_-]?)?key|credentials?"
    r"|authorization|auth|signature|session[_-]?id|connect\.sid|jwt|bearer|otp"
)
"""Ends of the names of secrets: `password`, `FLOWISE_SECRETKEY`, `dbPassword`, `x-api-key`."""
_VALUE: Final = r"""(?:\\*"[^"\\]*\\*"|'[^']*'|[^\s,;&"'\\}\])]+)"""

SECRET_NAME: Final = rf"(?i)(?:^|[._\w-])(?:{_NAMES}|cookies?)$"
"""Name of an attribute whose value is a secret, whatever it looks like. Counts such as `total_tokens` are none."""

PRIVATE_KEY: Final = r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\w+/=\s\\]*(?:-----END [A-Z ]*PRIVATE KEY-----)?"
"""In PEM, without its end, too; lines are real ones or written as \\n."""
_BY_WORDS: Final[tuple[str, ...]] = (
    PRIVATE_KEY,
    r"(?i)\b(?:bearer|negotiate)\s+[\w.~+/=:-]{6,}",
    r"(?i)\bbasic\s+[A-Za-z0-9+/]{12,}={0,2}",
    # Cookies: to the end of the value, as one header holds several.
    r"""(?i)\b(?:set-)?cookies?\\*["']?\s*[:=]\s*(?:\[[^\]]*\]|\\*"[^"\\]*\\*"|'[^']*'|[^\r\n"'}]+)""",
    # name=value, "name": "value", also within quoted JSON; the scheme of an Authorization header is not the secret.
    # It begins with the end of the name: to match the whole of it costs ten times as much, at every letter of a line.
    rf"""(?i)(?:{_NAMES})(?:[_-]\w+)?\\*["']?\s*(?:=>|[:=])\s*(?:(?:digest|token|apikey|aws4-hmac-sha256)\s+)?{_VALUE}""",
)
"""Known by what stands before or around them."""
TOKENS: Final[tuple[str, ...]] = (
    r"://[^\s/:@]*:[^\s/]+@",  # user and password in a URL, with what else belongs to it
    r"\beyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)*",  # JSON Web Token
    r"\b(?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA)[A-Z0-9]{16}\b",
    r"\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}",
    r"\bgl(?:pat|ptt|dt|rt)-[\w-]{16,}",
    r"\bxox[abeoprs]-[\w-]{10,}|\bxapp-[\w-]{10,}",
    r"\bhooks\.slack\.com/(?:services|workflows)/[\w/]+",
    r"\b[srp]k_(?:live|test)_\w{10,}|\bwhsec_\w{10,}",  # Stripe
    r"\bsk-[\w-]{16,}",  # OpenAI, Anthropic, OpenRouter
    r"\bAIza[\w-]{30,}|\bya29\.[\w-]{10,}|\bGOCSPX-[\w-]{10,}",  # Google
    r"\bhf_[A-Za-z0-9]{20,}|\bgsk_\w{20,}|\bpcsk_\w{20,}|\br8_\w{20,}|\bpplx-\w{20,}|\bxai-\w{20,}|\bjina_\w{20,}",
    r"\blsv2_[a-z]{2}_\w{20,}|\bnvapi-[\w-]{20,}|\btvly-[\w-]{16,}",
    r"\bSG\.[\w-]{10,}\.[\w-]{10,}",  # SendGrid
    r"\bSK[0-9a-f]{32}\b",  # Twilio
    r"\bkey-[0-9a-f]{32}\b|\b[0-9a-f]{32}-us\d{1,2}\b",  # Mailgun, Mailchimp
    r"\bnpm_[A-Za-z0-9]{30,}|\bpypi-[\w-]{30,}",
    r"\bdop_v1_[0-9a-f]{30,}|\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{30,}|\bdapi[0-9a-f]{30,}",
    r"\bhv[sbr]\.[\w-]{20,}|\bAGE-SECRET-KEY-1[0-9A-Z]{40,}",
    r"\bntn_\w{20,}|\bsecret_[A-Za-z0-9]{30,}|\bfigd_[\w-]{20,}|\bATATT3[\w=-]{20,}",
    r"\b\d{8,10}:AA[\w-]{30,}",  # Telegram
)
"""Known by their own look."""
SECRETS: Final = (*_BY_WORDS, *TOKENS)
"""Applied in this order; what matches becomes `MASK`."""
