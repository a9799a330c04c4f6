'use strict';

/**
 * Makes what the preload starts Flowise from, once, when the image is built: `nodes.json`, which describes every node
 * and credential (preload/nodes.cjs), and `compiled/`, Node's compile cache of everything that is loaded meanwhile: all
 * nodes, the server, the worker (preload/compiled.cjs).
 *
 * Fails, and with it the build, when a node cannot be loaded: a running server would not notice before somebody uses it.
 */

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { watch: watchPackages } = require('../preload/packages.cjs');
const { distribution, here } = require('../preload/distribution.cjs');
const { COMPILED, INDEX, ROOT, componentsOf, digestOf, modulesOf, versionOf } = require('../preload/tree.cjs');

/** What a server and a worker load besides the nodes. */
const PROGRAMS = ['index.js', 'commands/start.js', 'commands/worker.js'];

/**
 * Notes which variables of the environment the nodes read: each module when it is loaded, each class when it is made.
 *
 * @param {string} nodes directory of all nodes
 */
function watchEnvironment(nodes) {
  /** @type {Map<string, Set<string>>} */
  const reads = new Map();
  /** @type {{ reads: typeof reads, making: string | undefined }} */
  const watch = { reads, making: undefined };
  process.env = new Proxy(process.env, {
    get(target, name) {
      const [, , line = ''] = new Error().stack?.split('\n') ?? [];
      const start = line.indexOf(nodes);
      const reader = watch.making ?? (start < 0 ? undefined : line.slice(start, line.indexOf('.js:', start) + '.js'.length));
      if (reader && typeof name === 'string') reads.set(reader, (reads.get(reader) ?? new Set()).add(name));
      return target[/** @type {string} */ (name)];
    },
  });
  return watch;
}

/**
 * Splits an object into what JSON holds of it and the paths of its functions.
 *
 * @param {any} value
 * @param {string[]} keys where it is
 * @param {string[]} functions paths that were found
 * @returns {any}
 */
function split(value, keys, functions) {
  if (typeof value === 'function') {
    functions.push(keys.join('.'));
    return undefined;
  }
  if (Array.isArray(value)) return value.map((each, index) => split(each, [...keys, String(index)], functions));
  if (typeof value !== 'object' || value === null) return value;
  if (keys.length > 0 && Object.getPrototypeOf(value) !== Object.prototype) {
    throw new Error(`${keys.join('.')} is a ${value.constructor?.name}, which JSON cannot hold`);
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, split(each, [...keys, key], functions)]));
}

/**
 * @param {any} instance
 * @returns {string[]} names of the methods of its class and of those above it
 */
function methodsOf(instance) {
  const names = new Set();
  for (let one = Object.getPrototypeOf(instance); one && one !== Object.prototype; one = Object.getPrototypeOf(one)) {
    for (const name of Object.getOwnPropertyNames(one)) if (name !== 'constructor') names.add(name);
  }
  return [...names];
}

/**
 * @param {string} root of the image
 * @param {'nodes' | 'credentials'} kind
 * @param {ReturnType<typeof watchEnvironment>} watch
 * @returns {import('../preload/nodes.cjs').Entry[]}
 */
function describe(root, kind, watch) {
  const entries = [];
  for (const file of modulesOf(root, kind)) {
    const { nodeClass, credClass } = require(file);
    const made = kind === 'nodes' ? nodeClass : credClass;
    if (!made) continue;
    watch.making = file;
    const instance = new made();
    watch.making = undefined;
    /** @type {string[]} */
    const functions = [];
    const properties = split(instance, [], functions);
    const variables = [...(watch.reads.get(file) ?? [])];
    watch.reads.delete(file);
    entries.push({
      file: path.relative(componentsOf(root), file),
      properties,
      functions,
      methods: methodsOf(instance),
      variables,
    });
  }
  return entries;
}

/** @param {string} root of the image */
function writeIndex(root) {
  const watch = watchEnvironment(path.join(componentsOf(root), 'nodes'));
  const { deferred, stop } = watchPackages(root);
  for (const program of PROGRAMS) require(path.join(root, 'node_modules', here('flowise/dist'), program));
  stop();
  const { package: server, componentsPackage } = distribution();
  const packages = [server, componentsPackage];
  const index = {
    versions: Object.fromEntries(packages.map((name) => [name, versionOf(root, name)])),
    digest: digestOf(root),
    deferred,
    nodes: describe(root, 'nodes', watch),
    credentials: describe(root, 'credentials', watch),
  };
  for (const [file, names] of watch.reads) {
    throw new Error(`${file} reads ${[...names].join(', ')} when it is loaded: which nodes depend on that is not known`);
  }
  const changing = index.credentials.find(({ functions, variables }) => functions.length + variables.length > 0);
  if (changing) throw new Error(`${changing.file} has functions or reads the environment: preload/nodes.cjs expects neither`);
  fs.writeFileSync(path.join(root, INDEX), JSON.stringify(index));
  process.stdout.write(`${index.nodes.length} nodes and ${index.credentials.length} credentials are in ${INDEX}\n`);
}

/**
 * Runs the work in a process with nothing in its environment, and keeps what that compiled.
 *
 * @param {string} root of the image
 */
function prepare(root) {
  const place = path.join(root, 'prepare.tmp');
  fs.rmSync(place, { recursive: true, force: true });
  fs.mkdirSync(place);
  try {
    const cache = path.join(place, 'cache');
    const env = { PATH: process.env.PATH, HOME: place, TMPDIR: place, NODE_COMPILE_CACHE: cache };
    // V8 mixes random numbers into what it compiles, and works in several threads: without both, the same packages give
    // the same layer of the image. Neither is part of what V8 compares when it takes compiled code.
    const program = ['--predictable', '--random-seed=1', __filename, 'index'];
    execFileSync(process.execPath, program, { env, cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    const [name] = fs.readdirSync(cache);
    keep(path.join(cache, name), path.join(root, COMPILED));
  } finally {
    fs.rmSync(place, { recursive: true, force: true });
  }
}

/**
 * @param {string} compiled by Node, for its owner only
 * @param {string} target which anybody can read and only its owner, in the image root, can change
 */
function keep(compiled, target) {
  for (const file of fs.readdirSync(compiled)) fs.chmodSync(path.join(compiled, file), 0o444);
  fs.rmSync(target, { recursive: true, force: true });
  fs.renameSync(compiled, target);
  fs.chmodSync(target, 0o755);
}

if (process.argv[2] === 'index') {
  writeIndex(ROOT);
  process.exit(0); // some modules keep a process alive
} else {
  prepare(ROOT);
}
