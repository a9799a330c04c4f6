'use strict';

const Module = require('node:module');
const path = require('node:path');

/** What to do with the exports of a module, by its name. @type {Map<string, ((exports: any) => void)[]>} */
const patches = new Map();

/**
 * Runs `patch` on the exports of a module when anything in the process first requires it under this name.
 *
 * @param {string} name of a package, or `./name` for a module that is required by a relative path which ends in `name`
 * @param {(exports: any) => void} patch
 */
function onLoad(name, patch) {
  patches.set(name, [...(patches.get(name) ?? []), patch]);
}

/** Wraps the loading of modules, as every instrumentation library does. */
function install() {
  const patched = new WeakSet();
  // @ts-expect-error: _load has no type.
  const load = Module._load;
  // @ts-expect-error: see above.
  Module._load = function (request, ...rest) {
    const exports = load.call(this, request, ...rest);
    const wanted = patches.get(request.startsWith('.') ? `./${path.posix.basename(request)}` : request);
    if (wanted && !patched.has(exports) && isWhole(request, rest)) {
      patched.add(exports);
      for (const patch of wanted) patch(exports);
    }
    return exports;
  };
}

/**
 * Whether a module has run to its end: within a cycle others see it before.
 *
 * @param {string} request
 * @param {unknown[]} rest further arguments of Module._load
 */
function isWhole(request, rest) {
  // @ts-expect-error: neither has a type.
  return Module._cache[Module._resolveFilename(request, ...rest)]?.loaded !== false;
}

module.exports = { install, onLoad };
