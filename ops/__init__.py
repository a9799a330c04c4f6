"""Recovery: what could be restored, bringing it back, and saying exactly what was done."""
