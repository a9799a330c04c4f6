'use strict';

/**
 * Takes out of the UI's one large script what its sign-in pages never run: outlines of MathJax's letters and Prism's
 * grammars. They become a script of their own, which every other page waits for.
 *
 * Moved statements import what they use from the script that they leave, so each keeps its names and its order. Every
 * script that changes gets a new name, because browsers keep one for a year under its name; the old ones stay for pages
 * that were loaded before.
 */

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const { replaceOnce } = require('../preload/edits.cjs');
const { BUNDLE, ROOT } = require('../preload/tree.cjs');

const ENTRY = 'index-BIqxr1vN.js';
const SHA256 = '3b62e734c5393d2544a0895b072f952c51e4f28fae4126e4421964696d2114fa';
const LATER = 'later.js';
const OPTIONS = /** @type {const} */ ({ ecmaVersion: 'latest', sourceType: 'module' });

const OUTLINES = /^([\w$]+\.\w+)=\((0,[\w$]+\.AddPaths)\)\(([\w$]+\.\w+),/;
const GRAMMAR = /^function [\w$]+\(\)\{if\([\w$]+\)return [\w$]+;[\w$]+=1[,;].{0,80}?\.displayName="/;
const REGISTER = /^[\w$]+\.register\([\w$]+\(\)\);?$/;
const STATE = /^var [\w$]+,[\w$]+;$/;
const LOADER = 'i.then(()=>t())';

/** @typedef {{ statement: any, text: string }} Part of the script's top level */

/** @param {any} pattern @returns {string[]} names that it declares */
function namesIn(pattern) {
  if (pattern.type === 'Identifier') return [pattern.name];
  if (pattern.type === 'ObjectPattern') return pattern.properties.flatMap((/** @type {any} */ each) => namesIn(each.value ?? each.argument));
  if (pattern.type === 'ArrayPattern') return pattern.elements.filter(Boolean).flatMap(namesIn);
  return namesIn(pattern.left ?? pattern.argument);
}

/** @param {any} statement @returns {string[]} names of the top level that it declares */
function declared(statement) {
  if (statement.type === 'VariableDeclaration') return statement.declarations.flatMap((/** @type {any} */ { id }) => namesIn(id));
  return statement.id ? [statement.id.name] : [];
}

/** @param {any} node @returns {Set<string>} every name in it that may be one of the top level */
function used(node) {
  const walk = require('acorn-walk');
  /** @type {Set<string>} */
  const names = new Set();
  walk.full(node, (/** @type {any} */ each) => {
    if (each.type === 'Identifier' || each.type === 'VariablePattern') names.add(each.name);
  });
  return names;
}

/**
 * Chooses the grammars that can leave: those whose variables nothing but themselves and other grammars that leave use.
 *
 * @param {Part[]} parts
 * @returns {Set<Part>} functions, their variables, and the statements that register them
 */
function leaving(parts) {
  const isExport = (/** @type {Part} */ { statement }) => statement.type === 'ExportNamedDeclaration';
  const chosen = new Set(parts.filter(({ text }) => GRAMMAR.test(text) || REGISTER.test(text)));
  parts.forEach((part, at) => {
    if (STATE.test(part.text) && parts[at + 1] && GRAMMAR.test(parts[at + 1].text)) chosen.add(part);
  });
  /** @type {Map<Part, Set<string>>} */
  const uses = new Map(parts.filter((part) => !isExport(part)).map((part) => [part, used(part.statement)]));
  for (let before = -1; before !== chosen.size; ) {
    before = chosen.size;
    const staying = new Set([...uses].filter(([part]) => !chosen.has(part)).flatMap(([, names]) => [...names]));
    parts.forEach((part, at) => {
      if (!chosen.has(part) || !declared(part.statement).some((name) => staying.has(name))) return;
      chosen.delete(part);
      chosen.delete(GRAMMAR.test(part.text) ? parts[at - 1] : parts[at + 1]);
    });
  }
  return chosen;
}

/**
 * @param {string} source of the UI's large script
 * @returns {{ first: string, later: string, moved: Map<string, string> }} both scripts, each naming the other as
 *   `ENTRY` and `LATER`, and the exported names that are the later one's now
 */
function split(source) {
  const acorn = require('acorn');
  const parts = acorn.parse(source, OPTIONS).body.map((statement) => ({ statement, text: source.slice(statement.start, statement.end) }));
  const exported = parts.filter(({ statement }) => statement.type === 'ExportNamedDeclaration');
  if (exported.length !== 1) throw new Error(`${exported.length} lists of exports in ${ENTRY}, expected one`);
  const leaves = leaving(parts);
  const gone = new Set([...leaves].flatMap(({ statement }) => declared(statement)));
  /** @type {string[]} */
  const first = [];
  /** @type {string[]} */
  const later = [];
  /** @type {Set<string>} */
  const needed = new Set();
  const all = new Set(parts.flatMap(({ statement }) => declared(statement)));
  for (const part of parts) {
    const { statement, text } = part;
    const outline = OUTLINES.exec(text);
    if (part === exported[0]) continue;
    if (!outline && !leaves.has(part)) {
      first.push(text);
      continue;
    }
    later.push(text.replace(OUTLINES, '($2)($3,'));
    if (outline) first.push(`${outline[1]}=${outline[3]};`);
    for (const name of used(statement)) if (all.has(name) && !gone.has(name)) needed.add(name);
  }
  /** @type {Map<string, string>} */
  const moved = new Map();
  const kept = [...needed].map((name) => `${name} as later_${name}`);
  for (const { local, exported: as } of exported[0].statement.specifiers) {
    if (gone.has(local.name)) moved.set(as.name, local.name);
    else kept.push(`${local.name} as ${as.name}`);
  }
  const imports = [...needed].map((name) => `later_${name} as ${name}`).join(',');
  const exports = [...moved].map(([as, name]) => `${name} as ${as}`).join(',');
  return {
    first: `${wait(first.join('\n'))}\nexport{${kept.join(',')}};\n`,
    later: `import{${imports}}from"./${ENTRY}";\n${later.join('\n')}\nexport{${exports}};\n`,
    moved,
  };
}

/**
 * Makes the loader of pages wait for the later script, but for the pages beside `/login`.
 *
 * @param {string} first
 */
function wait(first) {
  const pages = /\{path:"\/login",element:[^\]]*\]/.exec(first)?.[0] ?? '';
  const names = new Set([...pages.matchAll(/element:\w+\.jsx\((\w+),/g)].map(([, name]) => name));
  if (names.size === 0) throw new Error(`no page /login in ${ENTRY}`);
  const waiting = replaceOnce(first, LOADER, `i.then(()=>r?t():Promise.all([t(),import("./${LATER}")]).then(e=>e[0]))`);
  return [...names].reduce((text, name) => {
    const page = new RegExp(`\\b(${name}=\\w+\\(\\w+\\.lazy\\(\\(\\)=>\\w+\\(\\(\\)=>.*?,(?:void 0|__vite__mapDeps\\([^)]*\\)))\\)\\)\\)`);
    if (!page.test(text)) throw new Error(`the page ${name} is not loaded in ${ENTRY} as expected`);
    return text.replace(page, '$1,true)))');
  }, waiting);
}

/** @param {string} text of another script @param {Map<string, string>} moved */
function importFromBoth(text, moved) {
  return text.replace(/\b(import|export)\s*\{([^}]*)\}\s*from\s*"\.\/([^"]+)"/g, (whole, word, list, from) => {
    if (from !== ENTRY) return whole;
    const names = list.split(',').map((/** @type {string} */ each) => each.trim());
    const isMoved = (/** @type {string} */ each) => moved.has(each.split(' as ')[0]);
    const of = (/** @type {string[]} */ some, /** @type {string} */ file) => (some.length ? `${word}{${some.join(',')}}from"./${file}"` : '');
    return [of(names.filter((/** @type {string} */ each) => !isMoved(each)), ENTRY), of(names.filter(isMoved), LATER)].filter(Boolean).join(';');
  });
}

