"""Pages on which an organiser announces what it does, and says what changes."""
