// App Service authentication of the orders site, in front of the same API.
param siteName string

resource site 'Microsoft.Web/sites@2023-12-01' existing = {
  name: siteName
}

resource auth 'Microsoft.Web/sites/config@2023-12-01' = {
  parent: site
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: true }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'Return401'
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: '8c2b7f10-4d6e-4a19-b3c5-6f0e9d8a7b21'
          openIdIssuer: 'https://login.microsoftonline.com/3f1c9d5e-7a42-4b0e-9c6d-2e8f5a1b7c30/v2.0'
        }
        validation: {
          allowedAudiences: [
            '8c2b7f10-4d6e-4a19-b3c5-6f0e9d8a7b21'
          ]
        }
      }
    }
  }
}
