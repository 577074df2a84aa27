"""The founding documents rebuilt from the warehouse, section by section beside the originals.

`python -m docs.tools.originals` writes docs/originals.md.

The originals' figures are facts; their sentences are not repeated. What ours prints is computed
from a release and from nothing else: its day is that of its newest look. Each section says what
must be true of ours for it to count as the same, corrected or more (`sections.yaml`); where none of
that holds, the section is at fault, and `page` raises.
"""
