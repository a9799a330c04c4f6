'use strict';

/**
 * Takes what other hosts would be asked for out of the UI's page, when the image is built: a counter of referrals, which
 * would run as a script beside the owner's session, and fonts, for which a browser waits before it shows anything.
 */

const fs = require('node:fs');
const path = require('node:path');

const { BUNDLE, ROOT } = require('../preload/tree.cjs');

const FOREIGN = [/[ \t]*<script\b[^>]*\ssrc="https?:[^>]*>\s*<\/script>(?:\r?\n)?/g, /[ \t]*<link\b[^>]*\shref="https?:[^>]*>(?:\r?\n)?/g];

/** @param {string} page */
const withoutForeign = (page) => FOREIGN.reduce((text, pattern) => text.replace(pattern, ''), page);

if (require.main === module) {
  const file = path.join(ROOT, BUNDLE, '..', 'index.html');
  const page = fs.readFileSync(file, 'utf8');
  fs.rmSync(file); // It may be the same file as in the installer's cache.
  fs.writeFileSync(file, withoutForeign(page));
  process.stdout.write("the UI's page asks no other host\n");
}

module.exports = { withoutForeign };
