"""Which actions of AWS each type of resource needs, and which roles of bootstrap may do them."""
