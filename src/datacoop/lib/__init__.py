"""Topic modules without one word of the cooperative: text, places on a map, dates, tables."""
