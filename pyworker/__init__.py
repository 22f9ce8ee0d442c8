"""The worker: looks at the phones on the bench and tells what it sees.

It changes nothing, decides nothing, keeps nothing.
"""

__version__ = "1.0.0"
