"""The charter: versioned documents that votes change. Plain files; it decides nothing itself."""
