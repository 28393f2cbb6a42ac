"""Sources and build of what the portal serves to browsers; nothing here runs while pages are served."""
