"""The command `datacoop`. Thin: parse, call one action or query, print the answer."""
