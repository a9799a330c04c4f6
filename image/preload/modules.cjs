'use strict';

const Module = require('node:module');

/** What to do with the exports of a module, by the name it is required with. @type {Map<string, (exports: any) => void>} */
const patches = new Map();

/**
 * Runs `patch` on the exports of a module when anything in the process first requires it under this name.
 *
 * @param {string} name
 * @param {(exports: any) => void} patch
 */
function onLoad(name, patch) {
  patches.set(name, patch);
}

/** Wraps the loading of modules, as every instrumentation library does. */
function install() {
  const patched = new WeakSet();
  // @ts-expect-error: _load has no type.
  const load = Module._load;
  // @ts-expect-error: see above.
  Module._load = function (request, ...rest) {
    const exports = load.call(this, request, ...rest);
    const patch = patches.get(request);
    if (patch && !patched.has(exports)) {
      patched.add(exports);
      patch(exports);
    }
    return exports;
  };
}

module.exports = { install, onLoad };
