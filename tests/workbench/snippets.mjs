// What the extension writes on request: code into the editor, commands to a terminal, what errors mean behind them.
import assert from 'node:assert/strict';

import { expired } from './folder.mjs';
import { until } from './workbench.mjs';

async function newDocument(bench) {
  await bench.run('View: Close All Editors');
  await bench.page.evaluate((text) => navigator.clipboard.writeText(text), expired);
  await bench.run('File: New Untitled Text File');
}

export const snippets = {
  'a snippet is inserted at the cursor': async ({ bench }) => {
    await newDocument(bench);
    await bench.run('Claimlens: Insert Validation Code...');
    await bench.choose('Python with PyJWT');
    await bench.choose('Insert at the cursor');
    await until('the code is there', async () => /AUDIENCES = \[/.test(await bench.text()));
    await bench.screenshot('snippet-inserted');
    assert.match(await bench.text(), /"api:\/\/orders"/);
    await bench.run('View: Revert and Close Editor');
  },

  'a command waits at the prompt of a terminal': async ({ bench }) => {
    await newDocument(bench);
    await bench.run('Claimlens: Get a Token for This API...');
    await bench.choose('Azure CLI');
    await bench.choose('Write to the prompt of a terminal');
    await bench.choose('Get a token by --scope');
    await until('it is written', async () => /--output tsv/.test(await bench.terminal()));
    await bench.screenshot('snippet-terminal');
    const [written, ...later] = (await bench.terminal()).split('--output tsv');
    assert.match(written, /az account get-access-token --tenant '[0-9a-f-]+' --scope 'api:\/\/orders\/.default'/);
    assert.equal(later.join('').trim(), '', 'nothing was run');
    await bench.run('Terminal: Kill All Terminals');
    await bench.closePanel();
    await bench.run('View: Close All Editors');
  },

  'what errors mean stands behind them once it is asked for': async ({ bench }) => {
    await bench.open('errors.log');
    await bench.run('Claimlens: Toggle Error Explanations');
    const isShown = async () => (await bench.text()).includes('The token is for another audience');
    await until('the explanation is shown', isShown);
    await bench.screenshot('error-hints');
    await bench.run('Claimlens: Toggle Error Explanations');
    await until('the explanation is gone', async () => !(await isShown()));
    await bench.run('View: Close All Editors');
  },
};
