"""Pure decisions of linking: names, profiles, comparison. No database, no framework."""
