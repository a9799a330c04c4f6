"""What a stack needs for a load, what it costs then, and what a given stack serves (docs/capacity.md)."""
