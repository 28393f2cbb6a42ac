"""What leaves the house as a message: composed when it is sent, never queued with its values."""
