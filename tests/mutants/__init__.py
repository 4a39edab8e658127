"""Mutation testing (`make mutants`): change one thing in the code, and see whether a test notices."""
