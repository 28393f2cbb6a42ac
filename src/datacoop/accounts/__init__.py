"""Sign-in of people (one-time links) and of clients (opaque tokens), and who may act for whom."""
