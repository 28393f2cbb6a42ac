"""Records and what was said about them: statements, revisions, merges, envelopes.

A record is one real thing; everything known about it is a statement with a source and a time. Nothing here decides
who may see what: that is `consent` and `disclosure`.
"""
