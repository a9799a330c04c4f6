"""The objects of a versioned bucket: their history, and bringing a moment of it back."""
