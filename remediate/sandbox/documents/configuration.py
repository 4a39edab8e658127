"""An app's configuration: all of it in config/web, and what little of it a site's own body says."""

from __future__ import annotations

from typing import Any

from remediate import ids
from remediate.sandbox.documents import null
from remediate.sandbox.documents.regions import display_name
from remediate.sandbox.resources import Site
from remediate.sandbox.state import State

NULL_IN_SITE = null(
    """defaultDocuments netFrameworkVersion phpVersion pythonVersion nodeVersion powerShellVersion
    windowsFxVersion sandboxType windowsConfiguredStacks requestTracingEnabled remoteDebuggingEnabled
    remoteDebuggingVersion httpLoggingEnabled azureMonitorLogCategories acrUserManagedIdentityID
    logsDirectorySizeLimit detailedErrorLoggingEnabled publishingUsername publishingPassword appSettings
    metadata connectionStrings machineKey handlerMappings documentRoot scmType use32BitWorkerProcess
    webSocketsEnabled javaVersion javaContainer javaContainerVersion appCommandLine managedPipelineMode
    virtualApplications winAuthAdminState winAuthTenantState customAppPoolIdentityAdminState
    customAppPoolIdentityTenantState runtimeADUser runtimeADUserPassword loadBalancing routingRules
    experiments limits autoHealEnabled autoHealRules tracingOptions vnetName vnetRouteAllEnabled
    vnetPrivatePortsCount publicNetworkAccess cors push apiDefinition apiManagementConfig
    autoSwapSlotName localMySqlEnabled managedServiceIdentityId xManagedServiceIdentityId
    keyVaultReferenceIdentity ipSecurityRestrictions ipSecurityRestrictionsDefaultAction
    scmIpSecurityRestrictions scmIpSecurityRestrictionsDefaultAction scmIpSecurityRestrictionsUseMain
    minTlsVersion minTlsCipherSuite scmMinTlsCipherSuite supportedTlsCipherSuites
    scmSupportedTlsCipherSuites scmMinTlsVersion ftpsState
    preWarmedInstanceCount elasticWebAppScaleLimit healthCheckPath fileChangeAuditEnabled
    functionsRuntimeScaleMonitoringEnabled websiteTimeZone azureStorageAccounts http20ProxyFlag sitePort
    antivirusScanEnabled storageType sitePrivateLinkHostEnabled"""
)
"""What a site's own body never tells, whatever it is (azure-facts.md, 1)."""
OPEN_TO_ALL = {
    "ipAddress": "Any",
    "action": "Allow",
    "priority": 2147483647,
    "name": "Allow all",
    "description": "Allow all access",
}
SIGN_IN = null(
    """enabled unauthenticatedClientAction tokenStoreEnabled allowedExternalRedirectUrls defaultProvider
    clientId clientSecret clientSecretSettingName clientSecretCertificateThumbprint issuer allowedAudiences
    additionalLoginParams aadClaimsAuthorization googleClientId googleClientSecret
    googleClientSecretSettingName googleOAuthScopes facebookAppId facebookAppSecret
    facebookAppSecretSettingName facebookOAuthScopes gitHubClientId gitHubClientSecret
    gitHubClientSecretSettingName gitHubOAuthScopes twitterConsumerKey twitterConsumerSecret
    twitterConsumerSecretSettingName microsoftAccountClientId microsoftAccountClientSecret
    microsoftAccountClientSecretSettingName microsoftAccountOAuthScopes configVersion"""
)
NULL = null(
    """windowsFxVersion sandboxType remoteDebuggingVersion acrUserManagedIdentityID publishingPassword
    appSettings metadata connectionStrings machineKey handlerMappings documentRoot javaVersion javaContainer
    javaContainerVersion runtimeADUser runtimeADUserPassword limits autoHealRules tracingOptions
    publicNetworkAccess cors push apiDefinition apiManagementConfig autoSwapSlotName managedServiceIdentityId
    xManagedServiceIdentityId keyVaultReferenceIdentity ipSecurityRestrictionsDefaultAction
    scmIpSecurityRestrictionsDefaultAction minTlsCipherSuite scmMinTlsCipherSuite supportedTlsCipherSuites
    scmSupportedTlsCipherSuites functionAppScaleLimit healthCheckPath websiteTimeZone sitePort"""
)
FIXED: dict[str, Any] = {
    "defaultDocuments": ["index.html", "hostingstart.html"],
    "netFrameworkVersion": "v4.0",
    "phpVersion": "",
    "pythonVersion": "",
    "nodeVersion": "",
    "powerShellVersion": "",
    "windowsConfiguredStacks": [],
    "requestTracingEnabled": False,
    "remoteDebuggingEnabled": False,
    "httpLoggingEnabled": False,
    "azureMonitorLogCategories": [""],
    "logsDirectorySizeLimit": 35,
    "detailedErrorLoggingEnabled": False,
    "scmType": "None",
    "use32BitWorkerProcess": True,
    "webSocketsEnabled": False,
    "appCommandLine": "",
    "managedPipelineMode": "Integrated",
    "virtualApplications": [
        {
            "virtualPath": "/",
            "physicalPath": "site\\wwwroot",
            "preloadEnabled": True,
            "virtualDirectories": None,
        }
    ],
    "winAuthAdminState": 0,
    "winAuthTenantState": 0,
    "customAppPoolIdentityAdminState": False,
    "customAppPoolIdentityTenantState": False,
    "loadBalancing": "LeastRequests",
    "routingRules": [],
    "experiments": {"rampUpRules": []},
    "autoHealEnabled": False,
    "vnetPrivatePortsCount": 0,
    "siteAuthEnabled": False,
    "siteAuthSettings": {**SIGN_IN, "isAadAutoProvisioned": False},
    "localMySqlEnabled": False,
    "ipSecurityRestrictions": [OPEN_TO_ALL],
    "scmIpSecurityRestrictions": [OPEN_TO_ALL],
    "scmIpSecurityRestrictionsUseMain": False,
    "minTlsVersion": "1.2",
    "scmMinTlsVersion": "1.2",
    "ftpsState": "FtpsOnly",
    "preWarmedInstanceCount": 0,
    "elasticWebAppScaleLimit": 0,
    "fileChangeAuditEnabled": False,
    "functionsRuntimeScaleMonitoringEnabled": False,
    "azureStorageAccounts": {},
    "http20ProxyFlag": 0,
    "antivirusScanEnabled": False,
    "storageType": "StorageVolume",
    "sitePrivateLinkHostEnabled": False,
}
"""What config/web says of every app here."""


