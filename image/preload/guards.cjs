'use strict';

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

const { distribution, findDifferences, here, isDescribed } = require('./distribution.cjs');
const { isFlowise, log } = require('./settings.cjs');

/**
 * A file of the installed tree that a guard changes or relies on. The digest is of the file that was read when the guard
 * was written: with any other one the guard may no longer fit, and Flowise is not started.
 *
 * @typedef {object} Upstream
 * @property {string} sha256
 * @property {(source: string) => string} [edit] what is compiled instead
 * @property {(exports: any, tree: (name: string) => any) => void} [patch] run when the file has been loaded; `tree`
 *   requires another file of the same tree
 */

/**
 * A fix of ours for a fault of Flowise 3.1.4. One file each, listed in `GUARDS`.
 *
 * @typedef {object} Guard
 * @property {string} name
 * @property {string[]} closes advisories, or the class of fault where none was published
 * @property {string} why
 * @property {Record<string, Upstream>} files by their path below `node_modules`
 * @property {string[]} [decides] paths below /api/v1 on which the guard decides who may pass, instead of DENYLIST_URLS
 * @property {(environment: NodeJS.ProcessEnv) => boolean} [wanted] whether the stack asks for it; by default it does
 */

/** @type {() => Guard[]} */
const GUARDS = () => [
  require('./guards/speech.cjs'),
  require('./guards/oauth2.cjs'),
  require('./guards/flows.cjs'),
  require('./guards/rights.cjs'),
  require('./guards/credentials.cjs'),
  require('./guards/overrides.cjs'),
  require('./guards/fetches.cjs'),
  require('./guards/mcp.cjs'),
  require('./guards/imports.cjs'),
  require('./guards/code.cjs'),
];

/**
 * Edits that save work and close nothing. `FLOWISE_ALL_ROUND_TRIPS=true` leaves them out, for a comparison.
 *
 * @type {() => Guard[]}
 */
const savings = () => (process.env.FLOWISE_ALL_ROUND_TRIPS === 'true' ? [] : require('./trips.cjs').TRIPS);

/** The guards that this process asks for. */
const wantedGuards = () => GUARDS().filter((guard) => guard.wanted?.(process.env) ?? true);

/** Where the image keeps this preload, and its packages below. */
const ROOT = path.join(__dirname, '..');
const FOLDER = `${path.sep}node_modules${path.sep}`;

/** @param {string} text @returns {string} */
const digest = (text) => createHash('sha256').update(text).digest('hex');

/** Ends the process: a server without its guards must not serve. @param {string[]} lines */
function refuse(lines) {
  for (const line of lines) log(line);
  log('Flowise is not started: image/preload/guards is made for the Flowise 3.1.4 of image/bun.lock, file by file.');
  process.exit(1);
}

/**
 * @param {Guard[]} guards
 * @param {string} root a `node_modules`
 * @returns {string[]} what of a tree the guards do not fit, a line each
 */
function findMisfits(guards, root) {
  const lines = [];
  for (const guard of guards) {
    for (const [name, { sha256 }] of Object.entries(guard.files)) {
      const file = path.join(root, here(name));
      const found = fs.existsSync(file) ? digest(fs.readFileSync(file, 'utf8')) : 'missing';
      if (found !== sha256) lines.push(`guard ${guard.name}: ${here(name)} is ${found}, it must be ${sha256}`);
    }
  }
  return lines;
}

/**
 * Edits and patches files of a tree when they are loaded, whoever asks for them and under whatever name.
 *
 * @param {Guard[]} guards
 */
