"""What stands in for AWS's data stores: PostgreSQL for RDS, Valkey for ElastiCache, moto for the rest."""
