"""The ledger: an append-only chain of entries that says what mattered, when. It never holds a personal value."""
