"""What a recorded preview can be judged by."""

from dataclasses import replace

from local.recorder import Recording


def own(preview: Recording) -> Recording:
    """Leave out what remote components make.

    The recorder drops their unknown inputs, where the engine marks them.
    """
    return replace(preview, records=tuple(record for record in preview.records if not record.expanded))
