"""Pure decisions of the room of rights, one file for each procedure."""
