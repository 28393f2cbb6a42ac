"""Pages of whoever is named: what is said, who sees it, answering, proving, who received it."""
