"""The pages of whoever is signed in: their account, how they sign in, and whom they represent."""
