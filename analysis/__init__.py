"""What the program would make, without making it: record a stack, then read the recording.

`recorder` runs the program against a monitor of its own and keeps every request; `synthetic` and `remote` state what
AWS and the remote components answer. Everything else reads the record: `plan`, `cost`, `capacity`, `changes` (what a
changed setting replaces), `policy`, `diagram`, `rights`. No process is started and no account is asked.
"""

from analysis.pulumi_sdk.lazy_imports import load_sdks_lazily

load_sdks_lazily()
