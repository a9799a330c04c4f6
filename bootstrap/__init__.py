"""What an AWS account needs once, before a stack can be delivered into it."""
