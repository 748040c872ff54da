"""What leaves a study: its best config in the format a project wants, or all its trials."""

from agent.exports.export import FORMATS, Export, export

__all__ = ["FORMATS", "Export", "export"]
