"""Output formats, one file each; `feeds.registry` finds them, so every file here is a format."""
