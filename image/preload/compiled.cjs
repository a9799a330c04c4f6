'use strict';

const fs = require('node:fs');
const { enableCompileCache, getCompileCacheDir } = require('node:module');
const os = require('node:os');
const path = require('node:path');
const v8 = require('node:v8');

const { log } = require('./settings.cjs');
const { COMPILED, ROOT } = require('./tree.cjs');

/**
 * The name of the directory in which Node 24 looks for compiled code (`GetCacheVersionTag` in its src/compile_cache.cc):
 * its version, V8's tag, and the user. V8's tag holds what the processor can do, though V8 itself accepts compiled code
 * whatever it can do (`CachedDataVersionTag` in its src/api/api.cc, `SanityCheck` in its src/snapshot/code-serializer.cc).
 *
 * @returns {string}
 */
function cacheName() {
  const tag = (v8.cachedDataVersionTag() >>> 0).toString(16).padStart(8, '0');
  return `${process.version}-${process.arch}-${tag}-${process.getuid?.()}`;
}

/**
 * Takes modules as they were compiled when the image was built.
 *
 * Under Node's name for this processor and this user, a link leads to the image's directory: the image is built on
 * another processor, for arm64 on an emulated one. Nothing is ever written there. Node refuses what was compiled from
 * another text or by another version, and then compiles.
 */
function install() {
  const built = path.join(ROOT, COMPILED);
  if (getCompileCacheDir() || !fs.existsSync(built)) return;
  try {
    const place = fs.mkdtempSync(path.join(os.tmpdir(), 'compiled-'));
    process.on('exit', () => fs.rmSync(place, { recursive: true, force: true }));
    fs.symlinkSync(built, path.join(place, cacheName()));
    enableCompileCache(place);
  } catch (error) {
    log(`compiled modules are not used: ${error instanceof Error ? error.message : error}`);
  }
}

module.exports = { install };
