'use strict';

const Module = require('node:module');
const path = require('node:path');

const { here } = require('./distribution.cjs');

/**
 * Packages that Flowise's own modules require at their top, and that only some flow, some storage or some way to sign in
 * uses: clients of model makers and clouds, readers of pages, tracers. Half of all modules of a start are in them.
 */
const RARELY_USED = new Set([
  '@arizeai/openinference-instrumentation-langchain',
  '@azure/storage-blob',
  '@e2b/code-interpreter',
  '@elevenlabs/elevenlabs-js',
  '@google-cloud/logging-winston',
  '@google-cloud/storage',
  '@langchain/anthropic',
  '@langchain/google-genai',
  '@langchain/groq',
  '@langchain/langgraph',
  '@langchain/mistralai',
  '@langchain/openai',
  '@modelcontextprotocol/sdk',
  '@opentelemetry/exporter-trace-otlp-grpc',
  '@opentelemetry/exporter-trace-otlp-proto',
  'assemblyai',
  'cheerio',
  'geoip-lite', // 134 MiB of addresses, for the telemetry that is off
  'groq-sdk',
  'jsdom',
  'langfuse',
  'langfuse-langchain',
  'langwatch',
  'llamaindex',
  'lunary',
  'openai',
  'stripe',
  'turndown',
]);

/** @param {string} request */
const packageOf = (request) => request.split('/', request.startsWith('@') ? 2 : 1).join('/');

/**
 * Stands for the exports of a module that is loaded when something of it is used.
 *
 * @param {boolean} esModule whether the exports say so themselves; TypeScript's helpers ask at once
 * @param {() => any} load
 */
function standIn(esModule, load) {
  /** @type {any} */
  let exports;
  const real = () => (exports ??= load());
  // A bound function can be called and constructed, and has no property that could not be another one's.
  return new Proxy(function () {}.bind(undefined), {
    get: (_, key) => (key === '__esModule' ? esModule : Reflect.get(real(), key)),
    set: (_, key, value) => Reflect.set(real(), key, value),
    has: (_, key) => Reflect.has(real(), key),
    ownKeys: () => Reflect.ownKeys(real()),
    getOwnPropertyDescriptor: (_, key) => {
      const descriptor = Reflect.getOwnPropertyDescriptor(real(), key);
      return descriptor && { ...descriptor, configurable: true };
    },
    getPrototypeOf: () => Reflect.getPrototypeOf(real()),
    apply: (_, self, args) => Reflect.apply(real(), self, args),
    construct: (_, args) => Reflect.construct(real(), args),
  });
}

/**
 * Defers what Flowise's modules require of the rarely used packages.
 *
 * @param {Record<string, Record<string, boolean>>} deferred module, below `root`, to what it requires and whether those
 *   exports are of an ES module: as `scripts/prepare.cjs` saw it
 * @param {string} root of the image
 */
function defer(deferred, root) {
  // @ts-expect-error: _load has no type.
  const load = Module._load;
  // @ts-expect-error: see above.
  Module._load = function (request, parent, ...rest) {
    // What Node itself loads (`--require`, the program) has no file that asks for it.
    const known = parent?.filename ? deferred[path.relative(root, parent.filename)]?.[request] : undefined;
    if (known === undefined) return load.call(this, request, parent, ...rest);
    return standIn(known, () => load.call(this, request, parent, ...rest));
  };
}

/**
 * Notes what `defer` has to know, while a program is loaded.
 *
 * @param {string} root of the image
 * @returns {{ deferred: Record<string, Record<string, boolean>>, stop: () => void }}
 */
function watch(root) {
  const folders = ['flowise/', 'flowise-components/'].map((name) => path.join('node_modules', here(name)));
  const ofFlowise = (/** @type {string} */ module) => folders.some((folder) => module.startsWith(folder));
  /** @type {Record<string, Record<string, boolean>>} */
  const deferred = {};
  // @ts-expect-error: see above.
  const load = Module._load;
  // @ts-expect-error: see above.
  Module._load = function (request, parent, ...rest) {
    const exports = load.call(this, request, parent, ...rest);
    const module = path.relative(root, parent?.filename ?? '');
    if (ofFlowise(module) && RARELY_USED.has(packageOf(request))) {
      (deferred[module] ??= {})[request] = exports.__esModule === true;
    }
    return exports;
  };
  return {
    deferred,
    stop: () => {
      // @ts-expect-error: see above.
      Module._load = load;
    },
  };
}

module.exports = { defer, watch };
