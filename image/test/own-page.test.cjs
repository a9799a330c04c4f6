'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { withoutForeign } = require('../scripts/own-page.cjs');

for (const [what, tag] of [
  ['script', '<script async src="https://counter.example/rw.js" data-id="1"></script>'],
  ['style', '<link\r\n  href="https://fonts.example/css2?family=Inter"\r\n  rel="stylesheet"\r\n/>'],
  ['connection', '<link rel="preconnect" href="https://fonts.example" />'],
]) {
  test(`a ${what} of another host leaves the page`, () => {
    assert.equal(withoutForeign(`<head>\r\n  ${tag}\r\n</head>`), '<head>\r\n</head>');
  });
}

for (const tag of [
  '<script type="module" src="/assets/index.js"></script>',
  '<link rel="stylesheet" href="/assets/index.css">',
  '<script>var src = "https://a.example"</script>',
  '<meta property="og:url" content="https://flow.example/" />',
]) {
  test(`${tag} stays`, () => assert.equal(withoutForeign(tag), tag));
}
