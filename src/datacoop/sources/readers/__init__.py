"""One module per input format; each turns a file into a Table of plain values and knows nothing of kinds."""
