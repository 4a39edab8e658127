"""Microsoft's own parser of Kusto, with which the tests check queries."""
