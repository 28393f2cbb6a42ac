"""What stands for a value before it is proven who asks: the same for every value. Pure.

A link may have been forwarded. A first letter, a number of words or a function would tell a stranger enough: with the
public directory beside it, the first letters of an association's name say which one it is.
"""

from __future__ import annotations

DOTS = "•••"
