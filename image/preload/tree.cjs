'use strict';

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const { here } = require('./distribution.cjs');

/** The image: `/opt/flowise` in a container. */
const ROOT = path.join(__dirname, '..');

/** What `scripts/prepare.cjs` makes of the installed packages. */
const INDEX = 'nodes.json';
const COMPILED = 'compiled';

/** Files of the UI; their names hold a hash of their content. */
const BUNDLE = path.join('node_modules', 'flowise-ui', 'build', 'assets');

/** Ends the name of a file's Brotli form, which `scripts/compress.cjs` makes. */
const BROTLI = '.br';

/** What is compressed, with the media type of the file itself. @type {Record<string, string>} */
const TEXT_TYPES = {
  '.css': 'text/css; charset=UTF-8',
  '.js': 'text/javascript; charset=UTF-8',
  '.svg': 'image/svg+xml',
};

/** @param {string} root */
const componentsOf = (root) => path.join(root, 'node_modules', here('flowise-components/dist'));

/**
 * Files below a directory, in the order in which Flowise finds them: libuv sorts every directory by name.
 *
 * @param {string} directory
 * @returns {string[]}
 */
function list(directory) {
  return fs.readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(directory, entry.name);
    return entry.isDirectory() ? list(file) : [file];
  });
}

/**
 * Flowise's own words for what it loads at its start.
 *
 * @param {string} root
 * @param {'nodes' | 'credentials'} kind
 * @returns {string[]}
 */
function modulesOf(root, kind) {
  const suffix = kind === 'nodes' ? '.js' : '.credential.js';
  return list(path.join(componentsOf(root), kind)).filter((file) => file.endsWith(suffix));
}

/**
 * @param {string} root
 * @param {string} name of a package
 * @returns {string} its installed version
 */
function versionOf(root, name) {
  return JSON.parse(fs.readFileSync(path.join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
}

/**
 * Identifies what an index was made from: the lock, which names every package, all modules of nodes and credentials, and
 * the module of Flowise whose work the index takes over. 3 MiB, read in 50 ms.
 *
 * @param {string} root
 * @returns {string}
 */
function digestOf(root) {
  const pool = path.join(root, 'node_modules', here('flowise/dist/NodesPool.js'));
  const digest = createHash('sha256');
  for (const file of [path.join(root, 'bun.lock'), pool, ...modulesOf(root, 'nodes'), ...modulesOf(root, 'credentials')]) {
    const content = fs.readFileSync(file);
    digest.update(`${path.relative(root, file)}\0${content.length}\0`).update(content);
  }
  return digest.digest('hex');
}

module.exports = { BROTLI, BUNDLE, COMPILED, INDEX, ROOT, TEXT_TYPES, componentsOf, digestOf, modulesOf, versionOf };
