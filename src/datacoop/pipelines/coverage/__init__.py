"""A holder's list beside what everybody can see: how much of it the list covers, and what the public view would change.

Every answer here is made of the holder's own words and of public views alone.
"""
