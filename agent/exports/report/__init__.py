"""A study as one HTML file that needs nothing else: no script, no font, no picture from elsewhere."""

from agent.exports.report.page import html

__all__ = ["html"]
