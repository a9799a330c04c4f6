'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { here } = require('./distribution.cjs');
const { onLoad } = require('./modules.cjs');
const { defer } = require('./packages.cjs');
const { isFlowise, log } = require('./settings.cjs');
const { INDEX, ROOT, componentsOf, digestOf, versionOf } = require('./tree.cjs');

/**
 * @typedef {object} Entry one node or credential, as `scripts/prepare.cjs` found it
 * @property {string} file of its module, below `dist` of flowise-components
 * @property {Record<string, any>} properties what JSON can hold of it
 * @property {string[]} functions paths of the functions among its properties, such as `loadMethods.listModels`
 * @property {string[]} methods of its class
 * @property {string[]} variables of the environment that its properties depend on; none was set when the index was made
 *
 * @typedef {object} Index
 * @property {Record<string, string>} versions of flowise and flowise-components
 * @property {string} digest of the tree that it was made from
 * @property {Record<string, Record<string, boolean>>} deferred see preload/packages.cjs
 * @property {Entry[]} nodes in Flowise's order
 * @property {Entry[]} credentials
 */

/** Nodes of these have no place in a flow: Flowise's own list. */
const LEFT_OUT = ['Analytic', 'SpeechToText'];

/**
 * @param {string} root of the image
 * @returns {Index | undefined} undefined when none was made; throws one line when it was made from another tree
 */
function readIndex(root) {
  const file = path.join(root, INDEX);
  if (!fs.existsSync(file)) return undefined;
  /** @type {Index} */
  const index = JSON.parse(fs.readFileSync(file, 'utf8'));
  for (const [name, version] of Object.entries(index.versions)) {
    const installed = versionOf(root, name);
    if (installed !== version) throw new Error(`it was made for ${name} ${version}, and ${installed} is installed`);
  }
  if (index.digest !== digestOf(root)) throw new Error('it was made from other files than those installed');
  return index;
}

/**
 * @param {any} object
 * @param {string[]} keys
 */
const at = (object, keys) => keys.reduce((value, key) => value[key], object);

/**
 * A node as the server sees it, without its module: that is loaded when one of its functions is called.
 *
 * @param {Entry} entry
 * @param {string} file
 */
function lazyNode(entry, file) {
  /** @type {any} */
  let instance;
  const load = () => {
    instance ??= Object.assign(new (require(file).nodeClass)(), { filePath: file, icon: node.icon });
    return instance;
  };
  const methods = entry.methods.map((name) => [
    name,
    { value: (/** @type {unknown[]} */ ...args) => load()[name](...args), configurable: true, writable: true },
  ]);
  /** @type {any} */
  const node = Object.assign(Object.create(Object.create(Object.prototype, Object.fromEntries(methods))), entry.properties);
  for (const name of entry.functions) {
    const keys = name.split('.');
    const holder = keys.slice(0, -1);
    /** @this {any} @param {unknown[]} args */
    at(node, holder)[/** @type {string} */ (keys.at(-1))] = function (...args) {
      const real = load();
      const owner = this === node ? real : this === at(node, holder) ? at(real, holder) : this;
      return at(real, keys).apply(owner, args);
    };
  }
  return node;
}

/**
 * A node whose properties depend on the environment of this pod is made by its own module, as Flowise does with all.
 *
 * @param {Entry} entry
 * @param {string} file
 */
function makeNode(entry, file) {
  if (!entry.variables.some((name) => process.env[name] !== undefined)) return lazyNode(entry, file);
  return new (require(file).nodeClass)();
}

/**
 * What `NodesPool.initialize` does, from an index.
 *
 * @param {{ componentNodes: any, componentCredentials: any, credentialIconPath: any }} pool
 * @param {Index} index
 * @param {string} root of the image
 * @param {boolean} community whether nodes that somebody else than Flowise's makers wrote are offered
 */
function fillPool(pool, index, root, community) {
  const disabled = process.env.DISABLED_NODES?.split(',') ?? [];
  for (const entry of index.nodes) {
    const file = path.join(componentsOf(root), entry.file);
    let node;
    try {
      node = makeNode(entry, file);
    } catch (error) {
      log(`the node of ${file} cannot be loaded: ${error instanceof Error ? error.message : error}`);
      continue;
    }
    node.filePath = file;
    if (/\.(svg|png|jpg)$/.test(node.icon ?? '')) {
      node.icon = `${path.dirname(file)}/${node.icon}`;
      for (const name of node.credential?.credentialNames ?? []) pool.credentialIconPath[name] = node.icon;
    }
    const offered = !LEFT_OUT.includes(node.category) && (community || !node.author) && !disabled.includes(node.name);
    if (offered) pool.componentNodes[node.name] = node;
  }
  for (const { properties } of index.credentials) {
    const icon = pool.credentialIconPath[properties.name] ?? '';
    pool.componentCredentials[properties.name] = { ...properties, icon };
  }
}

/**
 * Lets a server or worker know all nodes without loading them.
 *
 * Flowise loads the modules of all nodes at its start, only to read what they say about themselves: that is most of its
 * memory and of its start. When a flow runs, it loads the module of each node by its path, and so it still does.
 * `FLOWISE_LOAD_ALL_NODES=true` leaves Flowise its own way, for a comparison.
 *
 * An index that was made from another tree would describe nodes that behave otherwise: Flowise is not started with one.
 */
function install() {
  if (!isFlowise() || process.env.FLOWISE_LOAD_ALL_NODES === 'true') return;
  /** @type {Index | undefined} */
  let index;
  try {
    index = readIndex(ROOT);
  } catch (error) {
    log(`${path.join(ROOT, INDEX)} cannot be used: ${error instanceof Error ? error.message : error}.`);
    log('Flowise is not started. Build the image again: `node scripts/prepare.cjs` is what makes this file.');
    process.exit(1);
  }
  if (!index) return log(`there is no ${path.join(ROOT, INDEX)}: all nodes are loaded now, which takes longer and more memory`);
  const found = index;
  defer(found.deferred, ROOT);
  onLoad('./NodesPool', ({ NodesPool }) => {
    NodesPool.prototype.initialize = async function () {
      const { appConfig } = require(path.join(ROOT, 'node_modules', here('flowise/dist/AppConfig.js')));
      fillPool(this, found, ROOT, appConfig.showCommunityNodes);
    };
  });
}

module.exports = { fillPool, install, readIndex };
