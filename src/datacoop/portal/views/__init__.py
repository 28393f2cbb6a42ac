"""The pages, one module per subject; each parses, asks once, answers."""
