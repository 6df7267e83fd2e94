// Named values and fragments that the folder declares: what is said of them, and one name for another everywhere.
import assert from 'node:assert/strict';

import { until } from './workbench.mjs';

/** A service whose template declares what its policy uses; the policy has a slip in it. */
export const service = {
  'stock/infra/stock.bicep': `resource tenant 'Microsoft.ApiManagement/service/namedValues@2024-05-01' = {
  parent: apim
  name: 'stock-tenant'
  properties: { displayName: 'stock-tenant', value: 'contoso.example' }
}

resource check 'Microsoft.ApiManagement/service/policyFragments@2024-05-01' = {
  parent: apim
  name: 'stock-check'
  properties: { format: 'rawxml', value: loadTextContent('../policies/stock-check.xml') }
}
`,
  'stock/policies/stock-check.xml': `<fragment>
  <check-header name="x-stock" failed-check-httpcode="403" failed-check-error-message="No." ignore-case="true" />
</fragment>
`,
  'stock/policies/stock-policy.xml': `<policies>
  <inbound>
    <base />
    <include-fragment fragment-id="stock-check" />
    <include-fragment fragment-id="stock-chek" />
    <set-header name="x-tenant" exists-action="override">
      <value>{{stock-tenant}}</value>
    </set-header>
  </inbound>
</policies>
`,
};

export const names = {
  'a named value shows what the template declares, a fragment its text': async ({ bench }) => {
    await bench.open('stock-policy.xml');
    const value = await bench.hover('stock-tenant', 'contoso.example');
    await bench.screenshot('named-value-hover');
    assert.match(value, /Named value stock-tenant.*contoso\.example.*stock\.bicep:4/);
    assert.match(await bench.hover('stock-check', 'x-stock'), /Policy fragment stock-check/);
    await bench.screenshot('fragment-hover');
  },

  'a slip in the name of a fragment is mended': async ({ bench }) => {
    await bench.open('stock-policy.xml');
    await bench.squiggle('warning');
    await bench.goTo(5, 40);
    await bench.fix('Change to stock-check');
    await until('it is mended', async () => !/"stock-chek"/.test(await bench.text()));
  },

  'a named value is renamed where it is used and where it is declared': async ({ bench }) => {
    await bench.open('stock-policy.xml');
    await bench.hover('stock-tenant', 'contoso.example');
    await bench.goTo(7, 18);
    await bench.page.keyboard.press('F2');
    const input = bench.page.locator('.rename-box input').first();
    await until('the name can be typed', async () => (await input.inputValue()) === 'stock-tenant');
    await input.fill('home-tenant');
    await input.press('Enter');
    await until('the policy says so', async () => /\{\{home-tenant\}\}/.test(await bench.text()));
    await bench.open('stock.bicep');
    await until('the template says so', async () => /displayName: 'home-tenant'/.test(await bench.text()));
    await bench.screenshot('named-value-renamed');
    await bench.run('File: Save All Files');
    await bench.run('View: Close All Editors');
    await bench.run('Notifications: Clear All Notifications');
  },
};
