"""The words of this product as values: what was read, what was judged, what is planned, what was done.

Everything here is frozen and plain, and answers questions about itself at the most. One definition
gives the type, the JSON and the JSON Schema (msgspec).
"""

from remediate.model.azure import (
    NETWORK_API,
    PREFLIGHT_READS,
    WEB_API,
    App,
    AppServicePlan,
    Connection,
    Document,
    LinkedPlan,
    Lock,
    Permission,
    ReadStatus,
    Routing,
    Topology,
    View,
)
from remediate.model.finding import Evidence, Finding, Severity, healthy
from remediate.model.network import (
    FLEX_SERVICE,
    WEB_DELEGATION,
    WEB_LINK,
    Delegation,
    Link,
    Subnet,
    VirtualNetwork,
)
from remediate.model.plan import OnFailure, Plan, Request, Scope, Step
from remediate.model.run import (
    ErrorReport,
    Requests,
    Run,
    RunStatus,
    StepResult,
    StepStatus,
    TargetResult,
    TargetStatus,
    Verification,
)

__all__ = [
    "FLEX_SERVICE",
    "NETWORK_API",
    "PREFLIGHT_READS",
    "WEB_API",
    "WEB_DELEGATION",
    "WEB_LINK",
    "App",
    "AppServicePlan",
    "Connection",
    "Delegation",
    "Document",
    "ErrorReport",
    "Evidence",
    "Finding",
    "Link",
    "LinkedPlan",
    "Lock",
    "OnFailure",
    "Permission",
    "Plan",
    "ReadStatus",
    "Request",
    "Requests",
    "Routing",
    "Run",
    "RunStatus",
    "Scope",
    "Severity",
    "Step",
    "StepResult",
    "StepStatus",
    "Subnet",
    "TargetResult",
    "TargetStatus",
    "Topology",
    "Verification",
    "View",
    "VirtualNetwork",
    "healthy",
]
