"""Turn statements and decisions into views and index rows, inside the revision that changed them."""
