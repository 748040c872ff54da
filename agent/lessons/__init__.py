"""What past studies taught, with the conditions under which it held."""
