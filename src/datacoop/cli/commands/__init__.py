"""One file per command. Each defines `command`; the frame finds it by the name of its file."""
