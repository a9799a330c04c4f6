"""What makes Pulumi's SDKs quick enough for a plan in seconds, by private parts of theirs.

`lazy_imports` loads only the resources that a program uses, `plain_values` makes outputs of values that are known,
`sent_values` and `plain_messages` take inputs to the recorder and answers back as plain Python values, and `short_cuts`
puts the last three to work while a program is recorded. A test of each compares it with the SDK alone, so that a new
version of the SDK which works otherwise is seen there.
"""
