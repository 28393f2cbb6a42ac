"""What leaves as a file or a stream: output formats and exports, over what `disclosure` gives out."""
