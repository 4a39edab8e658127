"""Carries out plans: execution, journal, resuming, interruption. The only package that changes Azure."""
