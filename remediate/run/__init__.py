"""Carries out plans: execution, journal, interruption, resume. The only package that changes Azure."""
