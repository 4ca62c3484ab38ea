"""Everything of an account as files of Parquet, for owners who leave, or who count elsewhere."""
