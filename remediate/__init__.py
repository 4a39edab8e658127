"""Guided remediation for Azure App Service and Functions that lost their virtual network."""

__version__ = "0.1.0"
