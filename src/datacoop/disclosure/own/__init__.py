"""What the subject itself sees and would decide: its records in every role, masked until it proved who it is."""
