"""Load, soak and sudden deaths: scripts bounded in count and time, and their small versions as tests."""
