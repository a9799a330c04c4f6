'use strict';

const fs = require('node:fs');
const path = require('node:path');

/**
 * Which Flowise this image holds: Flowise 3.1.4, or the fork that `app.distribution` describes. The stack hands the
 * description over as JSON in `FLOWISE_DISTRIBUTION`; without it everything is as for Flowise itself.
 *
 * @typedef {object} Distribution
 * @property {string} package of the server, below `node_modules`
 * @property {string} componentsPackage of the nodes
 * @property {string} version of the server (`app.flowise_version`); empty when nothing was described
 * @property {string} program below the image's root
 * @property {number} nodeMajor
 * @property {'refuse' | 'aside'} guards what becomes of a guard that does not fit
 * @property {string} livenessPath
 */

/** @type {Distribution} */
const FLOWISE = {
  package: 'flowise',
  componentsPackage: 'flowise-components',
  version: '',
  program: 'node_modules/flowise/bin/run',
  nodeMajor: 24,
  guards: 'refuse',
  livenessPath: '/api/v1/ping',
};

/** @returns {Distribution} */
function distribution() {
  const text = process.env.FLOWISE_DISTRIBUTION;
  if (!text) return FLOWISE;
  try {
    return { ...FLOWISE, ...JSON.parse(text) };
  } catch {
    throw new Error('FLOWISE_DISTRIBUTION is no JSON: the stack sets it from app.distribution, nothing else may');
  }
}

const isDescribed = () => Boolean(process.env.FLOWISE_DISTRIBUTION);

/**
 * @param {string} name of a file below `node_modules`, as Flowise 3.1.4 has it
 * @returns {string} as this image has it
 */
function here(name) {
  const { package: server, componentsPackage } = distribution();
  return name.replace(/^flowise-components(?=\/)/, componentsPackage).replace(/^flowise(?=\/)/, server);
}

/** @param {string} program what Node runs */
function isProgram(program) {
  if (!isDescribed()) return /[\\/]flowise[\\/]bin[\\/]run(\.js)?$/.test(program);
  const wanted = `/${distribution().program}`;
  return [program, program.replace(/\.js$/, '')].some((each) => each.replaceAll(path.sep, '/').endsWith(wanted));
}

/**
 * @param {string} root of the image
 * @returns {string[]} what of this image is not as described, a line each
 */
function findDifferences(root) {
  const { package: name, version, nodeMajor } = distribution();
  const lines = [];
  const major = Number(process.versions.node.split('.')[0]);
  if (major !== nodeMajor) lines.push(`app.distribution.node_major is ${nodeMajor}, and the image has Node.js ${major}`);
  const file = path.join(root, 'node_modules', name, 'package.json');
  if (!fs.existsSync(file)) {
    lines.push(`app.distribution.package is ${name}, and ${file} does not exist`);
    return lines;
  }
  const held = JSON.parse(fs.readFileSync(file, 'utf8')).version;
  if (held !== version) lines.push(`app.flowise_version is ${version}, and the image holds ${name} ${held}`);
  return lines;
}

module.exports = { distribution, findDifferences, here, isDescribed, isProgram };
