"""Try with my file: look at somebody's list before any agreement, hand it back marked, keep nothing of it.

Compared with public records alone; what is held lies in a private folder for less than an hour.
"""
