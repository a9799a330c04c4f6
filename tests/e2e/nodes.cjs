'use strict';

/**
 * `node nodes.cjs TREE lazy|stock`: the pool of nodes as the image or as Flowise fills it, and which modules of nodes that loaded.
 * `node nodes.cjs TREE use FROM TO`: loads these nodes by their paths, as a flow does, and says which are not as described.
 */
const path = require('node:path');

const [, , tree, how, from, to] = process.argv;
const { fillPool, readIndex } = require(path.join(tree, 'preload', 'nodes.cjs'));
const dist = path.join(tree, 'node_modules', 'flowise', 'dist');

/** @param {any} value */
const kinds = (value) => (typeof value === 'object' && value ? Object.entries(value).map(([key, each]) => [key, typeof each]) : []);

async function main() {
  const pool = { componentNodes: {}, componentCredentials: {}, credentialIconPath: {} };
  if (how === 'stock') {
    const { NodesPool } = require(path.join(dist, 'NodesPool.js'));
    await NodesPool.prototype.initialize.call(Object.setPrototypeOf(pool, NodesPool.prototype));
  } else {
    fillPool(pool, readIndex(tree), tree, process.env.SHOW_COMMUNITY_NODES === 'true');
  }
  if (how !== 'use') {
    const loaded = Object.keys(require.cache).filter((file) => file.includes('/flowise-components/dist/nodes/'));
    const functions = Object.values(pool.componentNodes).map((node) => [node.name, kinds(node.loadMethods), kinds(node.vectorStoreMethods)]);
    return { ...pool, functions, loaded: how === 'stock' ? [] : loaded };
  }
  const wrong = [];
  const nodes = Object.values(pool.componentNodes).slice(Number(from), Number(to));
  for (const node of nodes) {
    const { nodeClass } = require(node.filePath);
    const instance = Object.assign(new nodeClass(), { filePath: node.filePath, icon: node.icon });
    const methods = ['init', 'run'].every((name) => typeof instance[name] === typeof node[name]);
    if (!methods || JSON.stringify(instance) !== JSON.stringify(node)) wrong.push(node.name);
  }
  return { count: nodes.length, wrong };
}

main().then((answer) => process.stdout.write(JSON.stringify(answer), () => process.exit(0)));
