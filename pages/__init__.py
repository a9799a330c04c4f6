"""Generators of documentation: the pages of docs/ that come from settings models and from recordings, and the site.

`reference` writes them all (`make docs`); `make check` fails when one is not in sync with the program.
"""
