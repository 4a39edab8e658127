"""A simulated Azure Resource Manager on loopback: another company's server, for demonstrations and tests."""
