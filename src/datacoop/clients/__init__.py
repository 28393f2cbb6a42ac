"""Clients as partners: whom to write to, and when they are reminded. Their agreements' facts lie in `consent`."""
