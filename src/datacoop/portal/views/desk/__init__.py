"""The desk of a holder: its lists, what came of them, and what they are worth beside everything public."""
