"""Which Azure a command works on."""

from __future__ import annotations

import os

from remediate.azure.cloud import Cloud, discovered, named
from remediate.cli.options import Options


def cloud_of(options: Options) -> Cloud:
    """The one asked for by name or endpoint, or the private sandbox of this command. Raises UnknownCloud."""
    endpoint = os.environ.get("REMEDIATE_ARM_ENDPOINT") if options.sandbox else options.arm_endpoint
    return discovered(endpoint) if endpoint else named(options.cloud or "AzureCloud")
