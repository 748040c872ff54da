"""Views of a whole study, drawn into rows of coloured text: parallel coordinates, importances, slices."""
