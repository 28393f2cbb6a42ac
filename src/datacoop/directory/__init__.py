"""The directory as visitors walk through it: themes, territories, addresses of pages, messages to pass on.

Holds no truth about anybody: what an organisation is stands in records, what is shown comes from disclosure.
"""
