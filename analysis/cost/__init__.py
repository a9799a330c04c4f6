"""What a stack costs a month, from its recorded resources, a dated price table and an assumed use."""
