"""What analysts read with SQL: the documented views of schema ``analytics``."""
