"""The sorts of things the cooperative knows, one YAML file each: plain Python, knows no record."""
