"""`make preflight`: what AWS would refuse in the middle of a deployment, asked before anything is made."""
