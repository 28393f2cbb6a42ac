"""Background work in the database, without a broker. Payloads hold ids and codes, never values."""
