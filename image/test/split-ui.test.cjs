'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { describe, test } = require('node:test');

const { importFromBoth } = require('../scripts/split-ui.cjs');

const IMAGE = path.join(__dirname, '..');
const MOVED = new Map([['jf', 'kB']]);
const ENTRY = './index-BIqxr1vN.js';

describe('the split of the UI', () => {
  test('leaves a UI alone that is not that of Flowise 3.1.4', (context) => {
    const root = fs.mkdtempSync(path.join(os.tmpdir(), 'ui-'));
    context.after(() => fs.rmSync(root, { recursive: true }));
    for (const name of ['preload', 'scripts']) fs.cpSync(path.join(IMAGE, name), path.join(root, name), { recursive: true });
    const assets = path.join(root, 'node_modules', 'flowise-ui', 'build', 'assets');
    fs.mkdirSync(assets, { recursive: true });
    fs.writeFileSync(path.join(assets, path.basename(ENTRY)), 'export const ours = 1;');
    const said = execFileSync(process.execPath, [path.join(root, 'scripts', 'split-ui.cjs')], { encoding: 'utf8' });
    assert.match(said, /is not that of Flowise 3\.1\.4: its scripts stay as they are/);
    assert.deepEqual(fs.readdirSync(assets), [path.basename(ENTRY)]);
  });

  for (const [before, after] of [
    [`import{jf as a}from"${ENTRY}";a()`, 'import{jf as a}from"./later.js";a()'],
    [`import{w as b}from"${ENTRY}";b()`, `import{w as b}from"${ENTRY}";b()`],
    [`import{jf as a,w as b}from"${ENTRY}";`, `import{w as b}from"${ENTRY}";import{jf as a}from"./later.js";`],
    [`export{jf as default}from"${ENTRY}";`, 'export{jf as default}from"./later.js";'],
    ['import{jf as a}from"./other.js";', 'import{jf as a}from"./other.js";'],
  ]) {
    test(`makes ${after} of ${before}`, () => assert.equal(importFromBoth(before, MOVED), after));
  }
});
