"""The portable archive of everything a stack holds: written by `export`, read by `import`."""
