"""Changes to records, all of them inside a revision or a staged contribution."""
