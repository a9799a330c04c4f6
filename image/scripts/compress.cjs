'use strict';

/**
 * Makes the Brotli form of the UI's files beside them, once, when the image is built: at the quality that is too slow for
 * an edge, which compresses while somebody waits. `preload/static.cjs` sends it.
 */

const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');
const zlib = require('node:zlib');

const { BROTLI, BUNDLE, ROOT, TEXT_TYPES } = require('../preload/tree.cjs');

const compress = promisify(zlib.brotliCompress);

/** Bytes below which a header costs more than it saves; CloudFront compresses nothing smaller either. */
const SMALLEST = 1000;

/** How `split-ui.cjs` ends the name of a script that it has made. */
const SPLIT = /-[\da-f]{8}\.js$/;

/**
 * @param {string} file of the bundle
 * @returns {Promise<number>} bytes that it saves, 0 when there is no Brotli form
 */
async function write(file) {
  const content = fs.readFileSync(file);
  if (content.length < SMALLEST) return 0;
  const { BROTLI_PARAM_MODE, BROTLI_MODE_TEXT, BROTLI_PARAM_QUALITY, BROTLI_MAX_QUALITY, BROTLI_PARAM_SIZE_HINT } = zlib.constants;
  const compressed = await compress(content, {
    params: {
      [BROTLI_PARAM_MODE]: BROTLI_MODE_TEXT,
      [BROTLI_PARAM_QUALITY]: BROTLI_MAX_QUALITY,
      [BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });
  if (compressed.length >= content.length) return 0;
  fs.writeFileSync(file + BROTLI, compressed);
  return content.length - compressed.length;
}

async function main() {
  const directory = path.join(ROOT, BUNDLE);
  const all = fs.readdirSync(directory);
  // Scripts that `split-ui.cjs` has made others of stay for tabs that are open; nothing loads them first.
  const replaced = new Set(all.filter((name) => SPLIT.test(name)).map((name) => name.replace(SPLIT, '.js')));
  const files = all.filter((name) => path.extname(name) in TEXT_TYPES && !replaced.has(name));
  const saved = await Promise.all(files.map((name) => write(path.join(directory, name))));
  const count = saved.filter(Boolean).length;
  if (count === 0) throw new Error(`${BUNDLE} holds nothing to compress: is this Flowise's UI?`);
  const total = saved.reduce((sum, each) => sum + each, 0);
  process.stdout.write(`${count} files of the UI are ${total} bytes smaller in their Brotli form\n`);
}

main().catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
});
