// Writing an API Management policy: what is offered, said, mended and laid out.
import assert from 'node:assert/strict';

import { until } from './workbench.mjs';

/** The policy that the scenarios begin with; `folder.mjs` writes it. */
export const unfinished = `<policies>
    <inbound>
        <base />
        <validate-jwt header-name="Authorization" clock-skew="60">
            <openid-config url="https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration" />
            <audiences>
                <audience>api://orders</audience>
            </audiences>
        </validate-jwt>
        <set-variable name="caller" value="@{
            var jwt = context.Request.Headers.GetValueOrDefault("Authorization", "").AsJwt();
            return jwt?.Subject ?? "nobody";
        }" />
<set-header   name="x-caller"><value>@((string)context.Variables["caller"])</value></set-header>
    </inbound>
    <backend>
        <rate-limit calls="5" renewal-period="60" />
    </backend>
</policies>
`;

export const policies = {
  'a policy in XML offers to become one': async ({ bench }) => {
    await bench.open('unfinished.xml');
    const offer = bench.page.locator('.notification-toast', { hasText: 'This is an API Management policy' });
    await offer.waitFor({ timeout: 20_000 });
    await bench.screenshot('policy-offer');
    await offer.locator('.monaco-button', { hasText: 'Switch Language' }).click();
    await bench.page.locator('.statusbar-item', { hasText: 'API Management Policy' }).waitFor({ timeout: 20_000 });
    await offer.waitFor({ state: 'hidden' });
    await bench.screenshot('policy-colours');
  },

  'an attribute of a policy has a hover': async ({ bench }) => {
    await bench.open('unfinished.xml');
    const hover = await bench.hover('clock-skew', 'Seconds by which');
    await bench.screenshot('policy-hover');
    assert.match(hover, /Seconds by which the clocks of issuer and gateway may differ/);
    assert.match(await bench.hover('GetValueOrDefault', 'joined with commas'), /joined with commas/);
  },

  'a policy in the wrong section is moved by its quick fix': async ({ bench }) => {
    await bench.open('unfinished.xml');
    await bench.squiggle('error');
    await bench.goTo(17, 15);
    await bench.screenshot('policy-wrong-section');
    await bench.fix('Move');
    const errors = bench.page.locator('.editor-instance .squiggly-error');
    await until('no error is left', async () => (await errors.count()) === 0);
    assert.match(await bench.text(), /^ {8}<rate-limit /m);
    await bench.screenshot('policy-moved');
  },

  'a policy is completed inside a section': async ({ bench }) => {
    await bench.open('unfinished.xml');
    await bench.goTo(3, 17);
    await bench.page.keyboard.press('Enter');
    await bench.page.keyboard.type('<set-va', { delay: 60 });
    const row = bench.page.locator('.suggest-widget .monaco-list-row', { hasText: 'set-variable' }).first();
    await row.waitFor({ timeout: 20_000 });
    await bench.screenshot('policy-completion');
    await bench.page.keyboard.press('Enter');
    await bench.page.keyboard.type('who');
    await until('it is written', async () => /<set-variable name="who" value="" \/>/.test(await bench.text()));
    await bench.page.keyboard.press('End');
    await bench.page.keyboard.press('Enter');
    await bench.page.keyboard.type('<cors>', { delay: 60 });
    await until('the tag is closed', async () => /<cors><\/cors>/.test(await bench.text()));
    await bench.screenshot('policy-closed-tag');
    await bench.page.keyboard.press('Escape');
    await bench.page.keyboard.press('Control+Shift+K');
  },

  'a policy is formatted, and its code is not touched': async ({ bench }) => {
    await bench.open('unfinished.xml');
    await bench.run('Format Document');
    await until('it is laid out', async () => /^ {8}<set-header name="x-caller">$/m.test(await bench.text()));
    const text = await bench.text();
    assert.match(text, /^ {12}return jwt\?\.Subject \?\? "nobody";$/m);
    assert.match(text, /^ {12}<value>@\(\(string\)context\.Variables\["caller"\]\)<\/value>$/m);
    await bench.screenshot('policy-formatted');
    await bench.run('File: Revert File');
    await bench.run('View: Close All Editors');
  },
};
