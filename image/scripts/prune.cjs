'use strict';

/**
 * Removes from the installed packages what no process of the image loads, by the rules of `unused.json`, once, when the
 * image is built. Fails when a rule removes nothing, which says that it is about other packages than those installed, and
 * when one would remove what a package names as its entry point.
 */

const fs = require('node:fs');
const path = require('node:path');

const { ROOT } = require('../preload/tree.cjs');

/**
 * @typedef {object} Rule
 * @property {string} why
 * @property {string[]} [paths] below any `node_modules`; a directory stands for all in it
 * @property {string} [machine] the only one on which the rule holds: `x64` or `arm64`
 * @property {string} [only_for] a package that is served, not loaded: what only it depends on is removed
 * @property {string[]} [kept] packages that the latter leaves
 */

const MODULES = 'node_modules';
const LICENCE = /^(licen[cs]e|notice|copying|copyright|authors|patents|third[-_ ]?party)/i;
/** What Node cannot load, though some packages export it. */
const NOT_LOADED = /\.(?:[cm]?tsx?|md)$/;
/** What Node goes by in `exports`. */
const CONDITIONS = ['node', 'node-addons', 'module-sync', 'import', 'require', 'default'];

/** @param {string} glob @returns {string} */
const toSource = (glob) =>
  glob.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*\*\/|\*/g, (each) => (each === '*' ? '[^/]*' : '(?:.*/)?'));

/** @param {string[]} globs */
const toPattern = (globs) => new RegExp(`^(?:${globs.map(toSource).join('|')})(?:/|$)`);

/**
 * Files below a directory, links included, and what each is called below its `node_modules`.
 *
 * @param {string} directory
 * @param {string} [name]
 * @returns {Generator<{ file: string, name: string }>}
 */
function* walk(directory, name = '') {
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    const file = path.join(directory, entry.name);
    const own = entry.name === MODULES ? '' : path.posix.join(name, entry.name);
    if (entry.isDirectory()) yield* walk(file, own);
    else yield { file, name: own };
  }
}

/** @param {string} directory of a package @returns {any} */
const manifest = (directory) => JSON.parse(fs.readFileSync(path.join(directory, 'package.json'), 'utf8'));

/**
 * The directory from which a package gets another one: the nearest.
 *
 * @param {string} root of the image
 * @param {string} from directory of a package
 * @param {string} name
 * @returns {string | undefined}
 */
function locate(root, from, name) {
  for (let at = from; at.length >= root.length; at = path.dirname(at)) {
    const found = path.join(at, MODULES, name);
    if (fs.existsSync(path.join(found, 'package.json'))) return found;
  }
  return undefined;
}

/**
 * Packages that the image's own dependencies reach without going through one of them.
 *
 * @param {string} root of the image
 * @param {string} without
 * @returns {Set<string>} directories
 */
function reachable(root, without) {
  /** @type {Set<string>} */
  const seen = new Set();
  const todo = [root];
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const { dependencies, optionalDependencies, peerDependencies } = manifest(at);
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      const found = name === without ? undefined : locate(root, at, name);
      if (found) todo.push(found);
    }
  }
  return seen;
}

/** @param {string} file @returns {string} directory of the package that it belongs to */
function packageOf(file) {
  const start = file.lastIndexOf(`${path.sep}${MODULES}${path.sep}`) + MODULES.length + 2;
  const parts = file.slice(start).split(path.sep);
  return path.join(file.slice(0, start), ...parts.slice(0, parts[0].startsWith('@') ? 2 : 1));
}

/**
 * @param {Rule} rule
 * @param {string} root of the image
 * @returns {(file: string, name: string) => boolean} whether the rule removes a file
 */
function toTest({ paths = [], only_for: served, kept = [] }, root) {
  if (!served) {
    const pattern = toPattern(paths);
    return (file, name) => pattern.test(name) && !LICENCE.test(path.basename(file));
  }
  const loaded = reachable(root, served);
  for (const name of [served, ...kept]) loaded.add(path.join(root, MODULES, name));
  return (file, name) => {
    const owner = packageOf(file);
    return !name.startsWith('.') && fs.existsSync(path.join(owner, 'package.json')) && !loaded.has(owner);
  };
}

/** @param {any} exported a value of `exports` @returns {string[]} the files that Node may take for it */
function targets(exported) {
  if (typeof exported === 'string') return [exported];
  if (Array.isArray(exported)) return exported.flatMap(targets);
  const keys = Object.keys(exported ?? {});
  return keys.filter((key) => key.startsWith('.') || CONDITIONS.includes(key)).flatMap((key) => targets(exported[key]));
}

/**
 * @param {string} file `package.json`
 * @param {Set<string>} removed
 * @returns {string[]} entry points of a package that are removed
 */
function lostEntries(file, removed) {
  const directory = path.dirname(file);
  const { main = 'index.js', exports: exported } = manifest(directory);
  return [main, ...targets(exported)]
    .filter((target) => typeof target === 'string' && !NOT_LOADED.test(target))
    .flatMap((target) => ['', '.js', '.json', '.node', '/index.js'].map((end) => path.join(directory, target + end)))
    .filter((target) => removed.has(target));
}

/** @param {string} directory in which nothing but directories may be left */
function removeEmpty(directory) {
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmpty(path.join(directory, entry.name));
  }
  if (fs.readdirSync(directory).length === 0) fs.rmdirSync(directory);
}

/**
 * @param {string} root of the image
 * @param {Rule[]} rules
 */
function prune(root, rules) {
  const tests = rules.filter(({ machine }) => (machine ?? process.arch) === process.arch).map((rule) => ({ rule, test: toTest(rule, root), count: 0 }));
  /** @type {Set<string>} */
  const removed = new Set();
  const manifests = [];
  let bytes = 0;
  for (const { file, name } of walk(path.join(root, MODULES))) {
    const found = tests.find(({ test }) => test(file, name));
    if (found) {
      found.count += 1;
      removed.add(file);
      bytes += fs.lstatSync(file).size;
    } else if (path.basename(file) === 'package.json' && packageOf(file) === path.dirname(file)) manifests.push(file);
  }
  const wrong = tests.filter(({ count }) => count === 0).map(({ rule }) => `this rule removes nothing: ${rule.why}`);
  for (const file of manifests) for (const lost of lostEntries(file, removed)) wrong.push(`${lost} is the entry point of a package`);
  if (wrong.length > 0) throw new Error(`scripts/unused.json does not fit the installed packages:\n${wrong.join('\n')}`);
  for (const file of removed) fs.rmSync(file);
  removeEmpty(path.join(root, MODULES));
  process.stdout.write(`${removed.size} files that nothing loads are removed: ${Math.round(bytes / 2 ** 20)} MiB\n`);
}

try {
  prune(ROOT, require('./unused.json'));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
