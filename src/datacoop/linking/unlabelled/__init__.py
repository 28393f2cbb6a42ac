"""Linking of a kind whose pairs nobody judged yet: the weights are estimated from the records themselves, by Splink.

Fellegi and Sunter's model: how often a true pair agrees on a column, and how often two records agree by chance.
Settings are data, one file for each kind in `settings/`. Nothing here knows Django; what is heavy loads when used.
"""
