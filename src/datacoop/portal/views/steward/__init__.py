"""Pages for stewards. Every one of them asks who is there first."""
