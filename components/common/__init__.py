"""What every component needs: the settings base class, IAM statements, physical names."""
