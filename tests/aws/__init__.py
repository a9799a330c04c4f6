"""A package, so that a fixture can last for it alone: while moto stands in for AWS, no other test may run."""
