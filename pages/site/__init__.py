"""The site of docs/, and what a Git host sees in the same pages."""
