"""Curves as data and as coloured text: scales, buckets, braille, labels, stretches, strips of usage."""
