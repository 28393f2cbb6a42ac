"""The ledger: an append-only chain of entries that says what mattered, and when. It holds no personal value."""