/** What an earlier run of this script has made is removed. @param {string} assets @param {string} page */
function undo(assets, page) {
  const names = new Set(fs.readdirSync(assets));
  for (const name of names) {
    const original = name.replace(/-[\da-f]{8}(?=\.js)/, '').replace(/\.br$/, '');
    if (name !== original && (names.has(original) || original === LATER)) fs.rmSync(path.join(assets, name));
  }
  write(page, fs.readFileSync(page, 'utf8').replace(/(-[\w-]{8})-[\da-f]{8}(?=\.js)/g, '$1'));
}

/** Writes a file of its own: an installed one may be the same file as in the installer's cache. @param {string} file @param {string} text */
function write(file, text) {
  fs.rmSync(file, { force: true });
  fs.writeFileSync(file, text);
}

function main() {
  const assets = path.join(ROOT, BUNDLE);
  const page = path.join(assets, '..', 'index.html');
  const entry = path.join(assets, ENTRY);
  const source = fs.existsSync(entry) ? fs.readFileSync(entry, 'utf8') : '';
  if (createHash('sha256').update(source).digest('hex') !== SHA256) {
    process.stdout.write('the UI is not that of Flowise 3.1.4: its scripts stay as they are\n');
    return;
  }
  undo(assets, page);
  const { first, later, moved } = split(source);
  const names = fs.readdirSync(assets).filter((name) => name.endsWith('.js'));
  const scripts = new Map(names.map((name) => [name, importFromBoth(fs.readFileSync(path.join(assets, name), 'utf8'), moved)]));
  scripts.set(ENTRY, first).set(LATER, later);
  const digest = createHash('sha256').update([...scripts.values()].join('')).digest('hex').slice(0, 8);
  const newName = (/** @type {string} */ name) => name.replace(/\.js$/, `-${digest}.js`);
  const rename = (/** @type {string} */ text) =>
    text.replace(/(["'/])([\w.-]+\.js)(?=["'])/g, (whole, before, name) => (scripts.has(name) ? before + newName(name) : whole));
  for (const [name, text] of scripts) write(path.join(assets, newName(name)), rename(text));
  write(page, rename(fs.readFileSync(page, 'utf8')));
  process.stdout.write(`${later.length} of ${source.length} bytes of the UI's script load with the page that needs them\n`);
}

if (require.main === module) main();

module.exports = { importFromBoth, split };
