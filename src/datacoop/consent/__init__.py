"""Who may see what, for what, until when: audiences, terms, decisions, restrictions, the state of notices.

A decision is a subject's word; the voted default speaks where they have not. Nothing here reads a value.
"""