def brief(site: Site) -> dict[str, Any]:
    """`siteConfig` of a site's own body."""
    return {**NULL_IN_SITE, "functionAppScaleLimit": 0, **_told_everywhere(site)}


def brief_after_put(site: Site) -> dict[str, Any]:
    """`siteConfig` in the answer to a PUT of a site, which tells a little more, as recorded."""
    told = {"ipSecurityRestrictions": [OPEN_TO_ALL], "scmIpSecurityRestrictions": [OPEN_TO_ALL]}
    return {**brief(site), **told, "functionAppScaleLimit": None, "elasticWebAppScaleLimit": 0}


def document(state: State, site: Site) -> dict[str, Any]:
    """GET config/web: here, unlike in the site's own body, the network's name is told; "" for none."""
    subnet = state.find_subnet(site.subnet)
    guid = state.vnet(ids.vnet_of(subnet.id)).guid if subnet else ""
    network = {
        "vnetRouteAllEnabled": site.routing.application_traffic,
        "vnetName": f"{guid}_{ids.name(subnet.id)}" if subnet else "",
    }
    user = {"publishingUsername": f"${site.app}__{site.slot}" if site.slot else f"${site.app}"}
    return {
        "id": f"{site.id}/config/web",
        "name": site.app,
        "type": "Microsoft.Web/sites/config",
        "location": display_name(site.location),
        "properties": {**NULL, **FIXED, **user, **_told_everywhere(site), **network},
    }


def answer_to_patch(state: State, site: Site) -> dict[str, Any]:
    """The answer to a PATCH of config/web: it goes by the site's own id and type, as recorded."""
    return {**document(state, site), "id": site.id, "type": "Microsoft.Web/sites"}


def _told_everywhere(site: Site) -> dict[str, Any]:
    return {
        "numberOfWorkers": 1,
        "linuxFxVersion": "",
        "acrUseManagedIdentityCreds": False,
        "alwaysOn": False,
        "http20Enabled": False,
        "minimumElasticInstanceCount": 0,
        "clusteringEnabled": False,
        **site.config,
    }
