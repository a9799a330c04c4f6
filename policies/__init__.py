"""The policy pack: what every stack must keep, as plain functions over resources."""
