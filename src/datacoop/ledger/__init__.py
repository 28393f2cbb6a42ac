"""The ledger: a chain of entries, only added to, that says what mattered, and when. No personal value."""
