"""Measurements: `make bench`. Tests never assert time; it is measured here, and docs/benchmarks.md keeps the figures."""
