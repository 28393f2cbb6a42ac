"""Pages for correcting: by whoever is named, by anybody without an account, by the answer to a mail."""
