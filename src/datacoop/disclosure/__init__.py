"""The one gate (law 1): views compiled when something changes, and the only ways to read them.

`compile` turns statements and decisions into one ready document for each audience; `search` answers questions over
those documents; `deliveries` remembers which client received what. Nobody evaluates consent while somebody waits.
"""
