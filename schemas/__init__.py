"""The JSON Schemas (2020-12) of the wire: <method>.params.json, <method>.result.json, and what they share.

Each has a urn as its $id and refers to others by urn, so nothing is ever fetched.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