function watchLoading(guards) {
  /** @type {Map<string, [Guard, Upstream][]>} */
  const watched = new Map();
  for (const guard of guards) {
    for (const [name, upstream] of Object.entries(guard.files)) {
      if (!upstream.edit && !upstream.patch) continue;
      watched.set(here(name), [...(watched.get(here(name)) ?? []), [guard, upstream]]);
    }
  }
  // @ts-expect-error: _compile has no type.
  const compile = Module.prototype._compile;
  // @ts-expect-error: see above.
  Module.prototype._compile = function (/** @type {string} */ source, /** @type {string} */ filename, ...rest) {
    const at = filename.lastIndexOf(FOLDER);
    const found = at < 0 ? undefined : watched.get(filename.slice(at + FOLDER.length).replaceAll(path.sep, '/'));
    if (!found) return compile.call(this, source, filename, ...rest);
    const root = filename.slice(0, at + FOLDER.length);
    let edited = source;
    for (const [guard, { sha256, edit }] of found) {
      if (digest(source) !== sha256) refuse([`guard ${guard.name}: ${filename} is not the file that it is made for`]);
      if (edit) edited = edit(edited);
    }
    const result = compile.call(this, edited, filename, ...rest);
    for (const [, { patch }] of found) patch?.(this.exports, (name) => require(path.join(root, here(name))));
    return result;
  };
}

/**
 * The guards for a fork: those that fit. What does not fit is refused, or left out and named, as the description says.
 * A guard that a setting of the stack asks for is never left out.
 *
 * @param {Guard[]} guards
 * @param {string} root of the image
 * @returns {Guard[]}
 */
function guardsOfFork(guards, root) {
  const { package: name, version, guards: choice } = distribution();
  const differences = findDifferences(root);
  if (differences.length > 0) {
    differences.forEach(log);
    log('Flowise is not started: the image is not what app.distribution describes (docs/fork.md).');
    process.exit(1);
  }
  log(`${name} ${version}, described by app.distribution: uploads, traces and caching of the UI are made for Flowise 3.1.4`);
  const fitting = [];
  for (const guard of guards) {
    const misfits = findMisfits([guard], path.join(root, 'node_modules'));
    if (misfits.length === 0) fitting.push(guard);
    else if (choice === 'refuse' || guard.wanted) refuse([...misfits, OTHERWISE(guard)]);
    else log(`guard ${guard.name} stands aside, ${guard.closes.join(', ')} must be closed by ${name}: ${misfits.join('; ')}`);
  }
  return fitting;
}

/** What a person can do about a guard that does not fit. @param {Guard} guard */
const OTHERWISE = (guard) =>
  guard.wanted
    ? `guard ${guard.name} is asked for by a setting of the stack and cannot stand aside`
    : 'app.distribution.guards: aside leaves such guards out, where the fork has closed these faults itself';

/**
 * Puts the guards before the tree that this process runs. A server or worker with another tree ends at once.
 *
 * `DENYLIST_URLS` closes some paths to everybody without a login. Where a guard decides, the path is taken off it: the
 * guard lets visitors of public flows pass. An image without the guard keeps the path closed.
 *
 * @param {Guard[]} [guards]
 * @param {Guard[]} [edits] of `trips.cjs`
 */
function install(guards = wantedGuards(), edits = isFlowise() ? savings() : []) {
  if (isFlowise() && isDescribed()) {
    guards = guardsOfFork(guards, ROOT);
    edits = edits.filter((each) => findMisfits([each], path.join(ROOT, 'node_modules')).length === 0);
  } else if (isFlowise()) {
    const root = path.resolve(path.dirname(fs.realpathSync(process.argv[1])), '..', '..');
    const misfits = fs.existsSync(path.join(root, 'flowise', 'dist')) ? findMisfits([...guards, ...edits], root) : [];
    if (misfits.length > 0) refuse(misfits);
  }
  watchLoading([...guards, ...edits]);
  const decided = new Set(guards.flatMap((guard) => guard.decides ?? []));
  const denied = (process.env.DENYLIST_URLS ?? '').split(',');
  if (denied.some((url) => decided.has(url))) {
    process.env.DENYLIST_URLS = denied.filter((url) => !decided.has(url)).join(',');
  }
}

module.exports = { GUARDS, findMisfits, install, wantedGuards };
